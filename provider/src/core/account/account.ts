import type { Client } from "../api/client.js";
import { KompliantError } from "../api/errors.js";
import type { Operation } from "../api/operation.js";
import type { Runtime } from "../api/runtime.js";
import { type Config, isSameConfig } from "../api/schemas.js";
import type { Configuration } from "./configuration.js";
import { AccountConflict } from "./conflicts.js";
import type { Events } from "./events.js";
import { createListing } from "./listing.js";
import { createMoves, type Moves } from "./moves.js";

/** What a run knows of one account, and the only way by which it changes it. */
export interface Account extends Moves {
  readonly accountId: string;
  /** The active configurations by id: one call for everybody who asks between two writes. */
  list(op: Operation): Promise<ReadonlyMap<string, Configuration>>;
  /** The last list, which own writes may have overtaken; absent before the first. */
  readonly listed: ReadonlyMap<string, Configuration> | undefined;
  /** What a configuration has, as far as is known without asking. */
  configOf(id: string): Config | undefined;
  /** Which configuration has a URL, as far as is known without asking. */
  holderOf(url: string): string | undefined;
  /** @returns `gone` if the account did not have it any more @throws KompliantError */
  remove(id: string, op: Operation): Promise<"deleted" | "gone">;
  /** A configuration as it stands after this process has written it. @throws AccountConflict, KompliantError */
  readBack(id: string, config: Config, op: Operation): Promise<Configuration>;
}

/** @param isOwned whether a resource stands for a configuration */
export function createAccount(
  client: Client,
  runtime: Runtime,
  events: Events,
  isOwned: (id: string) => boolean,
): Account {
  const { accountId } = client;
  const listing = createListing(client, runtime, events);

  async function remove(id: string, op: Operation): Promise<"deleted" | "gone"> {
    try {
      await listing.write(id, () => client.delete(id, op));
      listing.wrote(id, undefined);
      return "deleted";
    } catch (error) {
      if (!(error instanceof KompliantError)) throw error;
      const isUnknown = error.code === "ENTITY_NOT_FOUND";
      if (!isUnknown && !error.mayHaveActed) throw error;
      if (isUnknown) listing.wrote(id, undefined);
      // The answer could come from another account's point of view; only the account's own list is proof.
      const listed = await listing.list(op).catch((unlisted) => {
        throw isUnknown ? unlisted : error;
      });
      if (listed.has(id)) throw error;
      return error.mayHaveActed ? "deleted" : "gone";
    }
  }

  return {
    ...createMoves(client, runtime, events, listing, isOwned),
    accountId,
    get listed() {
      return listing.last;
    },
    list: (op) => events.during(listing.list(op)),
    configOf: (id) => listing.configs.get(id),
    holderOf: listing.holderOf,
    remove: (id, op) => events.during(remove(id, op)),
    readBack: async (id, config, op) => {
      const configuration = (await events.during(listing.list(op))).get(id);
      if (configuration !== undefined && isSameConfig(configuration, config)) return configuration;
      throw new AccountConflict({ kind: "not-listed", configId: id, url: config.url }, accountId);
    },
  };
}
