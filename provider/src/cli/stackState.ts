import * as z from "zod";
import { dynamicConfig, type ProviderConfig } from "../core/api/providerConfig.js";
import { WEBHOOK_CONFIG_SET_TYPE, WEBHOOK_CONFIG_TYPE } from "../shells/dynamic/text.js";
import {
  isOfStackConfig,
  PLUGIN_CONFIG_TYPE,
  PLUGIN_PROVIDER_TYPE,
  PLUGIN_SET_TYPE,
  pluginConfig,
} from "../shells/pluginState.js";

/** What a deployment has begun and not recorded the end of. */
export interface Pending {
  readonly urn: string;
  readonly name: string;
  /** As Pulumi calls it: `creating`, `updating`, `deleting`, … */
  readonly operation: string;
}

/** A resource of Kompliant in a stack's state, or one that a deployment has not finished with. */
export interface StackResource {
  readonly accountId: string;
  readonly endpoints: readonly Endpoint[];
  /** How the explicit provider that it goes by is configured; absent for the default one. */
  readonly config?: ProviderConfig;
}

/** An endpoint that a resource stands for. */
export interface Endpoint {
  readonly urn: string;
  /** The resource's name; of an endpoint of a set with its own name, as in `prod[orders]`. */
  readonly name: string;
  readonly accountId: string;
  readonly id: string;
  readonly url: string;
  /** The program has made the URL a secret. */
  readonly isSecret: boolean;
  /** Read with `WebhookConfig.get`: something else manages it. */
  readonly external: boolean;
  /** `ignoreChanges`: whoever changes the URL may do so. */
  readonly mayChange: boolean;
}

const resource = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
  provider: z.string().optional(),
  external: z.boolean().default(false),
  ignoreChanges: z.array(z.string()).default([]),
});
type Resource = z.infer<typeof resource>;
const deployment = z.object({
  resources: z.array(resource).nullish(),
  pending_operations: z.array(z.object({ resource, type: z.string() })).nullish(),
});
const byName = z.record(z.string(), z.unknown()).catch({});

const SINGLES = [WEBHOOK_CONFIG_TYPE, PLUGIN_CONFIG_TYPE];
const SETS = [WEBHOOK_CONFIG_SET_TYPE, PLUGIN_SET_TYPE];

/** What of a stack's state is about Kompliant. */
export interface StackState {
  readonly resources: readonly StackResource[];
  readonly pending: readonly Pending[];
}

/**
 * Reads a deployment as `pulumi stack export --show-secrets` gives it.
 *
 * @param env where providers may take their credentials from
 * @throws Error if it is not one
 */
export function readState(exported: unknown, env: NodeJS.ProcessEnv): StackState {
  const { resources, pending_operations } = deployment.parse(exported ?? {});
  const all = resources ?? [];
  const byUrn = new Map(all.map((each) => [each.urn, each]));
  const known = (each: Resource, accountId: string, endpoints: readonly Endpoint[]): StackResource => {
    const config = explicit(byUrn.get(each.provider?.split("::").slice(0, -1).join("::") ?? ""), env);
    return { accountId, endpoints, ...(config === undefined ? {} : { config }) };
  };
  const operations = (pending_operations ?? []).filter(({ resource: { type } }) => isOurs(type));
  return {
    resources: [
      ...all
        .filter(({ type, id }) => isOurs(type) && id !== undefined)
        .map((each) =>
          known(each, accountOf(each), SINGLES.includes(each.type) ? [single(each)] : ofSet(each)),
        ),
      // What a create that was cut off has left can be in an account that nothing else is in.
      ...operations.flatMap(({ resource: each }) => {
        const { value } = plain(each.inputs["accountId"]);
        return typeof value === "string" ? [known(each, value, [])] : [];
      }),
    ],
    pending: operations.map(({ resource: { urn }, type }) => ({ urn, name: nameOf(urn), operation: type })),
  };
}

function isOurs(type: string): boolean {
  return SINGLES.includes(type) || SETS.includes(type);
}

/** Whether a resource is the provider plugin's. */
export function isPlugins(urn: string): boolean {
  const type = urn.split("::")[2]?.split("$").at(-1);
  return type === PLUGIN_CONFIG_TYPE || type === PLUGIN_SET_TYPE;
}

function single(of: Resource): Endpoint {
  const { value, isSecret } = plain(of.outputs["url"]);
  return {
    ...whose(of),
    name: nameOf(of.urn),
    id: of.id ?? "",
    url: String(value ?? ""),
    isSecret,
    mayChange: of.ignoreChanges.includes("url"),
  };
}

function ofSet(of: Resource): readonly Endpoint[] {
  const urls = plain(of.outputs["urls"]);
  const byKey = byName.parse(urls.value);
  return Object.entries(byName.parse(plain(of.outputs["ids"]).value)).map(([key, id]) => {
    const { value, isSecret } = plain(byKey[key]);
    return {
      ...whose(of),
      name: `${nameOf(of.urn)}[${key}]`,
      id: String(plain(id).value),
      url: String(value ?? ""),
      isSecret: isSecret || urls.isSecret,
      mayChange: ["urls", `urls.${key}`, `urls["${key}"]`].some((path) => of.ignoreChanges.includes(path)),
    };
  });
}

function whose(of: Resource) {
  return { urn: of.urn, accountId: accountOf(of), external: of.external };
}

function accountOf({ outputs }: Resource): string {
  return String(plain(outputs["accountId"]).value ?? "");
}

/** A name may hold `::` itself. */
function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** How an explicit provider is configured, whichever shell it is of. */
function explicit(provider: Resource | undefined, env: NodeJS.ProcessEnv): ProviderConfig | undefined {
  if (provider === undefined) return undefined;
  const inputs = Object.fromEntries(
    Object.entries(provider.inputs).map(([key, input]) => [key, plain(input).value]),
  );
  if (provider.type === PLUGIN_PROVIDER_TYPE) {
    const name = nameOf(provider.urn);
    return isOfStackConfig(name) ? undefined : pluginConfig(inputs, name, env);
  }
  const config = dynamicConfig((key) => {
    const value = inputs[`kompliant:${key}`];
    return typeof value === "string" ? value : undefined;
  });
  return config.provider === undefined ? undefined : config;
}

/** What tells a secret from an object of the program. @see pulumi, sdk/go/common/resource/sig: Key and Secret */
const secret = z.object({
  "4dabf18193072939515e22adb298388d": z.literal("1b47061264138c4ac30d75fd1eb44270"),
  plaintext: z.string(),
});

function plain(value: unknown): { readonly value: unknown; readonly isSecret: boolean } {
  const hidden = secret.safeParse(value);
  return hidden.success
    ? { value: JSON.parse(hidden.data.plaintext), isSecret: true }
    : { value, isSecret: false };
}
