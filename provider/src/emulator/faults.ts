import * as z from "zod";
import { CONFIG_WORDS, type ConfigWord, METHODS, type Method } from "./methods.js";

/** How many changes of its configurations an account remembers, for `stale` lists. */
export const REMEMBERED_CHANGES = 100;

// Written out rather than inferred: inferred types would make users' compilers read zod's declarations, which the
// settings of Pulumi's own templates do not accept.
/** @inline */
interface Calls {
  /** The method, or `*` for every method. */
  readonly method: ConfigWord | Method | "*";
  /** The first call that is hit; 1 is the first of its method since the plan was set. */
  readonly nth: number;
  /** How many calls of the method in a row are hit. */
  readonly times: number | "all";
}
/** @inline */
interface Latency {
  /** The usual answer, later. */
  readonly effect: "latency";
  /** Milliseconds, up to 600,000. */
  readonly ms: number;
}
/** @inline */
interface NoAnswer {
  /** The connection closed, reset, or left open, without an answer. */
  readonly effect: "drop" | "reset" | "never";
  /** Whether the call takes effect. */
  readonly commit: boolean;
}
/** @inline */
interface OtherAnswer {
  /** Another answer, as from a proxy. */
  readonly effect: "status";
  /** HTTP status, 200 to 599. */
  readonly status: number;
  /** What the answer is: a page, nothing, or JSON that is not the API's. */
  readonly body: "html" | "empty" | "json";
  /** The `Retry-After` header, as it is. */
  readonly retryAfter?: string | undefined;
  /** Whether the call takes effect. */
  readonly commit: boolean;
}
/** @inline */
interface HalfAnswer {
  /** The right status and half of the body. */
  readonly effect: "cut";
  /** Whether the call takes effect. */
  readonly commit: boolean;
}
/** @inline */
interface OldList {
  /** The configurations as they were. */
  readonly effect: "stale";
  /** How many of their changes ago, 1 to 100. */
  readonly behind: number;
}
/** `T` as one may write it, when these keys have a default. */
type Default<T, Key extends keyof T> = Omit<T, Key> & { readonly [K in Key]?: T[K] | undefined };

const every = z.enum([...CONFIG_WORDS, ...METHODS, "*"]);
const nth = z.number().int().min(1).default(1);
const times = z
  .union([z.number().int().min(1), z.literal("all")], { error: 'must be a whole number from 1, or "all"' })
  .default(1);
const calls = { method: every, nth, times };
const commit = z.boolean({ error: "must be true (the call takes effect) or false (it does not)" });

const plan: z.ZodType<Hit[], Fault[]> = z.array(
  z.discriminatedUnion("effect", [
    z.strictObject({ ...calls, effect: z.literal("latency"), ms: z.number().min(0).max(600_000) }),
    z.strictObject({ ...calls, effect: z.literal("drop"), commit }),
    z.strictObject({ ...calls, effect: z.literal("reset"), commit }),
    z.strictObject({ ...calls, effect: z.literal("never"), commit }),
    z.strictObject({
      ...calls,
      effect: z.literal("status"),
      status: z.number().int().min(200).max(599),
      body: z.enum(["html", "empty", "json"]).default("html"),
      retryAfter: z
        .string()
        .regex(/^[\x20-\x7e]*$/, "cannot be sent as a header")
        .optional(),
      commit: commit.default(false),
    }),
    z.strictObject({ ...calls, effect: z.literal("cut"), commit: commit.default(true) }),
    z.strictObject({
      ...calls,
      method: z.literal(["list", "webhook.config.list"], "only list can be stale"),
      effect: z.literal("stale"),
      behind: z.number().int().min(1).max(REMEMBERED_CHANGES).default(1),
    }),
  ]),
);

/**
 * One entry of a fault plan: which calls are hit, and how.
 *
 * | Field | Which calls | Default |
 * |---|---|---|
 * | `method` | `create`, `get`, `list`, `update` or `delete`, also as `webhook.config.create` …; `webhook.key.create`, `webhook.key.activate` or `webhook.key.get`; or `*` for every method | required |
 * | `nth` | the first call that is hit; 1 is the first of its method since the plan was set | 1 |
 * | `times` | how many calls of the method in a row are hit, or `"all"` from the nth on | 1 |
 *
 * | `effect` | What the caller sees | Further fields |
 * |---|---|---|
 * | `latency` | the usual answer, later | `ms`: milliseconds, up to 600,000 |
 * | `drop` | the connection closed without an answer | `commit` |
 * | `reset` | the connection reset (RST) without an answer | `commit` |
 * | `never` | nothing, for as long as it waits | `commit` |
 * | `status` | another answer, as from a proxy | `status`: 200 to 599; `body`: `"html"` (default), `"empty"` or `"json"`; `retryAfter`: its `Retry-After` header, as it is; `commit`, default false |
 * | `cut` | the right status and half of the body | `commit`, default true |
 * | `stale` | from `list` alone: the configurations as they were some of their changes ago | `behind`: changes, 1 to 100, default 1 |
 *
 * `commit` says whether the call takes effect although its answer is lost; it is required where the table gives no
 * default. A field that an effect does not have is an error. (In the type, `Default<T, Fields>` is `T` whose `Fields`
 * may be left out.)
 *
 * @example
 * import type { FaultPlan } from "pulumi-kompliant/emulator";
 *
 * export const faults: FaultPlan = [
 *   // The second create takes effect, and its answer is lost.
 *   { method: "create", nth: 2, effect: "drop", commit: true },
 *   // The first three calls of each method are turned away. (The second create is hit by the fault above.)
 *   { method: "*", times: 3, effect: "status", status: 429, retryAfter: "2" },
 *   // From the fourth on, no list succeeds.
 *   { method: "list", nth: 4, times: "all", effect: "status", status: 503, body: "empty" },
 * ];
 */
export type Fault = Default<Calls, "nth" | "times"> &
  (
    | Latency
    | NoAnswer
    | Default<OtherAnswer, "body" | "commit">
    | Default<HalfAnswer, "commit">
    | Default<OldList, "behind">
  );

/** Faults in order: the first that hits a call is the only one that does. */
export type FaultPlan = readonly Fault[];

/** A fault with its defaults filled in. */
export type Hit = Calls & (Latency | NoAnswer | OtherAnswer | HalfAnswer | OldList);

/** @throws TypeError that lists everything that is wrong with the plan */
export function parsePlan(value: unknown): Hit[] {
  const parsed = plan.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `  - ${path.join(".") || "the plan"}: ${message}`,
  );
  throw new TypeError(`the fault plan is not valid:\n${problems.join("\n")}`);
}

/**
 * @param n which call of that method this is since the plan was set; 1 is the first
 * @returns the first fault of the plan that hits the call
 */
export function faultFor(plan: readonly Hit[], call: Method, n: number): Hit | undefined {
  return plan.find(
    ({ method, nth: first, times: many }) =>
      (method === "*" || method === call || `webhook.config.${method}` === call) &&
      n >= first &&
      (many === "all" || n < first + many),
  );
}

/** Whether a call that the fault hits reaches the account at all. */
export function reachesAccount(hit: Hit | undefined): boolean {
  return hit === undefined || !("commit" in hit) || hit.commit;
}
