import { type Account, createAccount } from "./account/account.js";
import { createEvents, type Events } from "./account/events.js";
import { explain } from "./account/explain.js";
import { type KeysSeen, noKeysSeen } from "./activations.js";
import { type Calls, createCalls } from "./api/calls.js";
import { createClient } from "./api/client.js";
import { createKeyClient, type KeyClient } from "./api/keyClient.js";
import { type Operation, startOperation } from "./api/operation.js";
import type { ProviderConfig } from "./api/providerConfig.js";
import type { Runtime } from "./api/runtime.js";
import { describeProblems, resolveSettings, type Settings } from "./api/settings.js";
import type { Call } from "./call.js";
import type { Declaration } from "./declarations.js";
import { UserError } from "./failures.js";
import { forewarn, type Wanting } from "./forewarnings.js";
import { withoutControls } from "./messages/shown.js";
import { createOwnership, type Ownership } from "./ownership.js";
import type { Peers, Word } from "./peers.js";

/** What a program asks for about a resource that must not become part of its state. */
export interface Wish {
  /** Take over the configuration with this id. */
  readonly import?: string;
  /** Take over whichever configuration has the URL. */
  readonly adopt?: boolean;
}

/** One run of a provider process: what all its calls share. */
export interface Run {
  readonly runtime: Runtime;
  /** What is wrong with the settings: then nothing works but check, which says so. */
  readonly problems: readonly string[];
  /** The account of resources that name none; as it was found, where it is among the problems. */
  readonly accountId: string | undefined;
  /** @throws UserError if the settings are not usable */
  readonly settings: Settings;
  readonly owners: Ownership;
  readonly events: Events;
  /** What check has seen, by the resource's key. */
  readonly declared: Map<string, Declaration>;
  /** What check has seen of how a resource wants to be created, by its key. */
  readonly wishes: Map<string, Wish>;
  readonly keys: KeysSeen;
  /** Ids that the engine has named in this run: they are in the stack's state. */
  readonly named: Set<string>;
  /** Accounts that could not be listed for a preview. Each resource that tried again would wait for as long again. */
  readonly unlisted: Set<string>;
  /** What the resources of a preview would get, for `end`. */
  readonly wanted: Wanting[];
  /** @throws UserError if the settings are not usable */
  account(accountId: string): Account;
  /**
   * @param accountId absent where it is not known
   * @throws UserError if the settings are not usable
   */
  keyClient(accountId: string | undefined): KeyClient;
  /** @param what for messages, without the account: `create the webhook configuration for https://…` */
  operation(call: Call, accountId: string | undefined, what: string): Operation;
  /**
   * The error that Pulumi shows for a failed operation.
   *
   * @param inSet whether it is about an endpoint of a set; default: false
   */
  failure(error: unknown, op: Operation, inSet?: boolean): UserError;
  /** Warns, once for each account, that one which should have configurations lists none. */
  warnEmpty(call: Call, accountId: string): void;
  /** A message as it may be shown: without credentials, and without what a terminal acts on. */
  shown(message: string): string;
  /** Says what can be said only now that nothing more comes. */
  end(): void;
}

export function createRun(
  runtime: Runtime,
  env: Readonly<Record<string, string | undefined>>,
  config: ProviderConfig,
  peersOf: (wordOf: (id: string) => Word) => Peers,
): Run {
  const resolved = resolveSettings(config, env);
  const problems = resolved.ok ? [] : resolved.problems;
  const owners = createOwnership(peersOf);
  const events = createEvents(runtime);
  const calls = new Map<string | undefined, Calls>();
  const accounts = new Map<string, Account>();
  const wanted: Wanting[] = [];
  const warned = new Set<string>();

  function settings(): Settings {
    if (!resolved.ok) throw new UserError(describeProblems(problems));
    return resolved.settings;
  }

  function callsOf(accountId: string | undefined): Calls {
    const known = calls.get(accountId);
    if (known !== undefined) return known;
    const made = createCalls(settings(), accountId, runtime);
    calls.set(accountId, made);
    return made;
  }

  function account(accountId: string): Account {
    const known = accounts.get(accountId);
    if (known !== undefined) return known;
    const isOwned = (id: string) => owners.ownerOf(id) !== undefined;
    const made = createAccount(createClient(accountId, callsOf(accountId)), runtime, events, isOwned);
    accounts.set(accountId, made);
    return made;
  }

  return {
    runtime,
    problems,
    accountId: resolved.ok ? resolved.settings.accountId : resolved.accountId,
    get settings() {
      return settings();
    },
    owners,
    events,
    declared: new Map(),
    wishes: new Map(),
    keys: noKeysSeen(),
    named: new Set(),
    unlisted: new Set(),
    wanted,
    account,
    keyClient: (accountId) => createKeyClient(callsOf(accountId)),
    operation: ({ log, timeoutMs }, accountId, what) =>
      startOperation(runtime, log, accountId, what, timeoutMs ?? settings().operationTimeoutMs),
    failure: (error, op, inSet = false) => {
      if (error instanceof UserError) return error;
      const active = op.accountId === undefined ? undefined : accounts.get(op.accountId)?.listed;
      return new UserError(explain(error, { op, settings: settings(), active, inSet, now: runtime.date() }));
    },
    warnEmpty: ({ log }, accountId) => {
      if (warned.has(accountId)) return;
      warned.add(accountId);
      log.warn(
        `account ${accountId} lists no configuration at all, although this stack has some in it. If that is a surprise, do not go on: credentials of another account (these come from ${settings().credentialSource}) can make everything look deleted.`,
      );
    },
    shown: (message) => withoutControls(resolved.ok ? resolved.settings.hide(message) : message),
    end: () => forewarn(wanted.splice(0)),
  };
}
