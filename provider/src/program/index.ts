/**
 * Webhook configurations of Kompliant accounts as resources of a Pulumi program.
 *
 * @module pulumi-kompliant
 */
export type { Foreign } from "../core/webhookConfigSet/inputs.js";
export {
  isKompliantError,
  isNotFoundError,
  KompliantError,
  NotFoundError,
  type WebhookConfigQuery,
} from "./errors.js";
export {
  getWebhookConfig,
  getWebhookConfigOutput,
  type LookupOptions,
  listWebhookConfigs,
  listWebhookConfigsOutput,
  type WebhookConfigResult,
} from "./lookups.js";
export { Provider, type ProviderArgs } from "./provider.js";
export { WebhookConfig, type WebhookConfigArgs } from "./webhookConfig.js";
export { WebhookConfigSet, type WebhookConfigSetArgs } from "./webhookConfigSet.js";
