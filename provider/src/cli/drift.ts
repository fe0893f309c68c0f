import type { EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import type { Configuration } from "../account/ledger.js";
import { listAccount } from "../account/listing.js";
import { type ConfigReader, describeProblems, resolveSettings, type Settings } from "../api/settings.js";
import { type DriftReport, driftReport, type Refreshed } from "./driftReport.js";
import { readState, type StackState } from "./stackState.js";
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
 * Compares a stack's state with the accounts that its resources are in. Changes nothing, and does not run the program.
 *
 * @throws Error that says what stands in the way
 */
export async function findDrift({ cwd, stack, accountIds, ignore }: DriftOptions): Promise<DriftReport> {
  const selected = await selectStack(cwd, stack);
  try {
    const state = readState((await selected.exportStack()).deployment);
    const config = await selected.getAllConfig();
    const reader: ConfigReader = (key) => config[`kompliant:${key}`]?.value;
    // First, since it says best what is wrong with credentials.
    const listed = await listAccounts(state, reader, accountIds ?? []);
    const refreshed = await previewRefresh(selected, state, credentialsOf(reader));
    return driftReport(selected.name, state, refreshed, listed, ignore);
  } catch (error) {
    throw readable(error);
  }
}

async function selectStack(workDir: string, name: string | undefined): Promise<Stack> {
  const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js").catch((error: Error) => {
    throw new Error(`drift needs the package @pulumi/pulumi beside pulumi-kompliant: ${error.message}`);
  });
  try {
    const stackName = name ?? (await (await LocalWorkspace.create({ workDir })).stack())?.name;
    if (stackName === undefined) throw new Error(`no stack is selected in ${workDir}: name one with --stack`);
    return await LocalWorkspace.selectStack({ workDir, stackName });
  } catch (error) {
    throw readable(error);
  }
}

async function listAccounts(
  { resources }: StackState,
  config: ConfigReader,
  more: readonly string[],
): Promise<ReadonlyMap<string, readonly Configuration[]>> {
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
  return new Map(
    await Promise.all(
      [...readers].map(
        async ([accountId, reader]) =>
          [accountId, await listAccount(settingsFrom(reader), accountId, commandRuntime)] as const,
      ),
    ),
  );
}

function settingsFrom(reader: ConfigReader): Settings {
  const resolved = resolveSettings(reader, process.env);
  if (!resolved.ok) throw new Error(describeProblems(resolved.problems));
  return resolved.settings;
}

/**
 * A refresh uses the credentials as they were at the last `up`, unless the environment has some: so those of the stack
 * config, which may have been rotated since, have to come by the environment.
 */
function credentialsOf(config: ConfigReader): Record<string, string> {
  const given = {
    KOMPLIANT_API_KEY: config("apiKey"),
    KOMPLIANT_SECRET_KEY: config("secretKey"),
    KOMPLIANT_AUTH_TOKEN: config("authToken"),
  };
  const known = Object.entries(given).filter((entry): entry is [string, string] => (entry[1] ?? "") !== "");
  const inEnvironment = Object.keys(given).every((name) => (process.env[name] ?? "") !== "");
  return inEnvironment || known.length < 3 ? {} : Object.fromEntries(known);
}

async function previewRefresh(
  stack: Stack,
  { resources }: StackState,
  env: Readonly<Record<string, string>>,
): Promise<readonly Refreshed[]> {
  if (resources.length === 0) return [];
  const refreshed: Refreshed[] = [];
  const errors: string[] = [];
  const onEvent = ({ resOutputsEvent, diagnosticEvent }: EngineEvent) => {
    if (diagnosticEvent?.severity === "error") errors.push(diagnosticEvent.message.trim());
    if (resOutputsEvent === undefined) return;
    const { urn, type, old, new: found } = resOutputsEvent.metadata;
    if (old !== undefined && resources.some((each) => each.urn === urn))
      refreshed.push({ urn, type, id: old.id, before: old.outputs, after: found?.outputs });
  };
  stack.workspace.envVars = { ...stack.workspace.envVars, ...env };
  try {
    // Other resources of the stack may need credentials that are not at hand, and are not looked at.
    await stack.previewRefresh({ target: resources.map(({ urn }) => urn), color: "never", onEvent });
  } catch (error) {
    if (errors.length > 0) throw new Error(`pulumi refresh --preview-only failed:\n${errors.join("\n")}`);
    throw error;
  }
  return refreshed;
}

/** What Pulumi has said on stderr, instead of all that is known of the command. */
function readable(error: unknown): Error {
  const { commandResult } = error as { readonly commandResult?: { readonly stderr: string } };
  const said = commandResult?.stderr.trim();
  if (said === undefined || said === "") return error instanceof Error ? error : new Error(String(error));
  return new Error(said.replace(/^error: /, ""));
}
