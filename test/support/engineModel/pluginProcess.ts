import { createPluginShell, type PluginShell } from "../../../provider/src/shells/plugin/shell.js";
import type { Asked, CallName, OneProcess, ProcessOptions } from "./processes.js";
import { type Props, urnOf } from "./program.js";

/** A process of the provider plugin, by its plain values: gRPC is not what a model of the engine is to show. */
export function pluginProcess({ runtime, env, config, name, peersOf }: ProcessOptions): OneProcess {
  const shell = createPluginShell(runtime, env, peersOf, () => runtime);
  const configured = shell.configure(name ?? "default_0_1_0", config);
  return {
    ask: async (call, of, asked) => {
      await configured;
      const type = `kompliant:index:${of.type}`;
      return methods[call](shell, { type, urn: urnOf(of.name, of.type), name: of.name }, asked);
    },
    cancel: () => shell.cancel(),
  };
}

/** What the service makes of a message, and back. */
const methods: Record<
  CallName,
  (shell: PluginShell, about: { type: string; urn: string; name: string }, asked: Asked) => Promise<Props>
> = {
  check: async (shell, about, { olds, news }) => {
    const { inputs, failures } = await shell.check(about, olds, news);
    return { inputs, ...(failures.length === 0 ? {} : { failures }) };
  },
  diff: async (shell, about, { id, olds, news }) => {
    const { hasChanges, replaces, deleteBeforeReplace } = await shell.diff(about, id, olds, news);
    return {
      ...(replaces.length === 0 ? {} : { replaces }),
      ...(deleteBeforeReplace ? { deletebeforereplace: true } : {}),
      changes: hasChanges ? "some" : "none",
    };
  },
  create: async (shell, about, { properties, preview = false }) => {
    const { id, outputs } = await shell.create(about, properties, preview);
    return { id, properties: outputs };
  },
  read: async (shell, about, { id, properties = {} }) => {
    const found = await shell.read(about, id, properties);
    return found === undefined
      ? { properties: {} }
      : { id: found.id, properties: found.outputs, inputs: found.inputs };
  },
  update: async (shell, about, { id, olds, news, preview = false }) => ({
    properties: await shell.update(about, id, olds, news, preview),
  }),
  delete: async (shell, about, { id, properties }) => {
    await shell.delete(about, id, properties);
    return {};
  },
};
