import { createRequire } from "node:module";
import type * as pulumi from "@pulumi/pulumi";
import { cancellable, type Runtime } from "../../provider/src/core/api/runtime.js";
import { alone } from "../../provider/src/core/peers.js";
import { createDynamicShell } from "../../provider/src/shells/dynamic/shell.js";
import {
  WEBHOOK_CONFIG_SET_TEXT,
  WEBHOOK_CONFIG_TEXT,
  WEBHOOK_KEY_ACTIVATION_TEXT,
  WEBHOOK_KEY_TEXT,
} from "../../provider/src/shells/dynamic/text.js";
import { pluginCalls } from "./pluginCalls.js";
import { transcript } from "./printed.js";
import { CallFailure, type Props, type ResourceCalls } from "./providerProcess.js";
import { shellUnderTest } from "./shellUnderTest.js";

const { Struct } = createRequire(import.meta.url)("google-protobuf/google/protobuf/struct_pb");

type Provider = Required<pulumi.dynamic.ResourceProvider>;

/** What is asked about one type of resources. */
export interface TypeCalls extends ResourceCalls {
  /** What a preview of a new resource asks. The dynamic runtime is asked for check alone. */
  preview(news: Props): ReturnType<ResourceCalls["check"]>;
}

/** What is asked of one provider process, for each of its types of resources. */
export interface ShellCalls {
  readonly single: TypeCalls;
  readonly set: TypeCalls;
  readonly key: TypeCalls;
  readonly activation: TypeCalls;
}

/**
 * The shell of one provider process, in this process and in the time of its runtime, asked as the engine does or, for the
 * dynamic shell, Pulumi's dynamic runtime.
 *
 * @param config stack config, as `kompliant:…` keys
 * @param env of the process
 */
export async function shellCalls(
  runtime: Runtime,
  config: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<ShellCalls> {
  const output = transcript();
  const print = (line: string) => output.add(`${line}\n`);
  const shown = { ...runtime, info: print, warn: (line: string) => print(`warning: ${line}`) };
  const common = { now: runtime.now, output: () => output.text };
  if (shellUnderTest === "plugin") {
    const { single, set, key, activation } = await pluginCalls(shown, config, env);
    return {
      single: { ...single, ...common },
      set: { ...set, ...common },
      key: { ...key, ...common },
      activation: { ...activation, ...common },
    };
  }
  const over = new AbortController();
  const shell = createDynamicShell(cancellable(shown, over.signal), env, () => alone);
  const all = shell as Record<keyof typeof shell, Provider>;
  for (const each of Object.values(all))
    await each.configure({ config: { get: (key) => config[key], require: (key) => config[key] ?? "" } });
  const cancel = async () => over.abort();
  const typed = (provider: Provider, text: string) => ({
    ...callsOf(provider, text, print),
    ...common,
    cancel,
  });
  return {
    single: typed(all.provider, WEBHOOK_CONFIG_TEXT),
    set: typed(all.setProvider, WEBHOOK_CONFIG_SET_TEXT),
    key: typed(all.keyProvider, WEBHOOK_KEY_TEXT),
    activation: typed(all.keyActivationProvider, WEBHOOK_KEY_ACTIVATION_TEXT),
  };
}

/** @param print of errors of these calls, Pulumi's runtime prints the stack; of creates and updates it does not */
function callsOf(
  provider: Provider,
  __provider: string,
  print: (line: string) => void,
): Omit<TypeCalls, "cancel" | "now" | "output"> {
  const sent = (props: Props): Props => overWire({ ...props, __provider });
  const printing = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      print(`${error}: ${(error as Error).stack}`);
      throw new CallFailure((error as Error).message, undefined);
    }
  };
  return {
    check: async (olds, news) => {
      const known = Object.keys(olds).length === 0 ? {} : sent(olds);
      const { inputs = news, failures = [] } = await printing(provider.check(known, sent(news)));
      return { inputs: sent(inputs), failures: failures.map((each) => ({ ...each })) };
    },
    preview(news) {
      return this.check({}, news);
    },
    diff: async (id, olds, news) => {
      const { changes, replaces, deleteBeforeReplace } = await printing(
        provider.diff(id, sent(olds), sent(news)),
      );
      return {
        changes: changes === undefined ? "unknown" : changes ? "some" : "none",
        replaces: replaces ?? [],
        deleteBeforeReplace: deleteBeforeReplace ?? false,
      };
    },
    create: async (inputs) => {
      const { id, outs } = await provider.create(sent(inputs)).catch(failing);
      return { id, properties: sent(outs) };
    },
    read: async (id, props) => {
      const found = await printing(provider.read(id, sent(props)));
      const inputs = found.inputs === undefined ? undefined : sent(found.inputs);
      return { id: found.id ?? "", properties: sent(found.props ?? {}), inputs };
    },
    update: async (id, olds, news) => {
      const { outs } = await provider.update(id, sent(olds), sent(news)).catch(failing);
      return sent(outs);
    },
    delete: async (id, props) => {
      await printing(provider.delete(id, sent(props)));
    },
  };
}

/** What gRPC makes of properties: some that a program can hold do not arrive, or break the call. */
function overWire(props: Props): Props {
  return Struct.fromJavaScript(props).toJavaScript();
}

/** An error with an id says what exists all the same. */
function failing(error: Error & { id?: string; properties?: Props; reasons?: string[] }): never {
  const { message, id, properties = {}, reasons = [] } = error;
  throw new CallFailure(message, id ? { id, properties: overWire(properties), reasons } : undefined);
}
