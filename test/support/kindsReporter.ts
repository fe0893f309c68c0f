import { availableParallelism } from "node:os";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { markdownTable } from "markdown-table";
import type { Reporter, TestModule } from "vitest/node";

const tests = fileURLToPath(new URL("../", import.meta.url));

interface Cost {
  readonly files: number;
  readonly tests: number;
  readonly seconds: number;
}

/** Says at the end of a run how long each kind of test has taken: each folder below test/. */
export default class KindsReporter implements Reporter {
  private startedAt = 0;

  onTestRunStart(): void {
    this.startedAt = performance.now();
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const wall = (performance.now() - this.startedAt) / 1_000;
    console.log(`\n${kindsTable(modules.map((each) => [kindOf(each.moduleId), costOf(each)]))}`);
    console.log(`wall time ${wall.toFixed(0)} s on ${availableParallelism()} cores`);
  }
}

/** @param costs the kind and the cost of each file @returns a line for each kind, the longest first, then their sum */
function kindsTable(costs: readonly (readonly [kind: string, cost: Cost])[]): string {
  const kinds = [...new Set(costs.map(([kind]) => kind))]
    .map((kind) => [kind, sum(costs.filter(([each]) => each === kind).map(([, cost]) => cost))] as const)
    .sort(([, one], [, other]) => other.seconds - one.seconds);
  const lines = [...kinds, ["all", sum(costs.map(([, cost]) => cost))] as const].map(
    ([kind, { files, tests, seconds }]) => [kind, String(files), String(tests), seconds.toFixed(1)],
  );
  return markdownTable([["kind", "files", "tests", "seconds"], ...lines], { align: ["l", "r", "r", "r"] });
}

function kindOf(file: string): string {
  return dirname(relative(tests, file)).replaceAll("\\", "/");
}

function costOf(module: TestModule): Cost {
  const { environmentSetupDuration, prepareDuration, setupDuration, collectDuration, duration } =
    module.diagnostic();
  const ms = environmentSetupDuration + prepareDuration + setupDuration + collectDuration + duration;
  return { files: 1, tests: [...module.children.allTests()].length, seconds: ms / 1_000 };
}

function sum(costs: readonly Cost[]): Cost {
  const total = (key: keyof Cost) => costs.reduce((all, cost) => all + cost[key], 0);
  return { files: total("files"), tests: total("tests"), seconds: total("seconds") };
}
