import type { Runtime } from "../../provider/src/core/api/runtime.js";
import { alone } from "../../provider/src/core/peers.js";
import {
  WEBHOOK_CONFIG_SET_TEXT,
  WEBHOOK_CONFIG_TEXT,
  WEBHOOK_KEY_ACTIVATION_TEXT,
  WEBHOOK_KEY_TEXT,
} from "../../provider/src/shells/dynamic/text.js";
import { createPluginShell, type PluginShell } from "../../provider/src/shells/plugin/shell.js";
import { fromStruct, toStruct } from "../../provider/src/shells/plugin/values.js";
import { CallFailure, type Props, type ResourceCalls } from "./providerProcess.js";
import type { ShellCalls, TypeCalls } from "./shellCalls.js";

/** A resource's name where a test gives none. */
const NAME = "it";

/** What is not the same for all types of a process. */
type OwnCalls = Omit<TypeCalls, "now" | "output">;

/**
 * The plugin of one process, asked as the engine does but for gRPC. Its tests are those of the dynamic shell too, which
 * know of no URNs, and of a constant text and a name among the properties: a URN is made up of what tells their resources
 * apart, the text is taken away and given back, and the name goes beside the properties.
 *
 * @param config stack config, as `kompliant:…` keys
 */
export async function pluginCalls(
  runtime: Runtime,
  config: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<Record<keyof ShellCalls, OwnCalls>> {
  const shell = createPluginShell(
    runtime,
    env,
    () => alone,
    () => runtime,
  );
  const own = Object.entries(config).map(([key, value]) => [key.replace("kompliant:", ""), value]);
  await shell.configure("default_0_1_0", Object.fromEntries(own));
  const accountOf = ({ accountId = env["KOMPLIANT_ACCOUNT_ID"] }: Props) => accountId;
  return {
    single: callsOf(shell, "WebhookConfig", WEBHOOK_CONFIG_TEXT, (props) =>
      JSON.stringify([accountOf(props), props["url"]]),
    ),
    set: callsOf(shell, "WebhookConfigSet", WEBHOOK_CONFIG_SET_TEXT, (props) =>
      JSON.stringify([accountOf(props)]),
    ),
    key: callsOf(shell, "WebhookKey", WEBHOOK_KEY_TEXT, ({ name = NAME }) => String(name)),
    activation: callsOf(shell, "WebhookKeyActivation", WEBHOOK_KEY_ACTIVATION_TEXT, ({ name = NAME }) =>
      String(name),
    ),
  };
}

function callsOf(
  shell: PluginShell,
  type: string,
  __provider: string,
  urnOf: (inputs: Props) => string,
): OwnCalls {
  const about = (inputs: Props) => ({
    type: `kompliant:index:${type}`,
    urn: urnOf(inputs),
    name: String(inputs["name"] ?? NAME),
  });
  const overWire = (props: object): Props => ({ ...fromStruct(toStruct(props)) });
  const sent = ({ __provider, name, ...props }: Props) => overWire(props);
  const got = (props: object): Props => ({ ...overWire(props), __provider });
  const failing = (error: Error & { id?: string; properties?: Props; reasons?: string[] }): never => {
    const { message, id, properties = {}, reasons = [] } = error;
    throw new CallFailure(
      message,
      id === undefined ? undefined : { id, properties: got(properties), reasons },
    );
  };
  const check: ResourceCalls["check"] = async (olds, news) => {
    const { inputs, failures } = await shell.check(about(news), sent(olds), sent(news)).catch(failing);
    return { inputs: got(inputs), failures: failures.map((each) => ({ ...each })) };
  };
  return {
    check,
    preview: async (news) => {
      const checked = await check({}, news);
      if (checked.failures.length > 0) return checked;
      const failed = await shell.create(about(news), sent(checked.inputs), true).then(
        () => [],
        ({ message }: Error) => [{ property: "", reason: message }],
      );
      return { ...checked, failures: failed };
    },
    diff: async (id, olds, news) => {
      const { hasChanges, replaces, deleteBeforeReplace } = await shell
        .diff(about(news), id, sent(olds), sent(news))
        .catch(failing);
      return {
        changes: hasChanges ? "some" : "none",
        replaces: [...replaces],
        deleteBeforeReplace,
      };
    },
    create: async (inputs) => {
      const { id, outputs } = await shell.create(about(inputs), sent(inputs), false).catch(failing);
      return { id, properties: got(outputs) };
    },
    read: async (id, props) => {
      const found = await shell.read(about(props), id, sent(props)).catch(failing);
      if (found === undefined) return { id: "", properties: got({}), inputs: undefined };
      return { id: found.id, properties: got(found.outputs), inputs: got(found.inputs) };
    },
    update: async (id, olds, news) =>
      got(await shell.update(about(news), id, sent(olds), sent(news), false).catch(failing)),
    delete: async (id, props) => {
      await shell.delete(about(props), id, sent(props)).catch(failing);
    },
    cancel: () => shell.cancel(),
  };
}
