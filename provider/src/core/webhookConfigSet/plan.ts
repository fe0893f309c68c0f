import type { Configuration } from "../account/configuration.js";

/** What a set wants of its account, and what the account is like. */
export interface SetSituation {
  /** The account's active configurations, by id. */
  readonly listed: ReadonlyMap<string, Configuration>;
  /** What the set stood for so far: name to id. */
  readonly ids: ReadonlyMap<string, string>;
  /** What the set shall stand for: name to URL. */
  readonly urls: ReadonlyMap<string, string>;
  /** Whether configurations that nothing in the program stands for are to go. */
  readonly removesForeign: boolean;
  /** How many configurations an account may have. */
  readonly limit: number;
  /** Whether another resource of the program stands for a configuration, or is about to move it. */
  isOthers(id: string): boolean;
}

/** What to do, in this order: `removeFirst`, then `moves` and `creates` together, then `removeLast`. */
export interface SetPlan {
  /** Name to id, for all names that need no create. */
  readonly ids: ReadonlyMap<string, string>;
  /** Those of `ids` that the set did not stand for so far. */
  readonly takenOver: readonly string[];
  /** What has to go before the rest has room. */
  readonly removeFirst: readonly string[];
  readonly moves: ReadonlyMap<string, string>;
  /** Name to URL. */
  readonly creates: ReadonlyMap<string, string>;
  /**
   * Name to id, of those in `creates` that the set stood for so far. A list that lags hides what is there, so they are
   * to be created only if the API does not know the id either.
   */
  readonly unlisted: ReadonlyMap<string, string>;
  /** What goes once all that is wanted is there, so that a failure before leaves it delivering. */
  readonly removeLast: readonly string[];
}

/**
 * Decides what brings an account to what a set declares, with as few calls as can be: a name keeps its
 * configuration, a new name takes over the configuration that has its URL already, and only what is left is created
 * or removed.
 */
export function setPlan({ listed, ids, urls, removesForeign, limit, isOthers }: SetSituation): SetPlan {
  const own = new Map([...ids].filter(([, id]) => listed.has(id) && !isOthers(id)));
  const hidden = new Map([...ids].filter(([, id]) => !listed.has(id) && !isOthers(id)));
  const holders = new Map([...listed.values()].map(({ id, url }) => [url, id]));
  const kept = new Map([...own].filter(([name]) => urls.has(name)));
  const stays = new Set(kept.values());

  const takenOver: string[] = [];
  const creates = new Map<string, string>();
  for (const [name, url] of [...urls].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (kept.has(name)) continue;
    const holder = holders.get(url);
    if (holder === undefined || stays.has(holder) || isOthers(holder)) {
      creates.set(name, url);
      continue;
    }
    kept.set(name, holder);
    stays.add(holder);
    if (![...own.values()].includes(holder)) takenOver.push(holder);
  }

  const moves = new Map<string, string>();
  for (const [name, id] of kept) {
    const url = urls.get(name);
    if (url !== undefined && listed.get(id)?.url !== url) moves.set(id, url);
  }

  const dropped = removesForeign ? [...listed.keys()] : [...own.values()];
  const removable = dropped.filter((id) => !stays.has(id) && !isOthers(id)).sort();
  const wanted = new Set(moves.values());
  const inTheWay = (id: string) => wanted.has(listed.get(id)?.url ?? "");
  const removeFirst = removable.filter(inTheWay);
  const rest = removable.filter((id) => !inTheWay(id));
  const over = listed.size - removeFirst.length + creates.size - limit;
  const forRoom = rest.slice(0, Math.max(0, over));
  const forgotten = [...hidden].flatMap(([name, id]) => (creates.has(name) ? [] : [id]));
  return {
    ids: kept,
    takenOver,
    removeFirst: [...removeFirst, ...forRoom],
    moves,
    creates,
    unlisted: new Map([...hidden].filter(([name]) => creates.has(name))),
    removeLast: [...rest.slice(forRoom.length), ...forgotten],
  };
}
