import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What runs in `npm run test:all` only: what takes long, and what rarely breaks. */
const thorough = [
  "test/bench/**/*.test.ts",
  "test/cli/drift.test.ts",
  "test/cli/import.test.ts",
  "test/cli/plugin.test.ts",
  "test/contract/record.test.ts",
  "test/engine-helper/**/*.test.ts",
  "test/engine/examples.test.ts",
  "test/engine/kills.test.ts",
  "test/engine/languages.test.ts",
  "test/engine/lookups.test.ts",
  "test/engine/pipeline.test.ts",
  "test/engine/plugin/**/*.test.ts",
  "test/engine/rejected.test.ts",
  "test/engine/root.test.ts",
  "test/engine/sdks.test.ts",
  "test/engine/secrets.test.ts",
  "test/engine/webhookKeys.test.ts",
  "test/model/engine.test.ts",
  "test/package/**/*.test.ts",
  "test/quickstart/**/*.test.ts",
  "test/supply/**/*.test.ts",
];

/** What tries random cases: few of them before a commit, many in `npm run test:all`. */
const random = ["test/lifecycle/soak.test.ts", "test/model/hostile*.test.ts", "test/model/shell.test.ts"];

/** Exact counts of the calls of concurrent work with the engine, which another load on the machine could change. */
const counted = ["test/engine/webhookConfig.test.ts", "test/engine/webhookConfigSet.test.ts"];

/** What holds for both shells: it runs once more for the plugin. */
const bothShells = [
  "declarations",
  "faults",
  "handover",
  "keyAnswers",
  "keyFaults",
  "keyRotation",
  "keys",
  "kills",
  "lostAnswers",
  "refreshes",
  "renames",
  "replacements",
  "setFaults",
  "setSurprises",
  "sets",
  "takeover",
  "trades",
].map((name) => `test/lifecycle/${name}.test.ts`);
const thoroughOfBoth = [
  "test/contract/record.test.ts",
  "test/lifecycle/soak.test.ts",
  "test/model/played.test.ts",
];

/** What only the plugin does, as the model of the engine sees it. */
const ofPlugin = ["test/lifecycle/ofPlugin.test.ts"];

const tests = "test/**/*.test.ts";

/** What takes minutes. */
const longest = ["test/contract/record.test.ts", "test/engine/examples.test.ts", "test/cli/drift.test.ts"];

/** Begins with the longest files, so that no core is idle at the end. Vitest goes by their sizes, which do not tell. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longest.some((name) => moduleId.endsWith(name));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    setupFiles: ["test/support/printedCheck.ts"],
    globalSetup: ["test/support/seed.ts"],
    sequence: { sequencer: LongestFirst },
    reporters: [
      "default",
      ...(process.env["GITHUB_ACTIONS"] === "true" ? ["github-actions"] : []),
      "./test/support/kindsReporter.ts",
    ],
    // Vitest leaves one core idle, which of two is half of the machine.
    maxWorkers: availableParallelism(),
    // The package under test is used as it is published, CommonJS from dist; vite must not transform it.
    server: { deps: { external: [/\/provider\/dist\//, /node_modules/] } },
    // A run of the engine takes 2 to 3 seconds on an idle machine, and some tests need a dozen of them.
    testTimeout: 180_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: "commit", include: [tests], exclude: [...thorough, ...counted, ...ofPlugin] },
      },
      {
        extends: true,
        test: {
          name: "commit, plugin",
          include: ["test/contract/model.test.ts", ...bothShells, ...ofPlugin],
          env: { TEST_SHELL: "plugin" },
        },
      },
      { extends: true, test: { name: "commit, alone", include: counted, fileParallelism: false } },
      {
        extends: true,
        test: { name: "thorough", include: [...thorough, ...random], env: { TEST_CASES: "many" } },
      },
      {
        extends: true,
        test: {
          name: "thorough, plugin",
          include: thoroughOfBoth,
          env: { TEST_SHELL: "plugin", TEST_CASES: "many" },
        },
      },
    ],
  },
});
