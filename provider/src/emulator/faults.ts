import { z } from "zod";

/**
 * What goes wrong with a call.
 *
 * | Effect | What the caller sees |
 * |---|---|
 * | `latency` | the usual answer, `ms` later |
 * | `drop` | the connection closed without an answer |
 * | `reset` | the connection reset without an answer |
 * | `never` | nothing, for as long as it waits |
 * | `status` | another HTTP status, with an HTML, empty or JSON body, and with `retryAfter` as its `Retry-After` |
 * | `cut` | the right status, and half of the body |
 * | `stale` | from list: the account as it was `behind` changes ago |
 *
 * `commit` says whether the call takes effect all the same: `after` if it has before the answer is lost.
 */
const effect = z.discriminatedUnion("effect", [
  z.strictObject({ effect: z.literal("latency"), ms: z.number().min(0).max(600_000) }),
  z.strictObject({ effect: z.literal("drop"), commit: z.boolean() }),
  z.strictObject({ effect: z.literal("reset"), commit: z.boolean() }),
  z.strictObject({ effect: z.literal("never"), commit: z.boolean() }),
  z.strictObject({
    effect: z.literal("status"),
    status: z.number().int().min(200).max(599),
    body: z.enum(["html", "empty", "json"]).default("html"),
    retryAfter: z.string().optional(),
    commit: z.boolean().default(false),
  }),
  z.strictObject({ effect: z.literal("cut"), commit: z.boolean().default(true) }),
  z.strictObject({ effect: z.literal("stale"), behind: z.number().int().min(1).default(1) }),
]);

const fault = z
  .object({
    /** The method's last word, or `*` for every method. */
    method: z.enum(["create", "get", "list", "update", "delete", "*"]),
    /** The first call that is hit, counted for each method from when the plan was set; 1 is the first. */
    nth: z.number().int().min(1).default(1),
    /** How many calls in a row are hit. Left out: one. */
    times: z.number().int().min(1).default(1),
  })
  .and(effect);

const plan = z.array(fault);

/**
 * One entry of a fault plan: which calls are hit, and how.
 *
 * @example
 * { method: "create", nth: 2, effect: "drop", commit: true } // the second create takes effect, its answer is lost
 * { method: "*", times: 3, effect: "status", status: 429, body: "html", retryAfter: "2" }
 */
export type Fault = z.input<typeof fault>;
export type FaultPlan = readonly Fault[];
/** A fault with its defaults filled in. */
export type Hit = z.output<typeof fault>;

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
 * @param nth which call of that method this is since the plan was set; 1 is the first
 * @returns the first fault of the plan that hits the call
 */
export function faultFor(plan: readonly Hit[], call: string, nth: number): Hit | undefined {
  return plan.find(
    ({ method, nth: first, times }) =>
      (method === "*" || method === call) && nth >= first && nth < first + times,
  );
}
