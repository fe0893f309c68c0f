import type { Runtime } from "./runtime.js";

/** One thing the user asked for in an account (a create, a refresh, …), and the time that all its attempts share. */
export interface Operation {
  /** What is being done, for messages: `create the webhook configuration for https://… in account lv_…`. */
  readonly what: string;
  readonly accountId: string;
  /** By the runtime's `now`. */
  readonly startedAt: number;
  /** By the runtime's `now`: after that nothing more is begun. Counts from when its first call can be sent. */
  deadline: number;
  /** Milliseconds: with less time for an answer nothing is sent again, since what became of it could not be heard. */
  readonly leastMs: number;
  /** Calls made so far. */
  attempts: number;
  /** An answer was lost: the server may have acted on a call that is counted as failed. */
  uncertain: boolean;
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
  accountId: string,
  what: string,
  timeoutMs: number,
): Operation {
  const startedAt = runtime.now();
  return operation(runtime, {
    what: `${what} in account ${accountId}`,
    accountId,
    startedAt,
    deadline: startedAt + timeoutMs,
    leastMs: Math.min(LEAST_MS, timeoutMs / 4),
    attempts: 0,
    uncertain: false,
    told: false,
  });
}

/** Another operation that shares the time of one, and nothing else. */
export function besides(runtime: Runtime, op: Operation): Operation {
  return operation(runtime, { ...op, attempts: 0, uncertain: false, told: false });
}

/** All that is under way has its deadline when the deployment is cancelled. */
function operation(runtime: Runtime, op: Operation): Operation {
  let { deadline } = op;
  let cancelledAt = Number.POSITIVE_INFINITY;
  return {
    ...op,
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

/** Tells the user, once an operation, that it is being held up: by what, and until when. */
export function announceWait(runtime: Runtime, op: Operation, ms: number, reason: string): void {
  const until = Math.min(runtime.now() + ms, op.deadline);
  if (op.told || until - op.startedAt <= QUIET_MS) return;
  op.told = true;
  const [again, end] = [dateOf(runtime, until), dateOf(runtime, op.deadline)];
  runtime.info(`waiting until ${again} to ${op.what}: ${reason} (giving up at ${end})`);
}

/** @param time by the runtime's `now` @returns ISO 8601 */
export function dateOf(runtime: Runtime, time: number): string {
  return new Date(runtime.date() + time - runtime.now()).toISOString();
}
