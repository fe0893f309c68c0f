import type { Client } from "../api/client.js";
import { KompliantError } from "../api/errors.js";
import { announceWait, type Operation, over, startOperation } from "../api/operation.js";
import type { Runtime } from "../api/runtime.js";
import { type Config, isSameConfig } from "../api/schemas.js";
import { AccountConflict } from "./conflicts.js";
import type { Events } from "./events.js";
import type { Listing } from "./listing.js";
import { type Board, isParkingUrl, nextStep, parkingUrl, type Step } from "./trades.js";
import { type Claim, createWrites } from "./writes.js";

/**
 * The operations that wait for URLs of an account. Each goes on as soon as its URL is free. If this run moves the
 * configuration that holds the URL, that one is moved first.
 */
export interface Moves {
  /** Tells that this run changes a configuration. */
  announce(id: string, from: Config, to: Config): void;
  /** Whether this run moves a configuration to a URL that it does not have yet. */
  isMoving(id: string): boolean;
  /** @returns the id of the new configuration @throws AccountConflict, KompliantError */
  create(config: Config, op: Operation): Promise<string>;
  /** Gives a configuration what it is to have. @throws AccountConflict, KompliantError */
  move(id: string, config: Config, op: Operation): Promise<void>;
}

/** When nothing has happened for this long, the engine shows no further resource before an operation ends. */
const QUIET_MS = 1_000;

/** An operation that waits for a URL. */
interface Waiting extends Claim {
  /** The error of a move of its configuration that another operation has sent. */
  failure?: { readonly error: unknown };
}

/** @param isOwned whether a resource stands for a configuration */
export function createMoves(
  client: Client,
  runtime: Runtime,
  events: Events,
  listing: Listing,
  isOwned: (id: string) => boolean,
): Moves {
  const { accountId } = client;
  const { send, madeFor, taken } = createWrites(client, runtime, listing, isOwned);
  const targets = new Map<string, Config>();
  const busy = new Set<string>();
  const claims = new Map<string, Waiting>();
  const board: Board = {
    holderOf: listing.holderOf,
    targetOf: (id) => targets.get(id)?.url,
    busy,
    get isListed() {
      return listing.last !== undefined;
    },
  };

  function claimOf(id: string | undefined, config: Config, op: Operation): Waiting {
    return { id, config, op, isUnsettled: false, refusals: 0, isLast: false };
  }

  /** Waits until a URL is free, moves its holder if this run moves it, and takes it. @returns the id that has it then */
  async function reach(claim: Waiting): Promise<string> {
    const { id, config, op } = claim;
    for (;;) {
      if (claim.failure !== undefined) throw claim.failure.error;
      // The list of another operation may be the first to show it.
      const made = madeFor(claim, listing.last);
      if (made !== undefined && made === listing.holderOf(config.url)) return made;
      if (runtime.now() >= op.deadline) {
        targets.delete(id ?? "");
        throw outOfTime(claim);
      }
      const step = nextStep(id, config.url, board);
      if (step.kind === "reached" && id !== undefined && isSameConfig(listing.configs.get(id), config))
        return id;
      if (step.kind === "blocked" && events.quietAt(QUIET_MS) <= runtime.now()) claim.isLast = true;
      const isOwn = step.kind === "reached" || (step.kind === "move" && step.id === id);
      const isTurn = step.kind === "blocked" ? claim.isLast : isOwn;
      if (isTurn) {
        const reached = await sendInTurn(claim);
        if (reached !== undefined) return reached;
      } else await getOn(step, claim);
    }
  }

  /** Does the next step, other than its own call, that brings a claim nearer to its URL. */
  async function getOn(step: Step, claim: Claim): Promise<void> {
    const { config, op } = claim;
    switch (step.kind) {
      case "list":
        await events.during(listing.list(op));
        return;
      case "rotate":
        return during(step.ids, () => rotate(step.ids, claim));
      case "move":
        if (step.id !== undefined) await moveOther(step.id, op);
        return;
      case "blocked": {
        const quietAt = events.quietAt(QUIET_MS);
        const reason = `${step.holder} has ${(listing.configs.get(step.holder) ?? config).url}, and nothing has said yet that it moves`;
        if (quietAt < op.deadline) announceWait(runtime, op, quietAt - runtime.now(), reason);
        return events.next(Math.min(quietAt, op.deadline));
      }
      default:
        return events.next(op.deadline);
    }
  }

  /** Keeps other claims from these ids and URLs as long as the work lasts. */
  async function during<T>(about: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const each of about) busy.add(each);
    try {
      return await events.during(work());
    } finally {
      for (const each of about) busy.delete(each);
      events.happened();
    }
  }

  /** Sends a claim's own call. @returns as `send` */
  async function sendInTurn(claim: Claim): Promise<string | undefined> {
    return during([claim.id ?? claim.config.url, claim.config.url], () =>
      send(claim).catch((error) => {
        // Before other claims go on: a configuration that cannot get its URL is not moving any more.
        targets.delete(claim.id ?? "");
        throw error;
      }),
    );
  }

  /** Moves a configuration that holds a needed URL and that this run moves too. */
  async function moveOther(id: string, op: Operation): Promise<void> {
    const target = targets.get(id);
    if (target !== undefined) await during([id, target.url], () => moveNow(id, target, op));
  }

  /** @returns whether the configuration has what it is to have */
  async function moveNow(id: string, config: Config, op: Operation): Promise<boolean> {
    const own = claims.get(id);
    try {
      const claim = own?.config.url === config.url ? own : claimOf(id, config, own?.op ?? op);
      while ((await send(claim)) === undefined) if (listing.holderOf(config.url) !== undefined) return false;
      return true;
    } catch (error) {
      targets.delete(id);
      if (own !== undefined) own.failure = { error };
      return false;
    }
  }

  /** Parks the first, so that the last can take its URL, and so on up to the first again. */
  async function rotate([first, ...rest]: readonly [string, ...string[]], { op }: Claim): Promise<void> {
    const home = listing.configs.get(first) ?? { url: "" };
    if (!(await moveNow(first, { ...home, url: parkingUrl(home.url, first) }, op)))
      return void targets.delete(first);
    for (const id of [...rest.reverse(), first])
      if (!(await moveNow(id, targets.get(id) ?? home, op))) return bringBack(first, home, op);
  }

  /** Moves a parked configuration back to its own URL. If another one has that URL by now, it stays parked. */
  async function bringBack(id: string, home: Config, { log }: Operation): Promise<void> {
    if (!isParkingUrl(listing.configs.get(id)?.url ?? "") || listing.holderOf(home.url) !== undefined) return;
    const { requestTimeoutMs } = client.settings;
    const op = startOperation(runtime, log, accountId, `bring ${id} back`, requestTimeoutMs);
    // The error of the update that has failed says where the configuration is.
    await send(claimOf(id, home, op)).catch(() => {});
  }

  /** The error of a claim whose time is over while it waits. */
  function outOfTime(claim: Claim): Error {
    if (listing.holderOf(claim.config.url) !== undefined) return taken(claim);
    return new Error(`${over(runtime, claim.op)}; other calls about ${claim.config.url} are still under way`);
  }

  return {
    announce: (id, from, to) => {
      listing.assume(id, from);
      targets.set(id, to);
      events.happened();
    },
    isMoving: (id) => targets.has(id) && targets.get(id)?.url !== listing.configs.get(id)?.url,
    create: async (config, op) => {
      const claim = claimOf(undefined, config, op);
      try {
        return await reach(claim);
      } catch (error) {
        if (!claim.isUnsettled || !(error instanceof KompliantError)) throw error;
        throw new AccountConflict({ kind: "unsettled", url: config.url }, accountId, error);
      }
    },
    move: async (id, config, op) => {
      const claim = claimOf(id, config, op);
      claims.set(id, claim);
      targets.set(id, config);
      events.happened();
      try {
        await reach(claim);
      } finally {
        claims.delete(id);
        targets.delete(id);
        events.happened();
      }
    },
  };
}
