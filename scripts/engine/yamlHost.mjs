import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildOnce, goBuild } from "./build.mjs";
import { cacheOf, ENGINE_VERSION, findEngine, firstLine } from "./engine.mjs";

/** The version that yaml/go.mod pins. */
const VERSION = "1.25.0";
const executable = process.platform === "win32" ? "pulumi-language-yaml.exe" : "pulumi-language-yaml";

/**
 * Finds the program by which the engine runs projects in YAML, or builds it. The official download of Pulumi has it
 * beside the engine.
 *
 * @param {Parameters<typeof findEngine>[0]} [options]
 * @returns {Promise<string>} the folder that it is in
 */
export async function findYamlHost({ log = console.log, env = process.env, ...options } = {}) {
  const { root } = await findEngine({ log, env, ...options });
  const own = root ?? join(cacheOf(env), ENGINE_VERSION);
  const bin = join(own, "bin");
  const target = join(bin, executable);
  const found = [bin, ...(env["PATH"] ?? "").split(delimiter)].find((folder) =>
    existsSync(join(folder, executable)),
  );
  if (found !== undefined) return found;
  try {
    await buildOnce({
      name: `pulumi-language-yaml ${VERSION} from its Go modules`,
      takes: "1 to 3 minutes on 2 cores",
      root: own,
      target,
      isBuilt: () => existsSync(target),
      build: (unfinished) =>
        goBuild({
          module: fileURLToPath(new URL("yaml", import.meta.url)),
          main: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
          target: unfinished,
          variables: { "github.com/pulumi/pulumi-yaml/pkg/version.Version": `v${VERSION}` },
          env,
        }),
      log,
    });
  } catch (error) {
    throw new Error(
      [
        `\`${executable}\` is needed, which runs programs in YAML; it is not in ${bin} and not on PATH.`,
        `Building it failed: ${firstLine(error)}`,
        "Install Pulumi, which brings it (https://www.pulumi.com/docs/install/), or Go 1.25.11 or later",
        "(https://go.dev/dl/), and run the same command again.",
      ].join("\n"),
    );
  }
  return bin;
}
