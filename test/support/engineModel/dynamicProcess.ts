import type { dynamic } from "@pulumi/pulumi";
import { createDynamicShell } from "../../../provider/src/shells/dynamic/shell.js";
import type { Asked, CallName, OneProcess, ProcessOptions } from "./processes.js";
import type { Props, TypeName } from "./program.js";

/** A process of Pulumi's dynamic runtime. */
export function dynamicProcess({ runtime, env, config, name, peersOf }: ProcessOptions): OneProcess {
  const shell = createDynamicShell(runtime, env, peersOf);
  const all = { ...config, ...(name === undefined ? {} : { provider: name }) };
  const own = new Map(Object.entries(all).map(([key, value]) => [`kompliant:${key}`, value]));
  const configured = new Set<TypeName>();
  const kinds: Readonly<Record<TypeName, dynamic.ResourceProvider>> = {
    WebhookConfig: shell.provider,
    WebhookConfigSet: shell.setProvider,
    WebhookKey: shell.keyProvider,
    WebhookKeyActivation: shell.keyActivationProvider,
  };
  return {
    ask: async (call, { type }, asked) => {
      const kind = kinds[type];
      // Only the first call waits for it, as in Pulumi's runtime.
      if (!configured.has(type)) {
        configured.add(type);
        await kind.configure?.({ config: { get: (key: string) => own.get(key) } as never });
      }
      return methods[call](kind, asked);
    },
    // The runtime passes nothing on: the signal of the process's own runtime is all there is.
    cancel: async () => {},
  };
}

/** From a message to a method, and back. */
const methods: Record<CallName, (shell: dynamic.ResourceProvider, asked: Asked) => Promise<Props>> = {
  check: async (shell, { olds, news }) => ({ ...(await shell.check?.(olds, news)) }),
  diff: async (shell, { id, olds, news }) => {
    const { changes, replaces = [], deleteBeforeReplace } = (await shell.diff?.(id, olds, news)) ?? {};
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
