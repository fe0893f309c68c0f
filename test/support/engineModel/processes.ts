import type { dynamic } from "@pulumi/pulumi";
import { cancellable, type Runtime } from "../../../provider/src/core/api/runtime.js";
import type { Peers, Word } from "../../../provider/src/core/peers.js";
import { createDynamicShell } from "../../../provider/src/shells/dynamic/shell.js";
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

export type Ask = (
  call: CallName,
  of: { readonly name: string; readonly type: TypeName; readonly provider: string | undefined },
  asked: Props,
) => Promise<Props>;

/** What provider processes of one run live in. */
export interface Surrounds {
  readonly runtime: Runtime;
  readonly env: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
  /** The configuration of each explicit provider. */
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
  const shells = new Map<string | undefined, (type: TypeName) => Promise<dynamic.ResourceProvider>>();
  const words: ((id: string) => Word)[] = [];
  const closing = new AbortController();
  let isDead = false;
  const dead = new Promise<never>(() => {});
  const alive = () => !isDead;

  function shellOf(provider: string | undefined) {
    const found = shells.get(provider);
    if (found !== undefined) return found;
    const config = provider === undefined ? world.config : (world.providers[provider] ?? {});
    const shell = createDynamicShell(cancellable(mortal(world, alive), closing.signal), world.env, (wordOf) =>
      peersIn(words, wordOf),
    );
    const configured = new Set<TypeName>();
    const made = async (type: TypeName) => {
      const kind = type === "WebhookConfig" ? shell.provider : shell.setProvider;
      // Only the first call waits for it, as in Pulumi's runtime.
      if (!configured.has(type)) {
        configured.add(type);
        await kind.configure?.({ config: { get: (key: string) => config[key] } as never });
      }
      return kind;
    };
    shells.set(provider, made);
    return made;
  }

  return {
    calls,
    close: async () => {
      closing.abort();
      await world.runtime.sleep(CLOSING_MS);
      isDead = true;
    },
    kill: () => {
      isDead = true;
    },
    ask: async (name, { name: of, type, provider }, asked) => {
      if (isDead) return dead;
      const call: ModelCall = { call: name, of, type, provider, during: [...open], asked: plain(asked) };
      calls.push(call);
      open.add(call);
      const shell = await shellOf(provider)(type);
      try {
        call.answered = plain(await methods[name](shell, plain(asked) as Asked));
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
type Asked = any;

/** Pulumi's dynamic runtime: from a message to a method, and back. */
const methods: Record<CallName, (shell: dynamic.ResourceProvider, asked: Asked) => Promise<Props>> = {
  check: async (shell, { olds, news }) => ({ ...(await shell.check?.(olds, news)) }),
  diff: async (shell, { id, olds, news }) => {
    // State has the text of each resource, which the model leaves out.
    const state = { ...olds, __provider: "" };
    const { changes, replaces = [], deleteBeforeReplace } = (await shell.diff?.(id, state, news)) ?? {};
    return {
      ...(replaces.length === 0 ? {} : { replaces }),
      ...(deleteBeforeReplace === true ? { deletebeforereplace: true } : {}),
      changes: changes === undefined ? "unknown" : changes ? "some" : "none",
    };
  },
  create: async (shell, { properties }) => {
    const { id, outs } = await shell.create(properties);
    return { id, properties: outs };
  },
  read: async (shell, { id, properties }) => {
    const found = (await shell.read?.(id, properties)) as
      | { id?: string; props?: Props; inputs?: Props }
      | undefined;
    return {
      ...(found?.id === undefined ? {} : { id: found.id }),
      properties: found?.props ?? {},
      ...(found?.inputs === undefined ? {} : { inputs: found.inputs }),
    };
  },
  update: async (shell, { id, olds, news }) => ({
    properties: (await shell.update?.(id, olds, news))?.outs ?? {},
  }),
  delete: async (shell, { id, properties }) => {
    await shell.delete?.(id, properties);
    return {};
  },
};

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
  const request = (options: Parameters<typeof dispatcher.request>[0]) =>
    living(() => dispatcher.request(options));
  return {
    ...runtime,
    dispatcher: Object.create(dispatcher, { request: { value: request } }),
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
