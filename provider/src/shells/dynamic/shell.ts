import type * as pulumi from "@pulumi/pulumi";
import type { Runtime } from "../../core/api/runtime.js";
import { createProcess } from "../../core/session.js";
import type { Siblings } from "../../core/siblings.js";
import { createWebhookConfigProvider } from "../../core/webhookConfig/webhookConfig.js";
import { createWebhookConfigSetProvider } from "../../core/webhookConfigSet/webhookConfigSet.js";
import { presentable } from "./presentable.js";

/** What the engine asks of one provider process, by the name that the constant text asks for. */
export interface DynamicShell {
  readonly provider: pulumi.dynamic.ResourceProvider;
  readonly setProvider: pulumi.dynamic.ResourceProvider;
}

/** @param env the environment of the process, as settings are read from it */
export function createDynamicShell(
  runtime: Runtime,
  env: Readonly<Record<string, string | undefined>>,
  siblings: Siblings,
): DynamicShell {
  const kompliant = createProcess(runtime, env, siblings);
  return {
    provider: presentable(createWebhookConfigProvider(kompliant), kompliant.shown),
    setProvider: presentable(createWebhookConfigSetProvider(kompliant), kompliant.shown),
  };
}
