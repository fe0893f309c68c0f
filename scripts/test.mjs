// `npm test [-- vitest's arguments]`: tests, on a machine that may have nothing but Node.js and npm.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [, , ...given] = process.argv;
const chosen = given.length > 0 ? given : ["--project=!thorough*"];

try {
  prepare();
  const { findEngine } = await import("./engine/engine.mjs");
  const engine = await findEngine();
  console.log(`Pulumi engine ${engine.version}, ${engine.how}`);
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exit(1);
}
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const { status } = spawnSync(process.execPath, [vitest, "run", ...chosen], { cwd: root, stdio: "inherit" });
process.exit(status ?? 1);
