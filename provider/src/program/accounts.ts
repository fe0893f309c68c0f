import * as pulumi from "@pulumi/pulumi";
import type { Configuration } from "../core/account/configuration.js";
import { notFound, type Wanted } from "../core/account/explain.js";
import { listAccount } from "../core/account/look.js";
import { KompliantError as CallError } from "../core/api/errors.js";
import { dynamicConfig } from "../core/api/providerConfig.js";
import { systemRuntime } from "../core/api/runtime.js";
import { accountProblem, describeProblems, resolveSettings, type Settings } from "../core/api/settings.js";
import { withoutControls } from "../core/messages/shown.js";
import { KompliantError, NotFoundError } from "./errors.js";
import type { LookupOptions, WebhookConfigResult } from "./lookupTypes.js";
import { type Provider, settingsOf } from "./provider.js";

export interface Account {
  readonly accountId: string;
  readonly configurations: readonly WebhookConfigResult[];
  /** Hides the credentials in a message: a URL can contain one. */
  readonly hide: (text: string) => string;
}

export function pick(
  { key, value }: Wanted,
  { accountId, configurations, hide }: Account,
): WebhookConfigResult {
  const found = configurations.find((each) => each[key] === value);
  if (found !== undefined) return found;
  const message = notFound({ key, value }, accountId, configurations, systemRuntime.date());
  const query = key === "id" ? { id: value } : { url: value };
  throw new NotFoundError(hide(withoutControls(message)), query, accountId);
}

/** Lists of each program's run, by provider and account. */
const runs = new WeakMap<object, Map<object, Map<string, Lists>>>();
const noRun = {};
const defaultProvider = {};

interface Lists {
  /** Answers every lookup that waits for nothing. */
  shared: Promise<readonly Configuration[]> | undefined;
  /** Answers those that wait for something, and have stopped waiting at the same moment. */
  coming: Promise<readonly Configuration[]> | undefined;
}

/** @param fresh what the program has waited for may have changed the account since the last list */
export async function accountOf({ accountId, provider }: LookupOptions, fresh: boolean): Promise<Account> {
  const settings = await settingsFor(provider);
  const id = accountId ?? settings.accountId;
  if (id === undefined)
    throw new pulumi.RunError(
      describeProblems([
        "kompliant:accountId is missing: `pulumi config set kompliant:accountId …`, or pass `accountId`",
      ]),
    );
  const problem = accountProblem(id);
  if (problem !== undefined) throw new pulumi.RunError(problem);
  const lists = listsOf(provider, id);
  const next = () => {
    lists.coming ??= nextTurn()
      .then(() => list(settings, id))
      .finally(() => {
        lists.coming = undefined;
      });
    return lists.coming;
  };
  const answer = fresh ? next() : (lists.shared ?? next());
  if (!fresh) lists.shared = answer;
  try {
    const listed = await answer;
    const configurations = listed.map((each) => ({ ...each, accountId: id }));
    return { accountId: id, configurations, hide: settings.hide };
  } catch (error) {
    if (lists.shared === answer) lists.shared = undefined;
    throw error;
  }
}

function listsOf(provider: Provider | undefined, accountId: string): Lists {
  const run = pulumi.runtime.getStackResource() ?? noRun;
  const providers = runs.get(run) ?? new Map<object, Map<string, Lists>>();
  runs.set(run, providers);
  const accounts = providers.get(provider ?? defaultProvider) ?? new Map<string, Lists>();
  providers.set(provider ?? defaultProvider, accounts);
  const lists = accounts.get(accountId) ?? { shared: undefined, coming: undefined };
  accounts.set(accountId, lists);
  return lists;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function settingsFor(provider: Provider | undefined): Promise<Settings> {
  const given = await settingsOf(provider);
  if (given === undefined)
    throw new pulumi.RunError(
      "the provider's settings are known only after the deployment: look up with getWebhookConfigOutput or listWebhookConfigsOutput inside `apply`, or give the provider credentials from the stack config",
    );
  const resolved = resolveSettings(
    dynamicConfig((key) => given[key]),
    process.env,
  );
  if (!resolved.ok) throw new pulumi.RunError(describeProblems(resolved.problems));
  return resolved.settings;
}

async function list(settings: Settings, accountId: string): Promise<readonly Configuration[]> {
  try {
    return await listAccount(settings, accountId, systemRuntime);
  } catch (error) {
    const { message, cause } = error as Error;
    throw cause instanceof CallError ? new KompliantError(message, cause) : new pulumi.RunError(message);
  }
}
