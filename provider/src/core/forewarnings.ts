import type { Account } from "./account/account.js";
import { LIMIT } from "./account/configuration.js";
import { takenWarning } from "./account/explain.js";
import type { Log } from "./api/runtime.js";

/** A resource that this run would give a URL. */
export interface Wanting {
  readonly account: Account;
  readonly url: string;
  /** The configuration that is to have it; absent if one is to be created. */
  readonly id?: string;
  readonly inSet?: boolean;
  readonly log: Log;
}

/**
 * What a preview warns of, since it may fail: URLs that others hold, and accounts that would get too full. Whoever holds
 * a URL may be about to leave it, so this is known only when the run has shown all that it does.
 */
export function forewarn(all: readonly Wanting[]): void {
  const adds = new Map<Account, Wanting[]>();
  for (const wanting of all) {
    const { account, url, id } = wanting;
    const holder = account.holderOf(url);
    const stays = holder !== undefined && holder !== id && !account.isMoving(holder);
    if (stays) wanting.log.warn(takenWarning(account.accountId, holder, wanting));
    else if (id === undefined) adds.set(account, [...(adds.get(account) ?? []), wanting]);
  }
  for (const [{ accountId, listed }, added] of adds) {
    const active = listed?.size ?? 0;
    const sum = active + added.length;
    if (sum > LIMIT)
      added[0]?.log.warn(
        `account ${accountId} has ${active} active configurations, and this program adds ${added.length}: ${sum} are more than the ${LIMIT} that Kompliant allows. Pulumi deletes last, so a removal must be deployed first.`,
      );
  }
}
