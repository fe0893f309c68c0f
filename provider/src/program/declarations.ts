import * as pulumi from "@pulumi/pulumi";

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
 * Holds a URL against everything else that the program declares in the same account.
 *
 * @param provider the explicit provider that the resource goes by, if it has one
 * @throws if two resources ask for one URL, or one account gets more than it may have
 */
export async function declare(
  provider: pulumi.ProviderResource | undefined,
  accountId: string,
  name: string,
  url: string,
): Promise<void> {
  const declared = declaredIn(provider ?? defaultProvider, accountId);
  const names = declared.get(url) ?? [];
  declared.set(url, [...names, name]);

  // All that the program declares without waiting for anything is declared before its next turn: so each message can
  // name all that is involved, whichever comes first.
  await new Promise((resolve) => setImmediate(resolve));

  const rivals = declared.get(url) ?? [];
  if (rivals.length > 1) {
    const quoted = rivals.map((rival) => `"${rival}"`).join(" and ");
    throw new Error(
      `${quoted} declare the same URL ${url} in account ${accountId}: a URL can be registered once in an account. Remove one of them, or give it another URL.`,
    );
  }
  const count = declared.size;
  if (count > LIMIT)
    throw new Error(
      `the program declares ${count} webhook configurations in account ${accountId}: Kompliant allows ${LIMIT} active ones in an account. Remove ${count - LIMIT}, or use a second account.`,
    );
}
