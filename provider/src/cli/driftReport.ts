import type { Configuration } from "../core/account/configuration.js";
import { isParkingUrl } from "../core/account/trades.js";
import { matches } from "./filter.js";
import { type Endpoint, isPlugins, type Pending } from "./stackState.js";

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
  /** Something is changed, gone, not declared or pending. */
  readonly drift: boolean;
  readonly changed: readonly Changed[];
  readonly gone: readonly Gone[];
  /** What the accounts have and no resource of the stack stands for. */
  readonly undeclared: readonly Undeclared[];
  /** How many undeclared ones were to be ignored. */
  readonly ignored: number;
  /** Absent if nothing of the stack is the provider plugin's. */
  readonly plugin?: true;
  /** Absent if there is nothing of the kind. */
  readonly pending?: readonly Pending[];
  /** Accounts that list nothing at all: whether they are the right ones cannot be told. */
  readonly emptyAccountIds: readonly string[];
}

/** What an account lists, and what the stack has in it. */
export interface ComparedAccount {
  readonly accountId: string;
  readonly configurations: readonly Configuration[];
  readonly endpoints: readonly Endpoint[];
}

const HIDDEN = "[secret]";

/**
 * Compares what state has with what the accounts have.
 *
 * @param listed the accounts that the resources are in, and others to look at
 * @param ignore patterns of configurations that may be there undeclared
 * @param pending what a deployment has left unfinished in the stack
 */
export function driftReport(
  stack: string,
  listed: readonly ComparedAccount[],
  ignore: readonly string[] = [],
  pending: readonly Pending[] = [],
): DriftReport {
  // The order in state is that in which a deployment happened to go.
  const accounts = [...listed].sort(by(({ accountId }) => accountId));
  const compared = accounts.map((account) => compare(account, ignore));
  const changed = compared.flatMap((each) => each.changed).sort(inOrder);
  const gone = compared.flatMap((each) => each.gone).sort(inOrder);
  const undeclared = compared.flatMap((each) => each.undeclared);
  const secrets = new Set(
    accounts.flatMap(({ endpoints }) => endpoints.filter(({ isSecret }) => isSecret).map(({ url }) => url)),
  );
  const idsOf = (found: readonly ComparedAccount[]) => [...new Set(found.map(({ accountId }) => accountId))];
  return {
    stack,
    accountIds: idsOf(accounts),
    declared: sum(compared.map((each) => each.declared)),
    external: sum(compared.map((each) => each.external)),
    drift: changed.length + gone.length + undeclared.length + pending.length > 0,
    changed,
    gone,
    undeclared: undeclared.map((each) => (secrets.has(each.url) ? { ...each, url: HIDDEN } : each)),
    ignored: sum(compared.map((each) => each.ignored)),
    ...(accounts.some(({ endpoints }) => endpoints.some(({ urn }) => isPlugins(urn)))
      ? { plugin: true }
      : {}),
    ...(pending.length === 0 ? {} : { pending }),
    emptyAccountIds: idsOf(accounts.filter(({ configurations }) => configurations.length === 0)),
  };
}

/** Compares one account. What is undeclared may have a URL that is a secret, and is not hidden yet. */
function compare({ accountId, configurations, endpoints }: ComparedAccount, ignore: readonly string[]) {
  const urls = new Map(configurations.map(({ id, url }) => [id, url]));
  const changed = endpoints.flatMap((each): Changed[] => {
    const url = urls.get(each.id);
    return url === undefined || url === each.url || each.mayChange
      ? []
      : [{ ...shown(each), actualUrl: each.isSecret ? HIDDEN : url, parked: isParkingUrl(url) }];
  });
  const known = new Set(endpoints.map(({ id }) => id));
  const others = configurations.filter(({ id }) => !known.has(id)).map((each) => ({ ...each, accountId }));
  const undeclared = others.filter((each) => !matches(ignore, each));
  const gone = endpoints
    .filter(({ id }) => !urls.has(id))
    .map((each): Gone => {
      const holder = others.find(({ url }) => url === each.url);
      return { ...shown(each), ...(holder === undefined ? {} : { urlHeldBy: holder.id }) };
    });
  const declared = new Set(endpoints.filter(({ external }) => !external).map(({ id }) => id)).size;
  return {
    changed,
    gone,
    undeclared,
    declared,
    external: known.size - declared,
    ignored: others.length - undeclared.length,
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function by<T>(key: (each: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}

const inOrder = by(({ name, id }: Known) => `${name} ${id}`);

function shown({ urn, name, accountId, id, url, isSecret, external }: Endpoint): Known {
  return { urn, name, accountId, id, url: isSecret ? HIDDEN : url, external };
}
