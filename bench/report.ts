import { markdownTable } from "markdown-table";
import type { Counts } from "../test/support/calls.js";
import {
  accountsOf,
  type Case,
  endpointsOf,
  type Life,
  OPERATIONS,
  type Operation,
  type Sample,
} from "./deployment.js";
import { fewestCalls } from "./minimum.js";
import type { FleetSample } from "./stacks.js";
import type { Startup } from "./startup.js";
import { SILENT, VARIANTS, type Variant } from "./variants.js";

/** All that a run of the bench has measured, as it is written to results.json. */
export interface Results {
  readonly machine: {
    readonly cores: number;
    readonly memoryGb: number;
    readonly node: string;
    readonly engine: string;
    readonly sdk: string;
    readonly system: string;
  };
  readonly lives: readonly (Case & Life)[];
  readonly startup: Startup;
  /** Or why there are none. */
  readonly fleets: { readonly server: string; readonly samples: readonly FleetSample[] } | string;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The report in Markdown, also good to read in a terminal. */
export function report(results: Results): string {
  const { machine, startup, fleets } = results;
  return [
    `${machine.cores} cores, ${machine.memoryGb} GB of memory, ${machine.system}; Node.js ${machine.node}, engine ${machine.engine}, SDK ${machine.sdk}.`,
    "## Time",
    "Seconds for the floor; for the others, times the floor's, with seconds in brackets.",
    times(results),
    "## CPU",
    "Seconds for ours, of the program, the engine and the provider together; for the plugin, times that, with seconds in brackets.",
    cpu(results),
    "## API calls",
    calls(results),
    "## State and memory",
    sizes(results),
    "## Start-up",
    `Loading \`pulumi-kompliant/dynamic\` takes ${Math.round(median(startup.ours))} ms over what the SDK loads itself (median of ${startup.ours.length} fresh processes; the floor's module, ${median(startup.floor).toFixed(1)} ms).`,
    "## Growth",
    "Milliseconds for each resource.",
    growth(results),
    typeof fleets === "string"
      ? `Stacks on PostgreSQL were not measured: ${fleets}.`
      : `PostgreSQL: ${fleets.server}.`,
  ].join("\n\n");
}

function samplesOf(
  { lives }: Results,
  variant: Variant,
  size: number,
  latencyMs: number,
  operation: Operation,
): readonly Sample[] {
  const latency = SILENT.includes(variant) ? 0 : latencyMs;
  return lives
    .filter((life) => life.variant === variant && life.size === size && life.latencyMs === latency)
    .flatMap(({ samples }) => samples.filter((sample) => sample.operation === operation));
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** The variants that were deployed. */
function comparedIn({ lives }: Results): Variant[] {
  return VARIANTS.filter((variant) => lives.some((life) => life.variant === variant));
}

/** The sizes and latencies that were measured, and what was done with each. */
function stepsOf({ lives }: Results) {
  return distinct(lives.map(({ size }) => size)).flatMap((size) =>
    distinct(lives.filter((life) => life.size === size).map(({ latencyMs }) => latencyMs)).flatMap(
      (latencyMs) => OPERATIONS.map((operation) => ({ size, latencyMs, operation })),
    ),
  );
}

function times(results: Results): string {
  const [, ...others] = comparedIn(results);
  const rows = stepsOf(results).map(({ size, latencyMs, operation }) => {
    const seconds = (variant: Variant) => {
      const samples = samplesOf(results, variant, size, latencyMs, operation);
      return samples.length === 0 ? undefined : median(samples.map(({ ms }) => ms)) / 1_000;
    };
    const floor = seconds("floor") ?? Number.NaN;
    const ratios = others.map((variant) => {
      const value = seconds(variant);
      return value === undefined ? "" : `${(value / floor).toFixed(2)} (${value.toFixed(1)})`;
    });
    const rounds = samplesOf(results, "floor", size, 0, operation).length;
    return [size, `${latencyMs} ms`, operation, rounds, floor.toFixed(1), ...ratios].map(String);
  });
  return tableOf(["endpoints", "API latency", "operation", "rounds", "floor", ...others], rows, [
    "operation",
  ]);
}

function cpu(results: Results): string {
  const rows = stepsOf(results).flatMap(({ size, latencyMs, operation }) => {
    const [ours, plugin] = (["ours", "plugin"] as const).map((variant) => {
      const taken = samplesOf(results, variant, size, latencyMs, operation).flatMap(
        (sample) => sample.taken ?? [],
      );
      return median(taken.map(({ cpuSeconds }) => cpuSeconds));
    });
    if (ours === undefined || plugin === undefined || Number.isNaN(ours + plugin)) return [];
    const ratio = `${(plugin / ours).toFixed(2)} (${plugin.toFixed(1)})`;
    return [[size, `${latencyMs} ms`, operation, ours.toFixed(1), ratio].map(String)];
  });
  return tableOf(["endpoints", "API latency", "operation", "ours", "plugin"], rows, ["operation"]);
}

function calls(results: Results): string {
  const callers = comparedIn(results).filter((variant) => !SILENT.includes(variant));
  const rows = stepsOf(results).map(({ size, latencyMs, operation }) => {
    const accounts = accountsOf(endpointsOf(size)).length;
    const made = callers.map((variant) =>
      inWords(samplesOf(results, variant, size, latencyMs, operation).map((sample) => sample.calls)),
    );
    const fewest = inWords([fewestCalls(operation, size, accounts)]);
    return [String(size), String(accounts), `${latencyMs} ms`, operation, fewest, ...made];
  });
  const texts = ["operation", "fewest", ...callers];
  return tableOf(["endpoints", "accounts", "API latency", ...texts], rows, texts);
}

/** @param texts the headings of what are no numbers */
function tableOf(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  texts: readonly string[],
): string {
  const align = headings.map((heading) => (texts.includes(heading) ? "l" : "r"));
  return markdownTable([headings, ...rows], { align });
}

/** What all rounds have called; a method that not all have called equally often, from the fewest to the most. */
function inWords(rounds: readonly Counts[]): string {
  if (rounds.length === 0) return "";
  const made = (["create", "get", "list", "update", "delete"] as const).flatMap((method) => {
    const counts = rounds.map((each) => each[method]);
    const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
    if (most === 0) return [];
    return [`${fewest === most ? most : `${fewest} to ${most}`} ${method}`];
  });
  return made.length === 0 ? "none" : made.join(", ");
}

function sizes(results: Results): string {
  const { lives } = results;
  const all = distinct(lives.map(({ size }) => size));
  const bytesOf = (variant: Variant) =>
    median(lives.filter((life) => life.variant === variant).map(({ stateBytes }) => stateBytes));
  const rows = comparedIn(results).map((variant) => {
    const peaks = all.map((size) => {
      const found = OPERATIONS.flatMap((operation) => samplesOf(results, variant, size, 0, operation));
      const known = found.flatMap(({ taken }) => taken?.peakBytes || []);
      if (found.length === 0) return "";
      return known.length === 0 ? "not measured" : `${Math.round(Math.max(...known) / 1e6)} MB`;
    });
    const bytes = bytesOf(variant);
    return [variant, Math.round(bytes).toString(), (bytes / bytesOf("floor")).toFixed(2), ...peaks];
  });
  const headings = [
    "",
    "state bytes a resource",
    "times the floor",
    ...all.map((size) => `peak memory, ${size}`),
  ];
  return tableOf(headings, rows, [""]);
}

function growth(results: Results): string {
  const { lives, fleets } = results;
  const inOne = distinct(lives.map(({ size }) => size)).flatMap((size) =>
    (["floor", "ours"] as const).map((variant) => [
      variant,
      `${size} in one stack, a folder`,
      ...OPERATIONS.map((operation) => {
        const samples = samplesOf(results, variant, size, 0, operation);
        return samples.length === 0 ? "" : (median(samples.map(({ ms }) => ms)) / size).toFixed(0);
      }),
    ]),
  );
  const samples = typeof fleets === "string" ? [] : fleets.samples;
  const inMany = distinct(samples.map(({ variant, stacks }) => `${variant}/${stacks}`)).map((key) => {
    const own = samples.filter(({ variant, stacks }) => `${variant}/${stacks}` === key);
    const [{ variant, stacks, size, sideBySide } = samples[0] as FleetSample] = own;
    const where =
      stacks === 1
        ? `${size} in one stack, PostgreSQL`
        : `${size} in ${stacks} stacks, PostgreSQL, ${sideBySide} at a time`;
    return [
      variant,
      where,
      ...OPERATIONS.map((operation) => {
        const sample = own.find((each) => each.operation === operation);
        return sample === undefined ? "" : (sample.ms / size).toFixed(0);
      }),
    ];
  });
  return tableOf(["", "endpoints", ...OPERATIONS], [...inOne, ...inMany], ["", "endpoints"]);
}
