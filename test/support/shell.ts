import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { findEngine } from "../../scripts/engine/engine.mjs";
import { printed } from "./printed.js";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const bin = at("provider/dist/cli/main.js");

let path: Promise<string> | undefined;

/** What became of a command. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Commands as a user types them, in one folder and one environment. */
export interface Shell {
  pulumi(...args: string[]): Promise<Ended>;
  /** `pulumi-kompliant`. */
  kompliant(...args: string[]): Promise<Ended>;
  /** A script, run as GitHub Actions runs a step: its first failure ends it. */
  script(lines: string, env?: Readonly<Record<string, string>>): Promise<Ended>;
}

/**
 * @param env what the commands see besides this process's own environment, from which nothing of Kompliant is taken
 */
export async function shellIn(folder: string, env: Readonly<Record<string, string>>): Promise<Shell> {
  path ??= searchPath();
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("KOMPLIANT_"));
  const all = { ...Object.fromEntries(inherited), ...env, PATH: await path };
  const run = async (file: string, args: readonly string[], more = {}): Promise<Ended> => {
    const child = spawn(file, args, {
      cwd: folder,
      env: { ...all, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [[code], out, err] = await Promise.all([
      once(child, "close"),
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code, out: printed(out), err: printed(err) };
  };
  return {
    pulumi: (...args) => run("pulumi", args),
    kompliant: (...args) => run(process.execPath, [bin, ...args]),
    script: (lines, more) => run("bash", ["-e", "-c", lines], more),
  };
}

/** PATH with the engine on it, its language host, and the repository's commands. */
async function searchPath(): Promise<string> {
  const { root } = await findEngine({ log: () => {} });
  const path = [
    ...(root === undefined ? [] : [join(root, "bin")]),
    at("node_modules/.bin"),
    dirname(process.execPath),
    process.env["PATH"] ?? "",
  ].join(delimiter);
  const found = spawnSync("pulumi-language-nodejs", ["--help"], { env: { ...process.env, PATH: path } });
  return found.error === undefined ? path : `${await languageHost()}${delimiter}${path}`;
}

/** A folder with a language host, for an engine that has come without one. */
async function languageHost(): Promise<string> {
  const folder = at(".pulumi-local/language-host");
  const file = join(folder, "pulumi-language-nodejs");
  await mkdir(folder, { recursive: true });
  const script = at("test/support/languageHost.cjs");
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  await chmod(file, 0o755);
  return folder;
}
