import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The licences that a bundle has to carry: ours, and those of the packages whose code it copies.
 *
 * @param {string} root the repository's, or another folder that the paths are relative to
 * @param {readonly string[]} inputs the files that went into the bundle, as esbuild's metafile names them
 * @returns {string} each package once: its name, its version, and the text of its licence
 * @throws {Error} if a package brings no such text
 */
export function licences(root, inputs) {
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? []);
  return [...new Set(["provider", ...folders])]
    .map((folder) => licence(join(root, folder)))
    .sort()
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** @param {string} folder of a package @returns {string} */
function licence(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort();
  if (!files.some((file) => !/^notice/i.test(file)))
    throw new Error(
      `the plugin contains code of ${name} ${version}, whose package has no text of its licence`,
    );
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return `${name} ${version}\n\n${texts.join("\n\n")}\n`;
}
