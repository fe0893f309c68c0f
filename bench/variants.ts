import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import * as present from "../test/support/engine.js";

const require = createRequire(import.meta.url);
const serialized = require("./providers/serialized.cjs") as {
  noop: pulumi.dynamic.ResourceProvider;
  Tutorial: new () => pulumi.dynamic.ResourceProvider;
};

export const VARIANTS = ["floor", "no-op", "before", "ours", "plugin", "tutorial"] as const;
/**
 * What is compared: the engine's floor (a no-op whose state holds a constant text), the smallest serialized no-op, an
 * earlier build of this package, this package, its provider plugin, and a provider as tutorials write one.
 */
export type Variant = (typeof VARIANTS)[number];

/** Variants that never call the API, so that its latency is nothing to them. */
export const SILENT: readonly Variant[] = ["floor", "no-op"];

export interface Endpoint {
  readonly name: string;
  readonly accountId: string;
  readonly url: string;
}

/** How a checkout of this repository runs the engine, and the classes that its programs use. */
export type Checkout = Pick<typeof present, "engineStack" | "kompliant">;

/**
 * The checkout that a variant is deployed with. Each runs its stacks in a folder of its own, so that the provider process
 * loads the package that is built there; its program uses the SDK that is installed there, as the Automation API does.
 *
 * @param before where the earlier build is
 */
export async function checkoutOf(variant: Variant, before: string | undefined): Promise<Checkout> {
  if (variant !== "before") return present;
  if (before === undefined) throw new Error("nobody has said where the earlier build is");
  return import(pathToFileURL(join(before, "test", "support", "engine.ts")).href);
}

/** From where the engine runs the text: a folder two below the root. */
const FLOOR_TEXT = 'exports.handler=()=>require("../../bench/providers/noop.cjs").provider';

/** The program that declares one resource for each endpoint. All variants have the same inputs and outputs. */
export function programOf(
  variant: Variant,
  endpoints: readonly Endpoint[],
  { kompliant }: Checkout = present,
): pulumi.automation.PulumiFn {
  const declare = declarations[variant];
  return async () => {
    for (const { name, ...args } of endpoints) declare(name, args, kompliant);
  };
}

/** Lines of Pulumi.yaml that a variant needs. */
export function settingsOf(variant: Variant): { readonly settings?: Record<string, unknown> } {
  if (variant !== "plugin") return {};
  const folder = fileURLToPath(new URL("../provider/dist/plugin/", import.meta.url));
  return { settings: { packages: { kompliant: folder } } };
}

class Plain extends pulumi.CustomResource {}
class Dynamic extends pulumi.dynamic.Resource {}

type Declare = (
  name: string,
  args: { accountId: string; url: string },
  kompliant: Checkout["kompliant"],
) => void;

const webhookConfig: Declare = (name, args, { WebhookConfig }) => {
  new WebhookConfig(name, args);
};

const declarations: Readonly<Record<Variant, Declare>> = {
  floor: (name, args) => {
    new Plain("pulumi-nodejs:dynamic/kompliant:WebhookFloor", name, {
      ...args,
      createdAt: undefined,
      updatedAt: undefined,
      __provider: FLOOR_TEXT,
    });
  },
  "no-op": (name, args) => {
    new Dynamic(serialized.noop, name, args, {}, "kompliant", "WebhookNoop");
  },
  before: webhookConfig,
  ours: webhookConfig,
  plugin: (name, args) => {
    new Plain("kompliant:index:WebhookConfig", name, { ...args, createdAt: undefined, updatedAt: undefined });
  },
  tutorial: (name, args) => {
    new Dynamic(new serialized.Tutorial(), name, args, {}, "kompliant", "WebhookTutor");
  },
};
