import { type Activity, createActivity } from "./account/activity.js";
import { createDirectory, type Directory } from "./account/directory.js";
import { explain } from "./account/explain.js";
import { createClient } from "./api/client.js";
import { type Operation, startOperation } from "./api/operation.js";
import type { Runtime } from "./api/runtime.js";
import { type ConfigReader, describeProblems, resolveSettings, type Settings } from "./api/settings.js";
import { createForewarnings, type Forewarnings } from "./forewarnings.js";
import { createMemory, type Memory, resourceKey } from "./memory.js";
import { withoutControls } from "./messages/shown.js";
import type { Siblings } from "./siblings.js";

/** What all calls of one provider process share, once it is configured. */
export interface Session {
  readonly settings: Settings;
  readonly runtime: Runtime;
  readonly memory: Memory;
  readonly activity: Activity;
  /** This run has begun to change things, so it is not a preview. */
  acting: boolean;
  /** The program has said that this run is no preview. */
  deploys: boolean;
  readonly forewarnings: Forewarnings;
  directory(accountId: string): Directory;
  /** @param what for messages, without the account: `create the webhook configuration for https://…` */
  operation(accountId: string, what: string): Operation;
  /**
   * The error that Pulumi shows for a failed operation.
   *
   * @param inSet whether it is about an endpoint of a set; default: false
   */
  failure(error: unknown, op: Operation, inSet?: boolean): UserError;
  /**
   * Accounts whose list has failed when conflicts were looked for in advance. Checks come one after another, so each
   * that looked again would hold up the deployment for as long again.
   */
  readonly unlisted: Set<string>;
  /** What this process has seen of the stack's own: ids of configurations, and account and URL of resources. */
  readonly seen: Set<string>;
  /** Warns, once for each account, that an account that should have configurations lists none. */
  warnEmpty(accountId: string): void;
}

/** The provider process from its start on, when it is not configured yet. */
export interface Process {
  configure(config: ConfigReader): Promise<void>;
  /** The settings, or everything that is wrong with them and the account that they name all the same. */
  resolved(): Promise<{
    readonly settings: Settings | undefined;
    readonly problems: readonly string[];
    readonly accountId: string | undefined;
  }>;
  /** @throws UserError if the settings are not usable */
  session(): Promise<Session>;
  /** A message as it may be shown: without credentials, and without what a terminal acts on. */
  shown(message: string): string;
  /**
   * Does what the engine asks for to change a resource, which the memory knows by its account and URL.
   *
   * @throws UserError if the settings are not usable
   */
  act<T>(accountId: string, url: string, work: (session: Session) => Promise<T>): Promise<T>;
}

/**
 * The runtime may call other methods while `configure` is still under way, and remembers a failed one as done: so the
 * configuration is kept here, good or bad, and every method asks for it.
 */
export function createProcess(
  runtime: Runtime,
  env: Readonly<Record<string, string | undefined>>,
  siblings: Siblings,
): Process {
  let configured: Session | undefined;
  let problems: readonly string[] = [];
  let accountId: string | undefined;
  const shown = (message: string) => withoutControls(configured?.settings.hide(message) ?? message);
  const shownRuntime: Runtime = {
    ...runtime,
    info: (message) => runtime.info(shown(message)),
    warn: (message) => runtime.warn(shown(message)),
  };
  const session = async () => {
    if (configured === undefined) throw new UserError(describeProblems(problems));
    return configured;
  };
  return {
    configure: async (config) => {
      if (configured !== undefined) return;
      const resolved = resolveSettings(config, env);
      ({ accountId } = resolved.ok ? resolved.settings : resolved);
      if (resolved.ok) configured = createSession(resolved.settings, shownRuntime, siblings);
      else problems = resolved.problems;
    },
    resolved: async () => ({ settings: configured?.settings, problems, accountId }),
    session,
    shown,
    act: async (accountId, url, work) => {
      const current = await session();
      current.acting = true;
      return current.activity.operation(resourceKey(accountId, url), () => work(current));
    },
  };
}

function createSession(settings: Settings, runtime: Runtime, siblings: Siblings): Session {
  const activity = createActivity(runtime);
  const directories = new Map<string, Directory>();
  const warned = new Set<string>();
  const directory = (accountId: string): Directory => {
    let found = directories.get(accountId);
    if (found === undefined) {
      found = createDirectory(createClient(settings, accountId, runtime), runtime, activity);
      directories.set(accountId, found);
    }
    return found;
  };
  const session: Session = {
    settings,
    runtime,
    memory: createMemory(siblings),
    activity,
    acting: false,
    deploys: false,
    forewarnings: createForewarnings(runtime, activity, directory, () => session.acting || session.deploys),
    unlisted: new Set(),
    seen: new Set(),
    directory,
    operation: (accountId, what) => startOperation(runtime, accountId, what, settings.operationTimeoutMs),
    failure: (error, op, inSet = false) => {
      if (error instanceof UserError) return error;
      const active = directory(op.accountId).lastListed();
      return new UserError(explain(error, { op, settings, active, inSet, now: runtime.date() }));
    },
    warnEmpty: (accountId) => {
      if (warned.has(accountId)) return;
      warned.add(accountId);
      runtime.warn(
        `account ${accountId} lists no configuration at all, although this stack has some in it. If that is a surprise, do not go on: credentials of another account (these come from ${settings.credentialSource}) can make everything look deleted.`,
      );
    },
  };
  return session;
}

/**
 * An expected failure. Pulumi prints `message` with the resource; of errors from check, diff, read and delete it also
 * prints `toString()` and `stack` with the stack, where a trace of our code would only hide what matters.
 */
export class UserError extends Error {
  override readonly name = "UserError";

  constructor(message: string) {
    super(message);
    this.stack = message.split("\n")[0] ?? "";
  }

  override toString(): string {
    return "kompliant";
  }
}

/**
 * The failure of an operation after which the resource exists all the same: Pulumi keeps `id` and `properties` in
 * state, and the next `up` calls update, even if nothing differs.
 */
export class PartialFailure extends UserError {
  readonly reasons: readonly string[];

  constructor(
    message: string,
    readonly id: string,
    readonly properties: Readonly<Record<string, unknown>>,
  ) {
    super(message);
    this.reasons = [message];
  }
}
