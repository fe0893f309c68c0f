import type { Configuration } from "../account/ledger.js";
import { isParkingUrl } from "../account/trades.js";
import { matches } from "./filter.js";
import type { Endpoint, StackResource } from "./stackState.js";

/** An endpoint that the stack knows. */
export interface Known {
  readonly urn: string;
  /** The resource's name; of an endpoint of a set with its own name, as in `prod[orders]`. */
  readonly name: string;
  readonly accountId: string;
  readonly id: string;
  /** As state has it; `[secret]` if the program has made it one. */
  readonly url: string;
  /** Read with `WebhookConfig.get`: something else manages it. */
  readonly external: boolean;
}

export interface Changed extends Known {
  readonly actualUrl: string;
  /** A deployment that was cut off has left it there; the next one brings it back. */
  readonly parked: boolean;
}

export interface Gone extends Known {
  /** The undeclared endpoint that has its URL now, which nothing else can have meanwhile. */
  readonly urlHeldBy?: string;
}

export interface Undeclared extends Configuration {
  readonly accountId: string;
}

export interface DriftReport {
  readonly stack: string;
  readonly accountIds: readonly string[];
  /** How many endpoints the stack declares. */
  readonly declared: number;
  /** How many more it reads with `WebhookConfig.get`. */
  readonly external: number;
  readonly drift: boolean;
  readonly changed: readonly Changed[];
  readonly gone: readonly Gone[];
  /** What the accounts have and no resource of the stack stands for. */
  readonly undeclared: readonly Undeclared[];
  /** How many undeclared ones were to be ignored. */
  readonly ignored: number;
  /** Accounts that list nothing, although the stack knows endpoints in them. */
  readonly emptyAccountIds: readonly string[];
}

const HIDDEN = "[secret]";

/**
 * Compares what state has with what the accounts have.
 *
 * @param listed the active configurations of each account that the resources are in, and of others to look at
 * @param ignore patterns of configurations that may be there undeclared
 */
export function driftReport(
  stack: string,
  resources: readonly StackResource[],
  listed: ReadonlyMap<string, readonly Configuration[]>,
  ignore: readonly string[] = [],
): DriftReport {
  // The order in state is that in which a deployment happened to go.
  const endpoints = resources.flatMap((each) => each.endpoints).sort(by(({ name, id }) => `${name} ${id}`));
  const accounts = [...listed].sort(by(([accountId]) => accountId));
  const live = new Map(accounts.map(([accountId, all]) => [accountId, new Map(all.map((c) => [c.id, c]))]));
  const actual = ({ accountId, id }: Endpoint) => live.get(accountId)?.get(id)?.url;
  const changed = endpoints.flatMap((each) => {
    const url = actual(each);
    return url === undefined || url === each.url || each.mayChange
      ? []
      : [{ ...shown(each), actualUrl: each.isSecret ? HIDDEN : url, parked: isParkingUrl(url) }];
  });

  const known = new Set(endpoints.map(({ id }) => id));
  const others = accounts.flatMap(([accountId, all]) =>
    all.filter(({ id }) => !known.has(id)).map((each) => ({ ...each, accountId })),
  );
  const undeclared = others.filter((each) => !matches(ignore, each));
  const gone = endpoints
    .filter((each) => actual(each) === undefined)
    .map((each) => {
      const holder = others.find(({ accountId, url }) => accountId === each.accountId && url === each.url);
      return { ...shown(each), ...(holder === undefined ? {} : { urlHeldBy: holder.id }) };
    });
  const secrets = new Set(endpoints.filter(({ isSecret }) => isSecret).map(({ url }) => url));
  const declared = new Set(endpoints.filter(({ external }) => !external).map(({ id }) => id)).size;
  return {
    stack,
    accountIds: accounts.map(([accountId]) => accountId),
    declared,
    external: known.size - declared,
    drift: changed.length + gone.length + undeclared.length > 0,
    changed,
    gone,
    undeclared: undeclared.map((each) => (secrets.has(each.url) ? { ...each, url: HIDDEN } : each)),
    ignored: others.length - undeclared.length,
    emptyAccountIds: accounts.flatMap(([accountId, all]) =>
      all.length === 0 && endpoints.some((each) => each.accountId === accountId) ? [accountId] : [],
    ),
  };
}

function by<T>(key: (each: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : 1);
}

function shown({ urn, name, accountId, id, url, isSecret, external }: Endpoint): Known {
  return { urn, name, accountId, id, url: isSecret ? HIDDEN : url, external };
}
