// Before `npm pack` and `npm publish` in provider/: the package takes a fresh build and this repository's README.
import { copyFileSync, renameSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

const readme = fileURLToPath(new URL("../README.md", import.meta.url));
const packed = fileURLToPath(new URL("../provider/README.md", import.meta.url));

try {
  prepare();
  // In one step: another `npm pack` may be reading it.
  copyFileSync(readme, `${packed}.${process.pid}`);
  renameSync(`${packed}.${process.pid}`, packed);
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
