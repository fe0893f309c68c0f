import { z } from "zod";
import type { Method } from "./rules.js";

/** How many of its own changes an account remembers, for `stale` lists. */
export const REMEMBERED_CHANGES = 100;

const PREFIX = "webhook.config.";
const METHODS = ["create", "get", "list", "update", "delete"] as const;
const FULL_METHODS = [
  "webhook.config.create",
  "webhook.config.get",
  "webhook.config.list",
  "webhook.config.update",
  "webhook.config.delete",
] as const;

// Written out rather than inferred: inferred types would make users' compilers read zod's declarations, which the
// settings of Pulumi's own templates do not accept.
interface Calls<Name = Method | `webhook.config.${Method}` | "*"> {
  readonly method: Name;
  readonly nth: number;
  readonly times: number | "all";
}
interface Latency {
  readonly effect: "latency";
  readonly ms: number;
}
interface NoAnswer {
  readonly effect: "drop" | "reset" | "never";
  readonly commit: boolean;
}
interface OtherAnswer {
  readonly effect: "status";
  readonly status: number;
  readonly body: "html" | "empty" | "json";
  readonly retryAfter?: string | undefined;
  readonly commit: boolean;
}
interface HalfAnswer {
  readonly effect: "cut";
  readonly commit: boolean;
}
interface OldList {
  readonly effect: "stale";
  readonly behind: number;
}
/** `T` as one may write it, when these keys have a default. */
type Default<T, Key extends keyof T> = Omit<T, Key> & { readonly [K in Key]?: T[K] | undefined };

const every = z
  .enum([...METHODS, ...FULL_METHODS, "*"])
  .transform((name) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name) as Method | "*");
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
      method: every.refine((method) => method === "list", "only list can be stale"),
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
 * | `method` | `create`, `get`, `list`, `update` or `delete`, also as `webhook.config.create` …, or `*` for each of them | required |
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
 * | `stale` | from `list` alone: the account as it was some of its changes ago | `behind`: changes, 1 to 100, default 1 |
 *
 * `commit` says whether the call takes effect although its answer is lost.
 *
 * @example
 * { method: "create", nth: 2, effect: "drop", commit: true } // the second create takes effect, its answer is lost
 * { method: "*", times: 3, effect: "status", status: 429, retryAfter: "2" } // three calls of each method
 * { method: "list", times: "all", effect: "status", status: 503, body: "empty" }
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
export type Hit = Calls<Method | "*"> & (Latency | NoAnswer | OtherAnswer | HalfAnswer | OldList);

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
 * @param call the method's last word
 * @param n which call of that method this is since the plan was set; 1 is the first
 * @returns the first fault of the plan that hits the call
 */
export function faultFor(plan: readonly Hit[], call: string, n: number): Hit | undefined {
  return plan.find(
    ({ method, nth: first, times: many }) =>
      (method === "*" || method === call) && n >= first && (many === "all" || n < first + many),
  );
}

/** Whether a call that the fault hits reaches the account at all. */
export function reachesAccount(hit: Hit | undefined): boolean {
  return hit === undefined || !("commit" in hit) || hit.commit;
}
