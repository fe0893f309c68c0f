import { KompliantError } from "../api/errors.js";
import { announceWait, type Operation, over, spent } from "../api/operation.js";
import { backoff } from "../api/retry.js";
import type { Runtime } from "../api/runtime.js";
import { type Config, isSameConfig } from "../api/schemas.js";
import type { Configuration } from "./configuration.js";

/**
 * Finds out what there is after a write that has failed and may have taken effect all the same.
 *
 * @param look reads what the write was about
 * @throws KompliantError that of the write, if that cannot be read
 */
export async function lookAfter<T>(
  error: KompliantError,
  look: () => Promise<T>,
  runtime: Runtime,
  op: Operation,
): Promise<T> {
  try {
    return await look();
  } catch (unseen) {
    // Time ran out while it was looked for: then the last answer to the call itself says more.
    if (unseen instanceof KompliantError && unseen.gaveUp !== undefined)
      throw gaveUp(error, over(runtime, op));
    const [why] = (unseen instanceof Error ? unseen.message : String(unseen)).split("\n");
    throw gaveUp(
      error,
      `gave up after ${spent(runtime, op)}; what became of it could not be found out: ${why}`,
    );
  }
}

/**
 * Pauses before a write is sent again.
 *
 * @throws KompliantError if there is no time for that
 */
export async function pauseAfter(error: KompliantError, runtime: Runtime, op: Operation): Promise<void> {
  const wait = backoff(op.attempts, runtime.random);
  if (runtime.now() + wait + op.leastMs > op.deadline) throw gaveUp(error, over(runtime, op));
  announceWait(runtime, op, wait, error.message.split("\n")[0] ?? "");
  await runtime.sleep(wait);
}

/**
 * The configuration that a create has made, after its answer was lost.
 *
 * @param before the ids that there were before it was sent
 * @param isOwned whether a resource stands for an id, which a list that lagged has not shown before
 */
export function madeBy(
  config: Config,
  listed: ReadonlyMap<string, Configuration>,
  before: ReadonlySet<string>,
  isOwned: (id: string) => boolean,
): string | undefined {
  const made = [...listed.values()].find((each) => isSameConfig(each, config));
  if (made === undefined || before.has(made.id) || isOwned(made.id)) return undefined;
  // A configuration that was updated is older than the create.
  return made.createdAt === made.updatedAt ? made.id : undefined;
}

function gaveUp({ call, failure, baseUrl, mayHaveActed }: KompliantError, why: string): KompliantError {
  return new KompliantError(call, failure, baseUrl, why, mayHaveActed);
}
