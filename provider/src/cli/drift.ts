import type { Configuration } from "../account/ledger.js";
import { listAccount } from "../account/listing.js";
import { type ConfigReader, describeProblems, resolveSettings, type Settings } from "../api/settings.js";
import { type DriftReport, driftReport } from "./driftReport.js";
import { readStack } from "./stack.js";
import type { StackResource } from "./stackState.js";
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
export async function findDrift({ cwd, stack, accountIds, ignore }: DriftOptions): Promise<DriftReport> {
  const { name, resources, config } = await readStack(cwd, stack);
  const listed = await listAll(readersOf(resources, config, accountIds ?? []));
  return driftReport(name, resources, listed, ignore);
}

/** The accounts to look at, each with the settings that its resources go by. */
function readersOf(
  resources: readonly StackResource[],
  config: ConfigReader,
  more: readonly string[],
): ReadonlyMap<string, ConfigReader> {
  const readers = new Map<string, ConfigReader>();
  for (const { accountId, provider = config } of resources)
    if (!readers.has(accountId)) readers.set(accountId, provider);
  for (const accountId of more) if (!readers.has(accountId)) readers.set(accountId, config);
  if (readers.size === 0) {
    const { accountId } = settingsFrom(config);
    if (accountId === undefined)
      throw new Error(
        "the stack has no webhook configurations, and no account is configured: `pulumi config set kompliant:accountId …`, KOMPLIANT_ACCOUNT_ID in the environment, or --account",
      );
    readers.set(accountId, config);
  }
  return readers;
}

/** @throws Error with everything that stands in the way, of all accounts */
async function listAll(
  readers: ReadonlyMap<string, ConfigReader>,
): Promise<ReadonlyMap<string, readonly Configuration[]>> {
  const results = await Promise.allSettled(
    [...readers].map(
      async ([accountId, reader]) =>
        [accountId, await listAccount(settingsFrom(reader), accountId, commandRuntime)] as const,
    ),
  );
  const problems = results.flatMap((each) =>
    each.status === "rejected" ? [(each.reason as Error).message] : [],
  );
  if (problems.length > 0) throw new Error([...new Set(problems)].join("\n"));
  return new Map(results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
}

function settingsFrom(reader: ConfigReader): Settings {
  const resolved = resolveSettings(reader, process.env);
  if (!resolved.ok) throw new Error(describeProblems(resolved.problems));
  return resolved.settings;
}
