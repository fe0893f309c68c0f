import type { Activity } from "./account/activity.js";
import type { Directory } from "./account/directory.js";
import { takenWarning } from "./account/explain.js";
import type { Runtime } from "./api/runtime.js";
import { LIMIT } from "./contract.js";

/** A resource that this run would give a URL. */
export interface Wanting {
  readonly url: string;
  /** The configuration that is to have it; absent if one is to be created. */
  readonly id?: string;
  readonly inSet?: boolean;
}

/**
 * What a preview warns of, since it may fail: URLs that others hold, and accounts that would get too full. Whether it
 * will fail is only known when the run has shown all that it does, since whoever holds a URL may be about to leave it.
 * So it waits until nothing comes any more, at the latest until the engine says that the run is over.
 */
export interface Forewarnings {
  /** @param accountId an account that has been listed */
  wants(accountId: string, wanting: Wanting): void;
}

/** The end of a run cannot always be heard, and a program that waits for long is not to hold back a warning. */
const QUIET_MS = 500;

/** @param isOver whether there is nothing left to warn of in advance */
export function createForewarnings(
  runtime: Runtime,
  activity: Activity,
  directory: (accountId: string) => Directory,
  isOver: () => boolean,
): Forewarnings {
  const wanted = new Map<string, Map<string, Wanting>>();
  const said = new Set<string>();
  let waiting = false;

  function warn(message: string): void {
    if (!said.has(message)) runtime.warn(message);
    said.add(message);
  }

  function look(accountId: string, all: readonly Wanting[]): void {
    const { lastListed, holderOf, moves } = directory(accountId);
    const holderThatStays = ({ url, id }: Wanting) => {
      const holder = holderOf(url);
      return holder === undefined || holder === id || moves(holder) ? undefined : holder;
    };
    let adds = 0;
    for (const wanting of all) {
      const holder = holderThatStays(wanting);
      if (holder !== undefined) warn(takenWarning(accountId, holder, wanting));
      else if (wanting.id === undefined) adds++;
    }
    const active = lastListed()?.size ?? 0;
    if (active + adds > LIMIT)
      warn(
        `account ${accountId} has ${active} active configurations, and this program adds ${adds}: ${active + adds} are more than the ${LIMIT} that Kompliant allows. Pulumi deletes last, so a removal must be deployed first.`,
      );
  }

  async function lookLast(): Promise<void> {
    for (;;) {
      const rest = activity.last + QUIET_MS - runtime.now();
      if (rest <= 0 || runtime.cancelled?.aborted) break;
      await runtime.sleep(rest);
    }
    waiting = false;
    if (isOver()) return;
    for (const [accountId, byUrl] of wanted) look(accountId, [...byUrl.values()]);
  }

  return {
    wants: (accountId, wanting) => {
      if (isOver()) return;
      activity.touch();
      const byUrl = wanted.get(accountId) ?? new Map<string, Wanting>();
      wanted.set(accountId, byUrl.set(wanting.url, wanting));
      if (waiting) return;
      waiting = true;
      void lookLast();
    },
  };
}
