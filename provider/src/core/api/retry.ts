import type { Failure } from "./errors.js";
import type { Method } from "./method.js";

export interface Decision {
  /**
   * - `retry`: the same call again, after a pause.
   * - `settle`: the server may have acted; look at the account first, then ask again if it has not.
   * - `confirm`: asking again would be answered the same way, yet the server may have acted behind that answer; look at
   *   the account before it is called a failure.
   * - `fail`: asking again would be answered the same way.
   */
  readonly next: "retry" | "settle" | "confirm" | "fail";
  /** The server may have done what was asked although the call failed. */
  readonly mayHaveActed: boolean;
  readonly because: string;
}

const READING: readonly Method[] = ["webhook.config.get", "webhook.config.list", "webhook.key.get"];

export function isReading(method: Method): boolean {
  return READING.includes(method);
}

/** What a second time does no harm: nothing is left to delete, or there is a key more, which nobody has activated. */
const REPEATABLE: readonly Method[] = ["webhook.config.delete", "webhook.key.create"];

/**
 * How many answers to a call may be lost before it is given up. Each create of a key that was lost may have used up one of
 * the 100 that Kompliant lets an account make in a day.
 */
export function mostLost(method: Method): number {
  return method === "webhook.key.create" ? 5 : Number.POSITIVE_INFINITY;
}

/**
 * Decides what follows a failed call: the only place that does.
 *
 * Reading is always safe to repeat, and so is what is `REPEATABLE`. Any other repeated call is not safe once the first
 * may have taken effect: there are no idempotency keys.
 */
export function decide(method: Method, failure: Failure): Decision {
  const fail = (because: string): Decision => ({ next: "fail", mayHaveActed: false, because });
  const retry = (because: string): Decision => ({ next: "retry", mayHaveActed: false, because });
  const uncertain = (because: string): Decision => {
    if (isReading(method)) return retry(because);
    return { next: REPEATABLE.includes(method) ? "retry" : "settle", mayHaveActed: true, because };
  };
  switch (failure.kind) {
    case "refused":
      return fail("the application has answered; it would answer the same again");
    case "unsent":
      return fail("the time of the operation is over");
    case "incomplete":
      return fail("the next list would be a part again");
    case "unreachable":
      return failure.permanent
        ? fail("the connection was refused for a reason that time does not mend")
        : retry("no connection came about, so nothing was received");
    case "unanswered":
      return uncertain("the request was sent; it may have been carried out");
    case "unreadable":
      if (failure.status === 429) return retry("turned away for the rate of calls, before any work was done");
      if (failure.status === 408) return uncertain("the server says that it stopped waiting for the request");
      if (failure.status >= 500) return uncertain("a gateway can lose the answer after the work was done");
      if (failure.status >= 200 && failure.status < 300)
        return uncertain("it succeeded, but the answer was cut or garbled on the way");
      if (isReading(method) || method === "webhook.config.delete")
        return fail("a proxy or a wrong base URL; it would answer the same again");
      return {
        next: REPEATABLE.includes(method) ? "fail" : "confirm",
        mayHaveActed: true,
        because: "a proxy can keep back the answer to what it let through",
      };
  }
}

/** Whether an HTTP status says that the call was turned away for now, in whosever words. */
export function isTurnedAway(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** First pause at most half a second, doubled each time up to eight. */
const BASE_MS = 500;
const CAP_MS = 8_000;

/**
 * How long to pause before attempt `attempt + 1`, in milliseconds, with full jitter.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(attempt: number, random: () => number): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1));
}

/** The three date forms of RFC 9110 section 5.6.7 all begin with the name of a day. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/;

/**
 * Reads a `Retry-After` header: whole seconds or an HTTP date. Anything else is ignored, as is a moment that has
 * passed, and 0: asking again without a pause is never right.
 *
 * @returns milliseconds to wait from `now`, or undefined
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const value = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000 || undefined;
  if (!HTTP_DATE.test(value)) return undefined;
  // One of the three forms has no zone, and would be read as local time.
  const wait = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`) - now;
  return wait > 0 ? wait : undefined;
}
