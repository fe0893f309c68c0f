import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goBuild, run } from "../../scripts/engine/build.mjs";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The built provider plugin, as `packages: { kompliant: FOLDER }` of Pulumi.yaml takes it. */
export const PLUGIN = at("provider/dist/plugin");

/**
 * The plugin's SDKs as `pulumi package add` generates them, in the folders `nodejs`, `python` and `go` of a new folder.
 * Rejects if Pulumi finds anything wrong with the schema.
 */
export async function generateSdks(): Promise<{ folder: string } & AsyncDisposable> {
  // Inside the repository, so that the one for Node.js finds Pulumi's SDK.
  const local = at(".pulumi-local");
  await mkdir(local, { recursive: true });
  const folder = await mkdtemp(join(local, "sdks-"));
  const dispose = () => rm(folder, { recursive: true });
  try {
    await generateInto(folder);
    return { folder, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function generateInto(folder: string): Promise<void> {
  const [module, generator] = [at("scripts/engine"), join(folder, "generate.exe")];
  const main = at("test/support/generateSdks.go");
  await goBuild({ module, main, target: generator, env: process.env });
  await run(generator, [join(PLUGIN, "schema.json"), folder], { env: process.env });
  // The SDK for Go with the versions of everything that the tests have.
  const sdk = join(folder, "go");
  const [, name = ""] = /^module (.*)$/m.exec(await readFile(join(sdk, "go.mod"), "utf8")) ?? [];
  const pinned = await readFile(join(module, "go.mod"), "utf8");
  await writeFile(join(sdk, "go.mod"), pinned.replace(/^module .*$/m, `module ${name}`));
  await copyFile(join(module, "go.sum"), join(sdk, "go.sum"));
}
