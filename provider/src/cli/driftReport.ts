import { z } from "zod";
import type { Configuration } from "../account/ledger.js";
import { isParkingUrl } from "../account/trades.js";
import { WEBHOOK_CONFIG_TYPE } from "../lifecycle/text.js";
import { matches } from "./filter.js";
import type { StackState } from "./stackState.js";

/** One resource in a preview of a refresh: what state has, and what the account has now. */
export interface Refreshed {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly before: unknown;
  /** Absent if it is gone. */
  readonly after: unknown;
}

/** An endpoint that the stack declares. */
interface Declared {
  readonly urn: string;
  /** The resource's name; of an endpoint of a set with its own name, as in `prod[orders]`. */
  readonly name: string;
  readonly accountId: string;
  readonly id: string;
  /** As state has it; `[secret]` if the program has made it one. */
  readonly url: string;
}

export interface Changed extends Declared {
  readonly actualUrl: string;
  /** A deployment that was cut off has left it there; the next one brings it back. */
  readonly parked: boolean;
}

export interface Undeclared extends Configuration {
  readonly accountId: string;
}

export interface DriftReport {
  readonly stack: string;
  readonly accountIds: readonly string[];
  /** How many endpoints the stack declares. */
  readonly declared: number;
  readonly drift: boolean;
  readonly changed: readonly Changed[];
  readonly gone: readonly Declared[];
  /** What the accounts have and no resource of the stack stands for. */
  readonly undeclared: readonly Undeclared[];
  /** How many undeclared ones were to be ignored. */
  readonly ignored: number;
  /** Accounts that list nothing, although the stack declares endpoints in them. */
  readonly emptyAccountIds: readonly string[];
}

const single = z.object({ accountId: z.string(), url: z.string() });
const byName = z.record(z.string(), z.string());
/** A secret map shows as one text. */
const set = z.object({ accountId: z.string(), ids: byName.catch({}), urls: byName.catch({}) });
const HIDDEN = "[secret]";

/**
 * Puts together what a refresh would find and what the accounts have besides.
 *
 * @param listed the active configurations of each account
 * @param ignore patterns of configurations that may be there undeclared
 */
export function driftReport(
  stack: string,
  { resources }: StackState,
  refreshed: readonly Refreshed[],
  listed: ReadonlyMap<string, readonly Configuration[]>,
  ignore: readonly string[] = [],
): DriftReport {
  const pairs = refreshed.flatMap(endpoints);
  const gone = pairs.flatMap(({ declared, actualUrl }) => (actualUrl === undefined ? [declared] : []));
  const changed = pairs.flatMap(({ declared, actualUrl }) =>
    actualUrl === undefined || actualUrl === declared.url
      ? []
      : [{ ...declared, actualUrl, parked: isParkingUrl(actualUrl) }],
  );
  const known = new Set(resources.flatMap(({ ids }) => ids));
  const others = [...listed].flatMap(([accountId, configurations]) =>
    configurations.filter(({ id }) => !known.has(id)).map((each) => ({ ...each, accountId })),
  );
  const undeclared = others.filter((each) => !matches(ignore, each));
  return {
    stack,
    accountIds: [...listed.keys()],
    declared: known.size,
    drift: changed.length + gone.length + undeclared.length > 0,
    changed,
    gone,
    undeclared,
    ignored: others.length - undeclared.length,
    emptyAccountIds: [...listed].flatMap(([accountId, configurations]) =>
      configurations.length === 0 &&
      resources.some((each) => each.accountId === accountId && each.ids.length > 0)
        ? [accountId]
        : [],
    ),
  };
}

interface Pair {
  readonly declared: Declared;
  /** Absent if it is gone. */
  readonly actualUrl: string | undefined;
}

function endpoints({ urn, type, id, before, after }: Refreshed): readonly Pair[] {
  const name = urn.split("::").slice(3).join("::");
  if (type === WEBHOOK_CONFIG_TYPE) {
    const { accountId, url } = single.parse(before);
    return [{ declared: { urn, name, accountId, id, url }, actualUrl: single.safeParse(after).data?.url }];
  }
  const { accountId, ids, urls } = set.parse(before);
  const now = set.safeParse(after).data;
  return Object.entries(ids).map(([key, each]) => {
    const url = urls[key] ?? HIDDEN;
    return {
      declared: { urn, name: `${name}[${key}]`, accountId, id: each, url },
      actualUrl: now?.ids[key] === undefined ? undefined : (now.urls[key] ?? HIDDEN),
    };
  });
}
