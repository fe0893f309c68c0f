import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findEngine } from "../scripts/engine/engine.mjs";
import { type Case, type Life, live } from "./deployment.js";
import { findPostgres, startPostgres } from "./postgres.js";
import { type Results, report } from "./report.js";
import { liveInStacks } from "./stacks.js";
import { measureStartup } from "./startup.js";
import { SILENT, VARIANTS, type Variant } from "./variants.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    sizes: { type: "string" },
    parallel: { type: "string" },
    before: { type: "string" },
  },
});
const whole = (text: string, name: string) => {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`--${name} takes whole numbers from 1, and not "${text}"`);
  process.exit(1);
};
const sizes = (values.sizes ?? (values.quick ? "1,20" : "1,20,100,400"))
  .split(",")
  .map((size) => whole(size, "sizes"));
const rounds = whole(values.rounds ?? (values.quick ? "1" : "3"), "rounds");
const parallel = values.parallel === undefined ? {} : { parallel: whole(values.parallel, "parallel") };
const latencies = values.quick ? [0] : [0, 50];
/** From this size on once is enough: a run takes minutes, beside which a second's noise is nothing. */
const ONCE_FROM = 400;
/** Only a run of everything may replace what is published. */
const published =
  !values.quick && values.sizes === undefined && values.parallel === undefined && values.before === undefined;
const GROWN = 1_000;
const STACKS = 50;

const earlier = values.before === undefined ? {} : { before: earlierBuild(values.before) };
const compared: readonly Variant[] =
  values.before === undefined
    ? VARIANTS.filter((variant) => variant !== "before")
    : ["floor", "before", "ours", "plugin"];

/** @returns the whole path of a checkout that is built */
function earlierBuild(folder: string): string {
  // npm runs its scripts in the repository, wherever it was started.
  const path = resolve(process.env["INIT_CWD"] ?? ".", folder);
  const needed = ["test/support/engine.ts", "node_modules/pulumi-kompliant", "provider/dist"];
  const missing = needed.find((each) => !existsSync(join(path, each)));
  if (missing === undefined) return path;
  console.error(`--before takes an earlier checkout, installed and built: ${path} has no ${missing}`);
  process.exit(1);
}

const cases: Case[] = sizes.flatMap((size) =>
  latencies.flatMap((latencyMs) =>
    compared
      .filter((variant) => latencyMs === 0 || !SILENT.includes(variant))
      .map((variant) => ({
        variant,
        size,
        latencyMs,
        ...parallel,
        ...earlier,
      })),
  ),
);
const plan: Case[] = [
  ...Array.from({ length: rounds }, (_, round) => {
    const due = cases.filter(({ size }) => round === 0 || size < ONCE_FROM);
    // Whatever changes on the machine in the meantime is not to hit always the same ones.
    return round % 2 === 0 ? due : due.toReversed();
  }).flat(),
  ...(published
    ? (["floor", "ours"] as const).map((variant) => ({ variant, size: GROWN, latencyMs: 0 }))
    : []),
];

const lives: (Case & Life)[] = [];
for (const [i, what] of plan.entries()) {
  const started = performance.now();
  lives.push({ ...what, ...(await live(what)) });
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(
    `${i + 1} of ${plan.length}: ${what.variant}, ${what.size} endpoints, ${what.latencyMs} ms (${seconds} s)`,
  );
}
const order = (a: Case, b: Case) => a.size - b.size || a.latencyMs - b.latencyMs;
const results: Results = {
  machine: {
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    engine: (await findEngine({ log: () => {} })).version,
    sdk: createRequire(import.meta.url)("@pulumi/pulumi/package.json").version,
    system: `${process.platform} ${process.arch}`,
  },
  lives: lives.toSorted(order),
  startup: measureStartup(values.quick ? 5 : 21),
  fleets: published ? await fleets() : "only a run of everything does",
};

async function fleets(): Promise<Results["fleets"]> {
  const found = findPostgres();
  if ("missing" in found) {
    console.log(`stacks on PostgreSQL are left out: ${found.missing}`);
    return found.missing;
  }
  await using server = await startPostgres(found.bin);
  const one = await liveInStacks({ variant: "ours", stacks: 1, size: GROWN, sideBySide: 1 }, server.url);
  console.log(`${GROWN} endpoints in one stack on PostgreSQL`);
  const sideBySide = 2 * availableParallelism();
  const many = await liveInStacks({ variant: "ours", stacks: STACKS, size: GROWN, sideBySide }, server.url);
  console.log(`${GROWN} endpoints in ${STACKS} stacks on PostgreSQL`);
  return { server: server.version, samples: [...one, ...many] };
}

const folder = at(published ? "results/" : "../.pulumi-local/bench/");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "results.json"), `${JSON.stringify(results, undefined, 1)}\n`);
const tables = report(results);
console.log(`\n${tables}`);
if (published) {
  const page = at("../docs/benchmarks.md");
  const between = /(<!-- the bench writes from here -->)[\s\S]*(<!-- to here -->)/;
  writeFileSync(
    page,
    readFileSync(page, "utf8").replace(between, (_, start, end) => `${start}\n\n${tables}\n\n${end}`),
  );
}
const chart = spawnSync(process.execPath, [at("chart.mjs"), folder], { stdio: "inherit" });
process.exitCode = chart.status ?? 1;
