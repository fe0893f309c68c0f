import { z } from "zod";
import { type ConfigReader, PROVIDER_NAME_KEY } from "../api/settings.js";
import { WEBHOOK_CONFIG_SET_TYPE, WEBHOOK_CONFIG_TYPE } from "../lifecycle/text.js";

/** What a stack's state says of Kompliant. */
export interface StackState {
  readonly resources: readonly StackResource[];
}

export interface StackResource {
  readonly urn: string;
  readonly accountId: string;
  /** The ids of the configurations that it stands for. */
  readonly ids: readonly string[];
  /** The inputs of the explicit provider that it goes by; absent for the default one. */
  readonly provider?: ConfigReader;
}

const resource = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
  provider: z.string().optional(),
});
type Resource = z.infer<typeof resource>;
const deployment = z.object({ resources: z.array(resource).default([]) });
const secret = z.object({ plaintext: z.string() });
const byName = z.record(z.string(), z.string());

/**
 * Reads a deployment as `pulumi stack export --show-secrets` gives it.
 *
 * @throws Error if it is not one
 */
export function readState(exported: unknown): StackState {
  const { resources } = deployment.parse(exported ?? {});
  const byUrn = new Map(resources.map((each) => [each.urn, each]));
  return {
    resources: resources.filter(isOurs).map((each) => {
      const provider = explicit(byUrn.get(each.provider?.split("::").slice(0, -1).join("::") ?? ""));
      return {
        urn: each.urn,
        accountId: String(plain(each.outputs["accountId"]) ?? ""),
        ids: idsOf(each),
        ...(provider === undefined ? {} : { provider }),
      };
    }),
  };
}

function isOurs({ type, id }: Resource): boolean {
  return id !== undefined && (type === WEBHOOK_CONFIG_TYPE || type === WEBHOOK_CONFIG_SET_TYPE);
}

function idsOf({ type, id = "", outputs }: Resource): readonly string[] {
  return type === WEBHOOK_CONFIG_TYPE ? [id] : Object.values(byName.parse(plain(outputs["ids"]) ?? {}));
}

function explicit(provider: Resource | undefined): ConfigReader | undefined {
  const read: ConfigReader = (key) => {
    const value = plain(provider?.inputs[`kompliant:${key}`]);
    return typeof value === "string" ? value : undefined;
  };
  return read(PROVIDER_NAME_KEY) === undefined ? undefined : read;
}

/** The value of a property, secret or not. */
function plain(value: unknown): unknown {
  const hidden = secret.safeParse(value);
  return hidden.success ? JSON.parse(hidden.data.plaintext) : value;
}
