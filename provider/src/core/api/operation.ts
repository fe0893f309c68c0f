import type { Log, Runtime } from "./runtime.js";

/** One thing that is done in an account (a create, a list, …), and the time that all its calls share. */
export interface Operation {
  /** For messages: `create the webhook configuration for https://… in account lv_…`. */
  readonly what: string;
  /** Absent where it is not known. */
  readonly accountId: string | undefined;
  /** Where its messages go. */
  readonly log: Log;
  /** By the runtime's `now`. */
  readonly startedAt: number;
  /** By the runtime's `now`: after that nothing more is begun. Counts from when its first call can be sent. */
  deadline: number;
  /** Milliseconds: with less time for an answer nothing is sent again, since what became of it could not be heard. */
  readonly leastMs: number;
  /** Calls made so far. */
  attempts: number;
  /** The user has been told that this is taking long: once is enough. */
  told: boolean;
}

const LEAST_MS = 1_000;

/** What is done where an account is looked at as a whole. */
export const LIST = "list the webhook configurations";

/**
 * @param what what is being done, without the account: `create the webhook configuration for https://…`
 * @param timeoutMs how long it may last
 */
export function startOperation(
  runtime: Runtime,
  log: Log,
  accountId: string | undefined,
  what: string,
  timeoutMs: number,
): Operation {
  const startedAt = runtime.now();
  let deadline = startedAt + timeoutMs;
  let cancelledAt = Number.POSITIVE_INFINITY;
  return {
    what: accountId === undefined ? what : `${what} in account ${accountId}`,
    accountId,
    log,
    startedAt,
    leastMs: Math.min(LEAST_MS, timeoutMs / 4),
    attempts: 0,
    told: false,
    // All that is under way has its deadline when the deployment is cancelled.
    get deadline() {
      if (runtime.cancelled?.aborted === true) cancelledAt = Math.min(cancelledAt, runtime.now());
      return Math.min(deadline, cancelledAt);
    },
    set deadline(time) {
      deadline = time;
    },
  };
}

/** Why an operation goes no further, in words. */
export function over(runtime: Runtime, op: Operation): string {
  const tried = spent(runtime, op);
  return runtime.cancelled?.aborted === true
    ? `the deployment was cancelled after ${tried}`
    : `out of time after ${tried}`;
}

/** How much was tried, in words: for the message of an operation that gives up. */
export function spent(runtime: Runtime, op: Operation): string {
  const seconds = Math.round((runtime.now() - op.startedAt) / 100) / 10;
  return `${op.attempts} attempt${op.attempts === 1 ? "" : "s"} over ${seconds} s`;
}

/** A wait that makes an operation last longer than this is announced. */
const QUIET_MS = 2_000;

/** Tells the user that an operation is being held up: by what, and until when. After the first time only as a status. */
export function announceWait(runtime: Runtime, op: Operation, ms: number, reason: string): void {
  const until = Math.min(runtime.now() + ms, op.deadline);
  if (until - op.startedAt <= QUIET_MS) return;
  const [again, end] = [dateOf(runtime, until), dateOf(runtime, op.deadline)];
  const message = `waiting until ${again} to ${op.what}: ${reason} (giving up at ${end})`;
  if (op.told) op.log.status?.(message);
  else op.log.info(message);
  op.told = true;
}

/** @param time by the runtime's `now` @returns ISO 8601 */
export function dateOf(runtime: Runtime, time: number): string {
  return new Date(runtime.date() + time - runtime.now()).toISOString();
}
