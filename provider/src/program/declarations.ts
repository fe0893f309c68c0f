import * as pulumi from "@pulumi/pulumi";
import type { DeclaredConflict } from "../lifecycle/text.js";

/** Kompliant's limit of active configurations in one account. */
const LIMIT = 20;

/** URL to the names of the resources that ask for it. */
type Declared = Map<string, string[]>;

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
  const declared = accounts.get(accountId) ?? new Map<string, string[]>();
  accounts.set(accountId, declared);
  return declared;
}

/**
 * Holds URLs against everything else that the program declares in the same account. Only the program knows the names
 * of its resources; what comes of a conflict is said by the provider's check, as for any other bad input.
 *
 * @param provider the explicit provider that the resource goes by, if it has one
 * @param accountId empty where only the provider process knows it
 * @param name the name of the resource that asks for the URLs
 */
export async function declare(
  provider: pulumi.ProviderResource | undefined,
  accountId: string,
  name: string,
  urls: readonly string[],
): Promise<DeclaredConflict | undefined> {
  const declared = declaredIn(provider ?? defaultProvider, accountId);
  for (const url of urls) declared.set(url, [...(declared.get(url) ?? []), name]);

  // All that the program declares without waiting for anything is declared before its next turn: so each message can
  // name all that is involved, whichever comes first.
  await new Promise((resolve) => setImmediate(resolve));

  for (const url of urls) {
    const rivals = declared.get(url) ?? [];
    if (rivals.length > 1) return { kind: "same-url", url, names: rivals };
  }
  return declared.size > LIMIT ? { kind: "limit", declared: declared.size } : undefined;
}
