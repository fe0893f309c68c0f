import { cancellable, type Log, type Runtime } from "../../core/api/runtime.js";
import type { Call, Checked, CheckFailure, Props } from "../../core/call.js";
import { UserError } from "../../core/failures.js";
import { withoutControls } from "../../core/messages/shown.js";
import type { Peers, Word } from "../../core/peers.js";
import { createRun, type Run } from "../../core/run.js";
import { pluginConfig } from "../pluginState.js";
import { presentable } from "../presentable.js";
import { type Change, changesOf } from "./changes.js";
import { configFailures } from "./config.js";
import { invoke } from "./functions.js";
import { typeOf, unknownInputs } from "./resources.js";

/** Which resource a request is about. */
export interface About {
  readonly type: string;
  readonly urn: string;
  readonly name: string;
  /** In milliseconds, where the program says so (`customTimeouts`). */
  readonly timeoutMs?: number | undefined;
}

/** What the engine is told of a difference. */
export interface PluginDiff {
  readonly hasChanges: boolean;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** By path. */
  readonly changes: ReadonlyMap<string, Change>;
  /** What no update changes. */
  readonly stables: readonly string[];
}

/** What the engine asks of the plugin, in plain values. */
export interface PluginShell {
  checkConfig(name: string, config: Props): Promise<{ readonly failures: readonly CheckFailure[] }>;
  configure(name: string, config: Props): Promise<void>;
  check(about: About, olds: Props, news: Props): Promise<Checked>;
  diff(about: About, id: string, olds: Props, news: Props): Promise<PluginDiff>;
  create(
    about: About,
    inputs: Props,
    isPreview: boolean,
  ): Promise<{ readonly id: string; readonly outputs: Props }>;
  read(
    about: About,
    id: string,
    props: Props,
  ): Promise<{ readonly id: string; readonly inputs: Props; readonly outputs: Props } | undefined>;
  update(about: About, id: string, olds: Props, news: Props, isPreview: boolean): Promise<Props>;
  delete(about: About, id: string, props: Props): Promise<void>;
  invoke(token: string, args: Props): Promise<Props>;
  cancel(): Promise<void>;
}

/**
 * @param logOf where messages about a resource go, by its URN
 * @param env the environment of the process, as settings are read from it
 */
export function createPluginShell(
  runtime: Runtime,
  env: NodeJS.ProcessEnv,
  peersOf: (wordOf: (id: string) => Word) => Peers,
  logOf: (urn: string) => Log,
): PluginShell {
  let run: Run | undefined;
  let cancelled = new AbortController();
  const shown = (message: string) => run?.shown(message) ?? withoutControls(message);

  const current = (): Run => {
    if (run === undefined) throw new UserError("the Kompliant provider was not configured");
    run.events.happened();
    return run;
  };
  const callOf = ({ urn, name, timeoutMs }: About, isPreview: boolean, key = urn): Call => {
    const log = logOf(urn);
    return {
      key,
      label: name,
      isPreview,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      log: {
        info: (message) => log.info(shown(message)),
        warn: (message) => log.warn(shown(message)),
        status: (message) => log.status?.(shown(message)),
      },
    };
  };
  const coreOf = ({ type }: About) => typeOf(type).core(current());

  return presentable<PluginShell>(
    {
      checkConfig: async (name, config) => ({ failures: configFailures(config, name, env) }),
      configure: async (name, config) => {
        cancelled = new AbortController();
        run = createRun(
          cancellable(runtime, cancelled.signal),
          env,
          pluginConfig(config, name, env),
          peersOf,
        );
      },
      check: async (about, olds, news) => {
        const isNew = Object.keys(olds).length === 0;
        const unknown = unknownInputs(about.type, news);
        if (unknown.length > 0) return { inputs: {}, failures: unknown };
        return coreOf(about).check(callOf(about, true), isNew ? undefined : olds, news);
      },
      diff: async (about, id, olds, news) => {
        const { deleteBeforeReplace, diff } = coreOf(about);
        const { hasChanges, changed, replaces } = await diff(callOf(about, true), id, olds, news);
        const stables = replaces.length > 0 ? [] : typeOf(about.type).stables;
        const changes = changesOf(changed, replaces, olds, news);
        return { hasChanges, replaces, deleteBeforeReplace, changes, stables };
      },
      create: async (about, inputs, isPreview) => {
        const call = callOf(about, isPreview);
        const created = await coreOf(about).create(call, inputs);
        if (created === undefined) return { id: "", outputs: typeOf(about.type).planned(inputs, {}) };
        if (isPreview) call.log.info(`takes over ${created.id} instead of creating a configuration`);
        return created;
      },
      read: async (about, id, props) => {
        const place = typeOf(about.type).locate(id);
        return coreOf(about).read(callOf(about, true, `read ${id}`), place.id, { ...place.props, ...props });
      },
      update: async (about, id, olds, news, isPreview) => {
        const updated = await coreOf(about).update(callOf(about, isPreview), id, olds, news);
        return updated ?? typeOf(about.type).planned(news, olds);
      },
      delete: async (about, id, props) => {
        // A resource that is deleted has left the program. Its configuration may belong to another one by now, even of
        // the same name.
        await coreOf(about).delete(callOf(about, false, `delete ${id}`), id, props);
      },
      invoke: async (token, args) =>
        invoke(current(), callOf({ type: "", urn: "", name: token }, true), token, args),
      cancel: async () => {
        run?.end();
        cancelled.abort();
      },
    },
    shown,
  );
}
