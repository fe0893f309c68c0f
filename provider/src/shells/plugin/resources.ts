import { type CheckFailure, type Props, type ResourceType, UNKNOWN } from "../../core/call.js";
import { UserError } from "../../core/failures.js";
import type { Run } from "../../core/run.js";
import { webhookConfigs } from "../../core/webhookConfig/webhookConfig.js";
import { isByName } from "../../core/webhookConfigSet/inputs.js";
import { webhookConfigSets } from "../../core/webhookConfigSet/webhookConfigSet.js";
import { webhookKeys } from "../../core/webhookKey/webhookKey.js";
import { webhookKeyActivations } from "../../core/webhookKey/webhookKeyActivation.js";
import { unknownIn } from "./config.js";
import schema from "./schema.json";

/** A type of resources as the engine sends it: with properties of any form. */
export interface PluginType {
  readonly core: (run: Run) => ResourceType<Props, Props>;
  /** What no update changes. */
  readonly stables: readonly string[];
  /** What an id for `pulumi import` says. */
  locate(id: string): { readonly id: string; readonly props: Props };
  /** What a resource will have, as far as a preview can know. */
  planned(inputs: Props, olds: Props): Props;
}

const types: Readonly<Record<keyof typeof schema.resources, PluginType>> = {
  "kompliant:index:WebhookConfig": {
    core: (run) => webhookConfigs(run) as unknown as ResourceType<Props, Props>,
    stables: ["accountId", "createdAt"],
    locate: (given) => {
      const [, accountId, id] = /^(.+)\/([^/]+)$/.exec(given) ?? [];
      return id === undefined ? { id: given, props: {} } : { id, props: { accountId } };
    },
    planned: (inputs, { createdAt }) => ({ ...inputs, createdAt: createdAt ?? UNKNOWN, updatedAt: UNKNOWN }),
  },
  "kompliant:index:WebhookConfigSet": {
    core: (run) => webhookConfigSets(run) as unknown as ResourceType<Props, Props>,
    stables: ["accountId"],
    locate: (id) => ({ id, props: { accountId: id } }),
    planned: (inputs, { ids }) => ({ ...inputs, ids: plannedIds(inputs["urls"], ids), others: UNKNOWN }),
  },
  "kompliant:index:WebhookKey": {
    core: (run) => webhookKeys(run) as unknown as ResourceType<Props, Props>,
    stables: ["accountId", "sharedSecret", "createdAt"],
    locate: (id) => ({ id, props: {} }),
    planned: (inputs) => ({ ...inputs, sharedSecret: UNKNOWN, createdAt: UNKNOWN }),
  },
  "kompliant:index:WebhookKeyActivation": {
    core: (run) => webhookKeyActivations(run) as unknown as ResourceType<Props, Props>,
    stables: [],
    locate: (id) => ({ id, props: {} }),
    planned: (inputs) => ({ ...inputs, activatedAt: UNKNOWN }),
  },
};

/** @throws UserError */
export function typeOf(token: string): PluginType {
  if (isType(token)) return types[token];
  throw new UserError(`this version of the provider has no resources of the type ${token}`);
}

function isType(token: string): token is keyof typeof types {
  return Object.hasOwn(types, token);
}

/** What is a secret in state, whatever the program says of it. */
export function secretsOf(token: string): readonly string[] {
  if (!isType(token)) return [];
  const { properties } = schema.resources[token];
  return Object.entries(properties)
    .filter(([, property]) => "secret" in property)
    .map(([name]) => name);
}

/** A name keeps its configuration. */
function plannedIds(urls: unknown, ids: unknown): unknown {
  if (!isByName(urls)) return UNKNOWN;
  const known = new Map(Object.entries(isByName(ids) ? ids : {}));
  return Object.fromEntries(Object.keys(urls).map((name) => [name, known.get(name) ?? UNKNOWN]));
}

/** What a program passes that the type does not have. */
export function unknownInputs(token: string, news: Props): CheckFailure[] {
  return isType(token) ? unknownIn(schema.resources[token].inputProperties, news) : [];
}
