import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** What a build writes last: while it is older than a source, or missing, something else may be too. */
const LAST_BUILT = join(root, "provider", "dist", "plugin", "pulumi-resource-kompliant.cmd");

/** Installs and builds whatever is missing or older than its sources, so that each command works on its own. */
export function prepare() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node.js 20.19 or later is needed; this is ${process.versions.node}`);
  }
  const installed = join(root, "node_modules", ".package-lock.json");
  if (changed(join(root, "package-lock.json")) > changed(installed)) {
    console.log("installing the packages of package-lock.json (npm ci) …");
    npm(["ci", "--no-audit", "--no-fund"]);
  }
  // The plugin contains code of packages.
  const sources = ["provider/src", "provider/package.json", "scripts/bundles.mjs", "scripts/licences.mjs"];
  if (
    Math.max(changed(installed), ...sources.map((path) => newest(join(root, path)))) > changed(LAST_BUILT)
  ) {
    console.log("building the package (npm run build) …");
    npm(["run", "--silent", "build"]);
  }
}

/** @param {string[]} args */
export function npm(args) {
  // npm names its own script in the environment; starting that needs no shell on any system.
  const script = process.env["npm_execpath"];
  const { status } =
    script === undefined
      ? spawnSync("npm", args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" })
      : spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed; what it printed above says why`);
}

/** @param {string} path @returns {number} 0 if there is nothing */
function changed(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** @param {string} path @returns {number} */
function newest(path) {
  if (!existsSync(path) || !statSync(path).isDirectory()) return changed(path);
  return Math.max(
    0,
    ...readdirSync(path, { recursive: true }).map((name) => changed(join(path, String(name)))),
  );
}
