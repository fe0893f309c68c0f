import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { printed } from "./printed.js";

const provider = fileURLToPath(new URL("../../provider/", import.meta.url));
const consumers = fileURLToPath(new URL("../package/consumers/", import.meta.url));

/** The package as it would be published. */
export interface Tarball {
  readonly path: string;
  /** What is in it, sorted; with slashes. */
  readonly files: readonly string[];
  [Symbol.dispose](): void;
}

/** Packs `provider/` as `npm publish` does. */
export function pack(): Tarball {
  const folder = mkdtempSync(join(tmpdir(), "kompliant-tarball-"));
  const [{ filename, files }] = JSON.parse(npm(provider, "pack", "--json", "--pack-destination", folder));
  return {
    path: join(folder, filename),
    files: files.map(({ path }: { path: string }) => path).sort(),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** Somebody else's project: away from this repository, so that none of its packages can be found from there. */
export interface Project {
  readonly folder: string;
  [Symbol.dispose](): void;
}

/**
 * Makes a project with the programs of test/package/consumers in it, and installs packages.
 *
 * @param packages as `npm install` takes them
 */
export function createProject(...packages: readonly string[]): Project {
  const folder = mkdtempSync(join(tmpdir(), "kompliant-consumer-"));
  cpSync(consumers, folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", ...packages);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** What npm printed; an error with all that it said if it failed. */
function npm(folder: string, ...args: readonly string[]): string {
  // `npm test` tells its children which project they are in, and this is another one.
  const all = [...args, "--prefix", folder];
  const shell = process.platform === "win32";
  const { status, stdout, stderr } = spawnSync("npm", all, { cwd: folder, encoding: "utf8", shell });
  if (status !== 0) throw new Error(`npm ${all.join(" ")} failed:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Runs a command in a project. */
export function runIn({ folder }: Project, command: string, ...args: readonly string[]) {
  const shell = process.platform === "win32" && command !== process.execPath;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8", shell });
  return { status, stdout: printed(stdout), stderr: printed(stderr) };
}
