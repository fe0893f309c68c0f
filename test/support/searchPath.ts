import { spawnSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findEngine } from "../../scripts/engine/engine.mjs";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

let path: Promise<string> | undefined;

/** PATH with the engine on it, language hosts, and the repository's commands. */
export function searchPath(): Promise<string> {
  path ??= findAll();
  return path;
}

async function findAll(): Promise<string> {
  const { root } = await findEngine({ log: () => {} });
  const found = [
    ...(root === undefined ? [] : [join(root, "bin")]),
    at("node_modules/.bin"),
    dirname(process.execPath),
    process.env["PATH"] ?? "",
  ].join(delimiter);
  const env = { ...process.env, PATH: found };
  const missing = ["nodejs", "python", "go"].filter(
    (language) => spawnSync(`pulumi-language-${language}`, ["--help"], { env }).error !== undefined,
  );
  const stand = await Promise.all(missing.map(languageHost));
  return [...stand, found].join(delimiter);
}

/** A folder with a language host, for an engine that has come without one. */
async function languageHost(language: string): Promise<string> {
  const folder = at(`.pulumi-local/language-host/${language}`);
  const file = join(folder, `pulumi-language-${language}`);
  await mkdir(folder, { recursive: true });
  const script = at("test/support/languageHost.cjs");
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${script}" ${language} "$@"\n`);
  await chmod(file, 0o755);
  return folder;
}
