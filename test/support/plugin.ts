import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { kompliant } from "./engine.js";
import type { ShellName } from "./shellUnderTest.js";

const folder = fileURLToPath(new URL("../../provider/dist/plugin", import.meta.url));

/** What of a YAML project's Pulumi.yaml leads to the plugin of the last build. */
export const packages = { packages: { kompliant: folder } };
/** The same for programs in other languages, which bring classes of their own. */
export const plugins = { plugins: { providers: [{ name: "kompliant", path: folder }] } };

/** The classes of both shells, each with an alias to the other one, as in the schema. */
export interface Classes {
  endpoint(name: string, args: object, opts?: pulumi.CustomResourceOptions): pulumi.CustomResource;
  set(name: string, args: object, opts?: pulumi.CustomResourceOptions): pulumi.CustomResource;
  key(name: string, args: object, opts?: pulumi.CustomResourceOptions): Key;
  activation(
    name: string,
    args: { keyId: pulumi.Input<string> },
    opts?: pulumi.CustomResourceOptions,
  ): pulumi.CustomResource;
  provider(name: string, args: object): pulumi.ProviderResource;
}

const DYNAMIC = "pulumi-nodejs:dynamic/kompliant:";
const PLUGIN = "kompliant:index:";

/** A webhook key of either shell. */
export type Key = pulumi.CustomResource & { readonly sharedSecret: pulumi.Output<string> };

class Generated extends pulumi.CustomResource {}
class GeneratedKey extends Generated {
  declare readonly sharedSecret: pulumi.Output<string>;
}
class GeneratedProvider extends pulumi.ProviderResource {}

export const classes: Readonly<Record<ShellName, Classes>> = {
  dynamic: {
    endpoint: (name, args, opts) =>
      new kompliant.WebhookConfig(name, args as never, {
        aliases: [{ type: `${PLUGIN}WebhookConfig` }],
        ...opts,
      }),
    set: (name, args, opts) =>
      new kompliant.WebhookConfigSet(name, args as never, {
        aliases: [{ type: `${PLUGIN}WebhookConfigSet` }],
        ...opts,
      }),
    key: (name, args, opts) =>
      new kompliant.WebhookKey(name, args, { aliases: [{ type: `${PLUGIN}WebhookKey` }], ...opts }),
    activation: (name, args, opts) =>
      new kompliant.WebhookKeyActivation(name, args, {
        aliases: [{ type: `${PLUGIN}WebhookKeyActivation` }],
        ...opts,
      }),
    provider: (name, args) => new kompliant.Provider(name, args as never),
  },
  plugin: {
    endpoint: (name, args, opts) =>
      new Generated(`${PLUGIN}WebhookConfig`, name, args, {
        aliases: [{ type: `${DYNAMIC}WebhookConfig` }],
        ...opts,
      }),
    set: (name, args, opts) =>
      new Generated(`${PLUGIN}WebhookConfigSet`, name, args, {
        aliases: [{ type: `${DYNAMIC}WebhookConfigSet` }],
        ...opts,
      }),
    key: (name, args, opts) =>
      new GeneratedKey(
        `${PLUGIN}WebhookKey`,
        name,
        { ...args, sharedSecret: undefined },
        { aliases: [{ type: `${DYNAMIC}WebhookKey` }], ...opts },
      ),
    activation: (name, args, opts) =>
      new Generated(`${PLUGIN}WebhookKeyActivation`, name, args, {
        aliases: [{ type: `${DYNAMIC}WebhookKeyActivation` }],
        ...opts,
      }),
    provider: (name, args) => new GeneratedProvider("kompliant", name, { ...args }),
  },
};
