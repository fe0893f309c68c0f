import type { Client } from "../api/client.js";
import { KompliantError } from "../api/errors.js";
import type { Operation } from "../api/operation.js";
import { decide } from "../api/retry.js";
import type { Runtime } from "../api/runtime.js";
import { type Config, isSameConfig } from "../api/schemas.js";
import { AccountConflict, type Conflict } from "./conflicts.js";
import type { Listing } from "./listing.js";
import { lookAfter, madeBy, pauseAfter } from "./lostAnswers.js";

/** What an operation wants to be written, and what has become of that so far. */
export interface Claim {
  /** Absent for a create. */
  readonly id: string | undefined;
  readonly config: Config;
  readonly op: Operation;
  /** The ids that there were before a create was first sent. */
  before?: ReadonlySet<string>;
  /** A create was sent, and whether it took effect is not known. */
  isUnsettled: boolean;
  /** How often the API has called the URL taken although no listed configuration has it. */
  refusals: number;
  /** The quiet time is over: the API's next answer ends the wait. */
  isLast: boolean;
}

/** Creates and updates in an account, without regard to who waits for which URL. */
export interface Writes {
  /**
   * Sends a claim's call, and finds out what a failed one has left behind.
   *
   * @returns the id that has what the claim wants; undefined if the claim must look again
   * @throws AccountConflict, KompliantError
   */
  send(claim: Claim): Promise<string | undefined>;
  /** The configuration that a create has made whose answer was lost, if a list shows it. */
  madeFor(claim: Claim, listed: Listing["last"]): string | undefined;
  /** The error of a claim whose URL another configuration has. */
  taken(claim: Claim, cause?: KompliantError): AccountConflict;
}

/** @param isOwned whether a resource stands for a configuration */
export function createWrites(
  client: Client,
  runtime: Runtime,
  listing: Listing,
  isOwned: (id: string) => boolean,
): Writes {
  async function send(claim: Claim): Promise<string | undefined> {
    const { id, config, op } = claim;
    if (id === undefined && listing.last === undefined) {
      await listing.list(op);
      return undefined;
    }
    claim.before ??= new Set(listing.configs.keys());
    try {
      return await listing.write(id, async () => {
        const reached = id ?? (await client.create(config, op));
        if (id !== undefined) await client.update(id, config, op);
        listing.wrote(reached, config);
        return reached;
      });
    } catch (error) {
      if (error instanceof KompliantError) return afterFailure(claim, error);
      throw error;
    }
  }

  /** @returns as `send` */
  async function afterFailure(claim: Claim, error: KompliantError): Promise<string | undefined> {
    const { id, config, op } = claim;
    const isTaken = error.subCode === "URL_ALREADY_EXISTS";
    const isFull = error.subCode === "MAX_WEBHOOK_URL_LIMIT";
    const wasUnsettled = claim.isUnsettled;
    claim.isUnsettled ||= error.mayHaveActed;
    if (claim.isLast && error.failure.kind === "unsent") throw taken(claim);
    if (!error.mayHaveActed && !isTaken && !isFull) {
      if (id !== undefined && error.code === "ENTITY_NOT_FOUND") listing.wrote(id, undefined);
      throw error;
    }
    const listed = await lookAfter(error, () => listing.list(op), runtime, op);
    if (id !== undefined && isSameConfig(listed.get(id), config)) return id;
    const made = madeFor(claim, listed);
    if (made !== undefined) return made;
    if (decide(error.call.method, error.failure).next === "confirm") {
      // The list says what became of this call, but one before it may show only later.
      claim.isUnsettled = wasUnsettled;
      throw error;
    }
    if (isFull) throw conflict({ kind: "limit", url: config.url, active: [...listed.values()] }, error);
    const holder = listing.holderOf(config.url);
    const isFree = holder === undefined || holder === id;
    const isHopeless = isFree ? ++claim.refusals > 1 && !claim.isUnsettled : claim.isLast;
    if (isTaken && isHopeless) throw taken(claim, error);
    if (isFree) await pauseAfter(error, runtime, op);
    return undefined;
  }

  function madeFor({ id, config, isUnsettled, before }: Claim, listed: Listing["last"]): string | undefined {
    if (id !== undefined || !isUnsettled || before === undefined || listed === undefined) return undefined;
    return madeBy(config, listed, before, isOwned);
  }

  function taken({ config: { url } }: Claim, cause?: KompliantError): AccountConflict {
    const parallel = Math.max(2, listing.configs.size);
    return conflict({ kind: "url-taken", url, holder: listing.holderOf(url), parallel }, cause);
  }

  function conflict(what: Conflict, cause?: KompliantError): AccountConflict {
    return new AccountConflict(what, client.accountId, cause);
  }

  return { send, madeFor, taken };
}
