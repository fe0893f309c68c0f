import type * as pulumi from "@pulumi/pulumi";
import { dynamicConfig } from "../../core/api/providerConfig.js";
import type { Log, Runtime } from "../../core/api/runtime.js";
import { configIn } from "../../core/api/schemas.js";
import type { Call, CheckFailure, Props, ResourceType } from "../../core/call.js";
import { PartialFailure, UserError } from "../../core/failures.js";
import type { Peers, Word } from "../../core/peers.js";
import { createRun, type Run } from "../../core/run.js";
import { webhookConfigs } from "../../core/webhookConfig/webhookConfig.js";
import { webhookConfigSets } from "../../core/webhookConfigSet/webhookConfigSet.js";
import { webhookKeys } from "../../core/webhookKey/webhookKey.js";
import { webhookKeyActivations } from "../../core/webhookKey/webhookKeyActivation.js";
import { presentable } from "../presentable.js";
import { createGuesses } from "./guesses.js";

type Provider = pulumi.dynamic.ResourceProvider;

/** What the engine asks of one provider process, by the name that the constant text asks for. */
export interface DynamicShell {
  readonly provider: Provider;
  readonly setProvider: Provider;
  readonly keyProvider: Provider;
  readonly keyActivationProvider: Provider;
}

/** @param env the environment of the process, as settings are read from it */
export function createDynamicShell(
  runtime: Runtime,
  env: Readonly<Record<string, string | undefined>>,
  peersOf: (wordOf: (id: string) => Word) => Peers,
): DynamicShell {
  const guesses = createGuesses();
  let run: Run | undefined;
  /** Something is being changed, so this is no preview. */
  let isActing = false;
  runtime.cancelled?.addEventListener("abort", () => {
    if (!isActing) run?.end();
  });

  const shown = (message: string) => run?.shown(message) ?? message;
  const log: Log = {
    info: (message) => runtime.info(shown(message)),
    warn: (message) => runtime.warn(shown(message)),
  };

  function adapt<I extends object, O extends I>(
    typesOf: (run: Run) => ResourceType<I, O>,
    typeName: string,
    inputsOf: (inputs: I) => string,
  ): Provider {
    const current = (): Run => {
      if (run === undefined) throw new UserError("the Kompliant provider was not configured");
      run.events.happened();
      return run;
    };
    const type = () => typesOf(current());
    const callOf = (
      { key, label }: { readonly key: string; readonly label?: string | undefined },
      isPreview: boolean,
    ): Call => ({ key, label, isPreview, log });
    const act = (inputs: I): Call => {
      isActing = true;
      return callOf(guesses.withInputs(inputsOf(inputs)), false);
    };
    /** Of a preview there is nothing but check and diff. */
    const mayBePreview = () => !isActing && current().problems.length === 0;

    return {
      configure: async ({ config }) => {
        run ??= createRun(
          runtime,
          env,
          dynamicConfig((key) => config.get(`kompliant:${key}`)),
          peersOf,
        );
      },
      check: async (olds: Partial<I>, news: Props) => {
        const refused = refusals(news["refused"]);
        if (refused.length > 0) return { inputs: {}, failures: refused };
        const isNew = Object.keys(olds ?? {}).length === 0;
        const name = typeof news["name"] === "string" ? news["name"] : undefined;
        const resource = guesses.checked(typeName, name, inputsOf(news as unknown as I), isNew);
        const call = callOf(resource, true);
        const { inputs, failures } = await type().check(call, isNew ? undefined : olds, news);
        if (failures.length > 0) return { inputs, failures: [...failures] };
        const known = inputs as unknown as I;
        const differs = isNew || inputsOf(olds as I) !== inputsOf(known);
        guesses.recognises(inputsOf(known), resource, differs);
        if (!isNew || resource.isReplaced || !mayBePreview()) return { inputs };
        return { inputs, failures: await failuresOf(type().create(call, known)) };
      },
      diff: async (id, olds: O, news: I) => {
        const differs = inputsOf(olds) !== inputsOf(news);
        const resource = guesses.ofDiff(inputsOf(news), differs);
        const call = callOf(resource ?? { key: `refresh ${id}` }, true);
        const { hasChanges: differ, changed, replaces } = await type().diff(call, id, olds, news);
        const hasChanges = differ || lacksText(olds, news);
        if (resource !== undefined && replaces.length > 0) guesses.replaces(resource);
        if (hasChanges && resource !== undefined && !replaces.includes("url") && mayBePreview())
          await type().update(call, id, olds, news);
        return {
          // Left open when an input differs: the engine then finds the properties itself and can show them.
          ...(changed.length > 0 ? {} : { changes: hasChanges }),
          replaces: [...replaces],
          deleteBeforeReplace: type().deleteBeforeReplace,
        };
      },
      create: async (inputs: I) => {
        const created = await withText(inputs, type().create(act(inputs), inputs));
        return { id: created?.id ?? "", outs: created?.outputs };
      },
      read: async (id, props: Partial<O> & Props) => {
        const [refused] = refusals(props["refused"]);
        if (refused !== undefined)
          throw new UserError(`cannot read the webhook configuration: ${refused.reason}`);
        const found = await type().read(callOf({ key: `read ${id}` }, true), id, props);
        return found === undefined ? {} : { id: found.id, props: found.outputs, inputs: found.inputs };
      },
      update: async (id, olds: O, news: I) => ({
        outs: await withText(news, type().update(act(news), id, olds, news)),
      }),
      delete: async (id, props: O) => {
        isActing = true;
        // A resource that is deleted has left the program. Its configuration may belong to another one by now.
        await type().delete(callOf({ key: `delete ${id}` }, false), id, props);
      },
    };
  }

  return {
    provider: presentable(
      adapt(webhookConfigs, "WebhookConfig", (inputs) =>
        JSON.stringify([inputs.accountId, configIn(inputs)]),
      ),
      shown,
    ),
    setProvider: presentable(
      adapt(webhookConfigSets, "WebhookConfigSet", ({ accountId, urls, foreign }) =>
        JSON.stringify([accountId, foreign, Object.entries(urls ?? {}).sort()]),
      ),
      shown,
    ),
    keyProvider: presentable(
      adapt(webhookKeys, "WebhookKey", ({ accountId, keepers }) =>
        JSON.stringify([accountId, Object.entries(keepers ?? {}).sort()]),
      ),
      shown,
    ),
    keyActivationProvider: presentable(
      adapt(webhookKeyActivations, "WebhookKeyActivation", ({ keyId }) => JSON.stringify(keyId)),
      shown,
    ),
  };
}

/** What the program could not work out of what it passes. Nothing else can be judged then. */
function refusals(given: unknown): CheckFailure[] {
  return Array.isArray(given) ? given.map((reason) => ({ property: "", reason: String(reason) })) : [];
}

/** What check says where a preview can go no further. */
async function failuresOf(preview: Promise<unknown>): Promise<CheckFailure[]> {
  try {
    await preview;
    return [];
  } catch (error) {
    if (error instanceof UserError) return [{ property: error.property, reason: error.message }];
    throw error;
  }
}

/**
 * Whether state lacks the constant text, since the plugin has written it. Without the text the engine could neither refresh
 * nor delete the resource; an update adds it.
 */
function lacksText(olds: object, news: object): boolean {
  return "__provider" in news && !("__provider" in olds);
}

/** Adds the constant text to what a half failed operation leaves in state: without it, nothing could handle that again. */
async function withText<T>(inputs: object, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof PartialFailure) || !("__provider" in inputs)) throw error;
    const { message, id, properties } = error;
    throw new PartialFailure(message, id, { ...properties, __provider: inputs.__provider });
  }
}
