import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { kompliant } from "../test/support/engine.js";

const require = createRequire(import.meta.url);
const serialized = require("./providers/serialized.cjs") as {
  noop: pulumi.dynamic.ResourceProvider;
  Tutorial: new () => pulumi.dynamic.ResourceProvider;
};

export const VARIANTS = ["floor", "no-op", "ours", "tutorial"] as const;
/**
 * What is compared: the engine's floor (a no-op whose state holds a constant text), the smallest serialized no-op,
 * this package, and a provider as tutorials write one.
 */
export type Variant = (typeof VARIANTS)[number];

/** Variants that never call the API, so that its latency is nothing to them. */
export const SILENT: readonly Variant[] = ["floor", "no-op"];

export interface Endpoint {
  readonly name: string;
  readonly accountId: string;
  readonly url: string;
}

/** From where the engine runs the text: a folder two below the root. */
const FLOOR_TEXT = 'exports.handler=()=>require("../../bench/providers/noop.cjs").provider';

/** The program that declares one resource for each endpoint. All variants have the same inputs and outputs. */
export function programOf(variant: Variant, endpoints: readonly Endpoint[]): pulumi.automation.PulumiFn {
  const declare = declarations[variant];
  return async () => {
    for (const { name, ...args } of endpoints) declare(name, args);
  };
}

class Floor extends pulumi.CustomResource {}
class Dynamic extends pulumi.dynamic.Resource {}

type Declare = (name: string, args: { accountId: string; url: string }) => void;

const declarations: Readonly<Record<Variant, Declare>> = {
  floor: (name, args) => {
    new Floor("pulumi-nodejs:dynamic/kompliant:WebhookFloor", name, {
      ...args,
      createdAt: undefined,
      updatedAt: undefined,
      __provider: FLOOR_TEXT,
    });
  },
  "no-op": (name, args) => {
    new Dynamic(serialized.noop, name, args, {}, "kompliant", "WebhookNoop");
  },
  ours: (name, args) => {
    new kompliant.WebhookConfig(name, args);
  },
  tutorial: (name, args) => {
    new Dynamic(new serialized.Tutorial(), name, args, {}, "kompliant", "WebhookTutor");
  },
};
