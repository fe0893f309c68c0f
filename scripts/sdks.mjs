// `node scripts/sdks.mjs FOLDER`: the SDKs of the last build's plugin, ready to be published, one file for each language.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ENGINE_VERSION, findEngine } from "./engine/engine.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const schema = join(root, "provider", "dist", "plugin", "schema.json");
const target = resolve(process.argv[2] ?? "sdks");
const { language } = JSON.parse(readFileSync(schema, "utf8"));
const { root: engine } = await findEngine();
const env = { ...process.env };
if (engine !== undefined) env["PATH"] = [join(engine, "bin"), env["PATH"]].join(delimiter);

/** @type {Record<string, (sdk: string) => void>} */
const packing = {
  nodejs: (sdk) => {
    run(sdk, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund");
    run(sdk, "npm", "exec", "--no", "--", "tsc");
    for (const name of ["package.json", "README.md", "LICENSE"])
      copyFileSync(join(sdk, name), join(sdk, "bin", name));
    run(join(sdk, "bin"), "npm", "pack", "--pack-destination", target);
  },
  python: (sdk) => run(sdk, "python3", "-m", "pip", "wheel", "--no-deps", "--wheel-dir", target, "."),
  go: (sdk) => {
    const module = join(sdk, "kompliant");
    copyFileSync(join(sdk, "LICENSE"), join(module, "LICENSE"));
    run(module, "go", "mod", "init", language.go.importBasePath);
    // Programs need no newer SDK and Go than the engine at hand was built with.
    const sdkOfPulumi = `github.com/pulumi/pulumi/sdk/v3@v${ENGINE_VERSION}`;
    run(module, "go", "mod", "edit", "-go=1.25.11", `-require=${sdkOfPulumi}`);
    run(module, "go", "mod", "tidy");
    run(module, "go", "build", "./...");
    run(sdk, "tar", "-czf", join(target, "sdk-go.tar.gz"), "kompliant");
  },
};

const work = mkdtempSync(join(tmpdir(), "kompliant-sdks-"));
try {
  mkdirSync(target, { recursive: true });
  for (const [name, pack] of Object.entries(packing)) {
    run(root, "pulumi", "package", "gen-sdk", schema, "--language", name, "--out", work);
    const sdk = join(work, name);
    copyFileSync(join(root, "LICENSE"), join(sdk, "LICENSE"));
    writeFileSync(
      join(sdk, "README.md"),
      "Generated from the schema of [pulumi-kompliant](https://github.com/kompliant/pulumi-kompliant), which says how to use it.\n",
    );
    pack(sdk);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** @param {string} folder @param {string} command @param {string[]} args */
function run(folder, command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: folder, env, stdio: "inherit" });
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`);
}
