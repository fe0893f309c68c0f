// `node scripts/pluginArchives.mjs FOLDER`: what a release offers for download, from the last build.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const provider = fileURLToPath(new URL("../provider", import.meta.url));
const PLATFORMS = ["linux", "darwin", "windows"].flatMap((os) =>
  ["amd64", "arm64"].map((architecture) => `${os}-${architecture}`),
);

/**
 * Writes the plugin's archives by the names that Pulumi asks for. All of them are the same: Node runs the script
 * everywhere, and of the two launchers each system takes its own.
 *
 * @param {string} folder where to; it is made if there is none
 * @returns {string[]} their names
 */
export function writeArchives(folder) {
  const { version } = JSON.parse(readFileSync(join(provider, "package.json"), "utf8"));
  const names = PLATFORMS.map((platform) => `pulumi-resource-kompliant-v${version}-${platform}.tar.gz`);
  const [first = "", ...others] = names;
  const plugin = join(provider, "dist", "plugin");
  mkdirSync(folder, { recursive: true });
  // The name alone, since `tar` may take what is before a colon for a machine.
  const { status, error, stderr } = spawnSync("tar", ["-czf", first, "-C", plugin, ...readdirSync(plugin)], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`tar failed: ${error?.message ?? stderr}`);
  for (const name of others) copyFileSync(join(folder, first), join(folder, name));
  return names;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const name of writeArchives(resolve(process.argv[2] ?? "."))) console.log(name);
