// `npm run bench [-- --quick --rounds N --sizes 1,20 --parallel N]`: what this package costs, measured with the real engine.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { npm, prepare } from "./prepare.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

try {
  prepare();
  if (!existsSync(join(root, "bench", "node_modules"))) {
    console.log("installing what the chart is drawn with (bench/package-lock.json) …");
    npm(["ci", "--prefix", "bench", "--no-audit", "--no-fund"]);
  }
  const { findEngine } = await import("./engine/engine.mjs");
  const engine = await findEngine();
  console.log(`Pulumi engine ${engine.version}, ${engine.how}`);
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exit(1);
}
const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
const { status } = spawnSync(
  process.execPath,
  [tsx, join(root, "bench", "main.mts"), ...process.argv.slice(2)],
  {
    stdio: "inherit",
  },
);
process.exit(status ?? 1);
