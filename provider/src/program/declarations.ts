import * as pulumi from "@pulumi/pulumi";
import { type DeclaredConflict, LIMIT } from "../lifecycle/contract.js";

/** What one account is to have. */
interface Declared {
  /** URL to the names of the resources that ask for it. */
  readonly names: Map<string, string[]>;
  /** The sets that remove what they do not declare. */
  readonly owners: Set<string>;
  /** All resources that ask for anything. */
  readonly resources: Set<string>;
}

/** A URL that a resource asks for, and the name to call it by in messages. */
export interface Wanted {
  readonly name: string;
  readonly url: string;
}

/**
 * What each program has declared, by provider and account. Kept by run: the Automation API runs many programs in one
 * process, and each has a stack resource of its own.
 */
const runs = new WeakMap<object, Map<object, Map<string, Declared>>>();
const noRun = {};
const defaultProvider = {};

function declaredIn(provider: object, accountId: string): Declared {
  const run = pulumi.runtime.getStackResource() ?? noRun;
  const providers = runs.get(run) ?? new Map<object, Map<string, Declared>>();
  runs.set(run, providers);
  const accounts = providers.get(provider) ?? new Map<string, Declared>();
  providers.set(provider, accounts);
  const declared = accounts.get(accountId) ?? {
    names: new Map<string, string[]>(),
    owners: new Set<string>(),
    resources: new Set<string>(),
  };
  accounts.set(accountId, declared);
  return declared;
}

/**
 * Holds a resource's URLs against everything else that the program declares in the same account. Only the program
 * knows the names of its resources; what comes of a conflict is said by the provider's check, as for any bad input.
 *
 * @param provider the explicit provider that the resource goes by, if it has one
 * @param accountId empty where only the provider process knows it
 * @param owner the name of a set that removes what it does not declare
 */
export async function declare(
  provider: pulumi.ProviderResource | undefined,
  accountId: string,
  wanted: readonly Wanted[],
  owner?: string,
): Promise<DeclaredConflict | undefined> {
  const { names, owners, resources } = declaredIn(provider ?? defaultProvider, accountId);
  for (const { name, url } of wanted) names.set(url, [...(names.get(url) ?? []), name]);
  if (owner !== undefined) owners.add(owner);
  for (const name of owner === undefined ? wanted.map((each) => each.name) : [owner]) resources.add(name);

  // All that the program declares without waiting for anything is declared before its next turn: so each message can
  // name all that is involved, whichever comes first.
  await new Promise((resolve) => setImmediate(resolve));

  for (const { url } of wanted) {
    const rivals = names.get(url) ?? [];
    if (rivals.length > 1) return { kind: "same-url", url, names: rivals };
  }
  const [remover] = owners;
  const rival = [...resources].find((name) => name !== remover);
  if (remover !== undefined && rival !== undefined) return { kind: "not-alone", owner: remover, rival };
  return names.size > LIMIT ? { kind: "limit", declared: names.size } : undefined;
}
