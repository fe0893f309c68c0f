import { listAccount } from "../core/account/look.js";
import type { ProviderConfig } from "../core/api/providerConfig.js";
import { describeProblems, resolveSettings, type Settings } from "../core/api/settings.js";
import type { Hide } from "./account.js";
import { type ComparedAccount, type DriftReport, driftReport } from "./driftReport.js";
import { readStack } from "./stack.js";
import type { Endpoint, StackResource } from "./stackState.js";
import { commandRuntime } from "./terminal.js";

export interface DriftOptions {
  readonly cwd: string;
  /** Default: the one that is selected in `cwd`. */
  readonly stack?: string | undefined;
  /** Accounts to look at besides those of the stack's resources. */
  readonly accountIds?: readonly string[] | undefined;
  /** Patterns of configurations that may be there undeclared. */
  readonly ignore?: readonly string[] | undefined;
}

/**
 * Compares a stack's state with the accounts that its resources are in. Changes nothing, and runs neither the program
 * nor the provider.
 *
 * @throws Error that says what stands in the way
 */
export async function findDrift({
  cwd,
  stack,
  accountIds,
  ignore,
}: DriftOptions): Promise<{ readonly report: DriftReport; readonly hide: Hide }> {
  const { name, resources, pending, config } = await readStack(cwd, stack);
  const accounts = accountsOf(resources, config, accountIds ?? []);
  return {
    report: driftReport(name, await listAll(accounts), ignore, pending),
    hide: (text) => accounts.reduce((shown, { settings }) => settings.hide(shown), text),
  };
}

/** An account to look at, by which settings, and what the stack has in it. */
interface Account {
  readonly accountId: string;
  readonly settings: Settings;
  readonly endpoints: readonly Endpoint[];
}

/**
 * Each account once: behind two base URLs there are two, even with one id.
 *
 * @throws Error with everything that is wrong with the settings of any
 */
function accountsOf(
  resources: readonly StackResource[],
  config: ProviderConfig,
  more: readonly string[],
): readonly Account[] {
  const accounts = new Map<string, Account & { readonly endpoints: Endpoint[] }>();
  const problems = new Set<string>();
  const add = (accountId: string, by: ProviderConfig, endpoints: readonly Endpoint[] = []) => {
    const resolved = resolveSettings(by, process.env);
    if (!resolved.ok) return void problems.add(describeProblems(resolved.problems));
    const { settings } = resolved;
    const place = `${settings.baseUrl} ${accountId}`;
    const account = accounts.get(place) ?? { accountId, settings, endpoints: [] };
    account.endpoints.push(...endpoints);
    accounts.set(place, account);
  };
  for (const { accountId, endpoints, config: own = config } of resources) add(accountId, own, endpoints);
  const inState = new Set(resources.map(({ accountId }) => accountId));
  for (const accountId of more) if (!inState.has(accountId)) add(accountId, config);
  if (problems.size > 0) throw new Error([...problems].join("\n"));
  if (accounts.size === 0) {
    const { accountId } = settingsFrom(config);
    if (accountId === undefined)
      throw new Error(
        "the stack has no webhook configurations, and no account is configured: `pulumi config set kompliant:accountId …`, KOMPLIANT_ACCOUNT_ID in the environment, or --account",
      );
    add(accountId, config);
  }
  return [...accounts.values()];
}

/** @throws Error with everything that stands in the way, of all accounts */
async function listAll(accounts: readonly Account[]): Promise<readonly ComparedAccount[]> {
  const results = await Promise.allSettled(
    accounts.map(async ({ accountId, settings, endpoints }) => ({
      accountId,
      endpoints,
      configurations: await listAccount(settings, accountId, commandRuntime),
    })),
  );
  const problems = results.flatMap((each) =>
    each.status === "rejected" ? [(each.reason as Error).message] : [],
  );
  if (problems.length > 0) throw new Error([...new Set(problems)].join("\n"));
  return results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}

function settingsFrom(config: ProviderConfig): Settings {
  const resolved = resolveSettings(config, process.env);
  if (!resolved.ok) throw new Error(describeProblems(resolved.problems));
  return resolved.settings;
}
