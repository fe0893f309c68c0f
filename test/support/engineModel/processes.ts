import { cancellable, type Runtime } from "../../../provider/src/core/api/runtime.js";
import type { Peers, Word } from "../../../provider/src/core/peers.js";
import { shellUnderTest } from "../shellUnderTest.js";
import { dynamicProcess } from "./dynamicProcess.js";
import { pluginProcess } from "./pluginProcess.js";
import type { Props, TypeName } from "./program.js";

export type CallName = "check" | "diff" | "create" | "read" | "update" | "delete";

/** A call of the engine, with the fields of the gRPC message. */
export interface ModelCall {
  readonly call: CallName;
  /** The resource's name. */
  readonly of: string;
  readonly type: TypeName;
  readonly provider: string | undefined;
  /** The calls that had no answer yet when this one began. */
  readonly during: readonly ModelCall[];
  readonly asked: Props;
  /** Absent if it never got one. */
  answered?: Props;
}

/** The resource that a call is about. */
export interface Of {
  readonly name: string;
  readonly type: TypeName;
  readonly provider: string | undefined;
}

export type Ask = (call: CallName, of: Of, asked: Props) => Promise<Props>;

/** What a provider process is started with. */
export interface ProcessOptions {
  readonly runtime: Runtime;
  readonly env: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
  /** Of the explicit provider, if it is one. */
  readonly name: string | undefined;
  peersOf(wordOf: (id: string) => Word): Peers;
}

/** A provider process, spoken to with the fields of the gRPC messages. */
export interface OneProcess {
  ask(call: CallName, of: Of, asked: Asked): Promise<Props>;
  /** What the engine says at the end of a run. */
  cancel(): Promise<void>;
}

/** What provider processes of one run live in. */
export interface Surrounds {
  readonly runtime: Runtime;
  readonly env: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
  /** The configuration of each explicit provider, by name. */
  readonly providers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Keeps an answer back from the engine. */
  hold?(call: ModelCall): Promise<void>;
  print(line: string): void;
}

/** The provider processes of one run: one for each provider that is asked for something. */
export interface Processes {
  readonly ask: Ask;
  readonly calls: readonly ModelCall[];
  /** Tells all of them that the run is over, and waits until they have ended. */
  close(): Promise<void>;
  /** From now on nothing happens in them, and nobody gets an answer. */
  kill(): void;
}

/** What a process has left for its last words. */
const CLOSING_MS = 100;

export function startProcesses(world: Surrounds): Processes {
  const calls: ModelCall[] = [];
  const open = new Set<ModelCall>();
  const started = new Map<string | undefined, OneProcess>();
  const words: ((id: string) => Word)[] = [];
  const closing = new AbortController();
  let isDead = false;
  const dead = new Promise<never>(() => {});
  const alive = () => !isDead;

  function processOf(provider: string | undefined): OneProcess {
    const found = started.get(provider);
    if (found !== undefined) return found;
    const process = (shellUnderTest === "plugin" ? pluginProcess : dynamicProcess)({
      runtime: cancellable(mortal(world, alive), closing.signal),
      env: world.env,
      config: provider === undefined ? world.config : (world.providers[provider] ?? {}),
      name: provider,
      peersOf: (wordOf) => peersIn(words, wordOf),
    });
    started.set(provider, process);
    return process;
  }

  return {
    calls,
    close: async () => {
      closing.abort();
      await Promise.all([...started.values()].map((each) => each.cancel()));
      await world.runtime.sleep(CLOSING_MS);
      isDead = true;
    },
    kill: () => {
      isDead = true;
    },
    ask: async (name, about, asked) => {
      if (isDead) return dead;
      const { name: of, type, provider } = about;
      const call: ModelCall = { call: name, of, type, provider, during: [...open], asked: plain(asked) };
      calls.push(call);
      open.add(call);
      try {
        call.answered = plain(await processOf(provider).ask(name, about, plain(asked)));
        return plain(call.answered);
      } catch (error) {
        call.answered = { error: (error as Error).message };
        throw error;
      } finally {
        await world.hold?.(call);
        if (isDead) await dead;
        open.delete(call);
      }
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: each call has fields of its own
export type Asked = any;

/** As it comes over the wire: nobody shares an object with somebody else. */
function plain(props: Props): Props {
  return JSON.parse(JSON.stringify(props));
}

/** A process that is killed hears of nothing more. What it has sent is on its way. */
function mortal({ runtime, print }: Surrounds, alive: () => boolean): Runtime {
  const { dispatcher } = runtime;
  if (dispatcher === undefined) throw new Error("the model has no network");
  const never = new Promise<never>(() => {});
  const living = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!alive()) return never;
    const result = await work();
    return alive() ? result : never;
  };
  const heard =
    <A extends unknown[]>(tell: ((...args: A) => void) | undefined) =>
    (...args: A) => {
      if (alive()) tell?.(...args);
    };
  const dispatch: typeof dispatcher.dispatch = (options, handler) =>
    alive() &&
    dispatcher.dispatch(options, {
      onRequestStart: heard(handler.onRequestStart),
      onResponseStart: heard(handler.onResponseStart),
      onResponseData: heard(handler.onResponseData),
      onResponseEnd: heard(handler.onResponseEnd),
      onResponseError: heard(handler.onResponseError),
    });
  return {
    ...runtime,
    dispatcher: Object.create(dispatcher, { dispatch: { value: dispatch } }),
    sleep: (ms) => living(() => runtime.sleep(ms)),
    after: (ms, ring) =>
      runtime.after(ms, () => {
        if (alive()) ring();
      }),
    info: (line) => {
      if (alive()) print(line);
    },
    warn: (line) => {
      if (alive()) print(`warning: ${line}`);
    },
  };
}

/** The processes of a run, which ask each other without sockets. */
function peersIn(all: ((id: string) => Word)[], own: (id: string) => Word): Peers {
  all.push(own);
  return {
    ask: async (id) => {
      const words = all.filter((each) => each !== own).map((each) => each(id));
      return words.includes("keep") ? "keep" : words.includes("delete") ? "delete" : "nothing";
    },
    isHeard: true,
  };
}
