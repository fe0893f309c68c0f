import type { Fault } from "pulumi-kompliant/emulator";
import { mulberry32 } from "./virtualTime.js";

/** One deployment of an account, and all that goes wrong in it. */
export interface SoakPlan {
  readonly seed: number;
  /** What the account holds before: the stack's own by name, and those of others. */
  readonly before: ReadonlyMap<string, string>;
  readonly foreign: readonly string[];
  /** What the program then declares: name to URL. */
  readonly declared: ReadonlyMap<string, string>;
  readonly parallel: number;
  /** The deployment begins with a refresh. */
  readonly refreshes: boolean;
  readonly faults: readonly Fault[];
}

const at = (place: string) => `https://${place}.example.com/hook`;

/** @param seed everything about the plan comes from it */
export function soakPlan(seed: number): SoakPlan {
  const random = mulberry32(seed);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const pick = <T>(choices: readonly T[]): T => choices[upTo(choices.length - 1)] as T;
  const shuffled = <T>(items: readonly T[]): T[] =>
    items
      .map((item) => ({ item, rank: random() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ item }) => item);

  const names = Array.from({ length: 1 + upTo(6) }, (_, i) => `hook-${i}`);
  const before = new Map(names.map((name) => [name, at(name)]));
  const fates = new Map(names.map((name) => [name, pick(["stay", "move", "trade", "trade", "go"] as const)]));
  const traders = names.filter((name) => fates.get(name) === "trade");
  const places = shuffled(traders);
  const wanted = names.flatMap((name): [string, string][] => {
    switch (fates.get(name)) {
      case "go":
        return [];
      case "move":
        return [[name, at(`${name}-moved`)]];
      case "trade":
        return [[name, at(places[traders.indexOf(name)] ?? name)]];
      default:
        return [[name, at(name)]];
    }
  });
  const left = names.filter((name) => fates.get(name) === "move");
  const created = Array.from({ length: upTo(3) }, (_, i): [string, string] => {
    const inherited = random() < 0.4 ? left.pop() : undefined;
    return [`new-${i}`, at(inherited ?? `new-${i}`)];
  });
  const refreshes = random() < 0.25;
  return {
    seed,
    before,
    foreign: Array.from({ length: upTo(2) }, (_, i) => at(`foreign-${i}`)),
    declared: new Map(shuffled([...wanted, ...created])),
    parallel: pick([1, 2, 4, 8, 20]),
    refreshes,
    faults: Array.from({ length: 1 + upTo(4) }, () => fault(random, !refreshes)),
  };
}

/** @param stale whether a list may lag: across a refresh nobody could tell that from a deletion */
function fault(random: () => number, stale: boolean): Fault {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const calls = {
    method: pick(["create", "create", "update", "update", "delete", "list", "list", "*"] as const),
    nth: pick([1, 1, 2, 3, 4]),
    times: pick([1, 1, 1, 2, 3, 20]),
  };
  const commit = random() < 0.5;
  switch (
    pick([
      "drop",
      "drop",
      "reset",
      "cut",
      "never",
      "latency",
      "stale",
      "429",
      "gateway",
      "gateway",
      "garbled",
      "proxy",
    ])
  ) {
    case "drop":
      return { ...calls, effect: "drop", commit };
    case "reset":
      return { ...calls, effect: "reset", commit };
    case "cut":
      return { ...calls, effect: "cut" };
    case "never":
      return { ...calls, times: 1, effect: "never", commit };
    case "stale":
      if (stale) return { ...calls, method: "list", effect: "stale", behind: pick([1, 1, 2, 3]) };
      break;
    case "429":
      return { ...calls, effect: "status", status: 429, ...(commit ? { retryAfter: "1" } : {}) };
    case "gateway":
      return {
        ...calls,
        effect: "status",
        status: pick([500, 502, 503, 504]),
        body: pick(["html", "empty", "json"] as const),
        commit,
      };
    case "garbled":
      return {
        ...calls,
        effect: "status",
        status: 200,
        body: pick(["html", "empty", "json"] as const),
        commit,
      };
    case "proxy":
      // What refuses in the API's place has not passed the call on.
      return { ...calls, effect: "status", status: pick([401, 403, 404]), body: "html", commit: false };
  }
  return { ...calls, effect: "latency", ms: Math.floor(random() * 200) };
}
