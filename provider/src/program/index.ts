/**
 * Webhook configurations and keys of Kompliant accounts as resources of a Pulumi program.
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
  listWebhookConfigs,
  listWebhookConfigsOutput,
} from "./lookups.js";
export type { LookupOptions, WebhookConfigResult } from "./lookupTypes.js";
export { Provider, type ProviderArgs } from "./provider.js";
export { WebhookConfig, type WebhookConfigArgs } from "./webhookConfig.js";
export { WebhookConfigSet, type WebhookConfigSetArgs } from "./webhookConfigSet.js";
export { WebhookKey, type WebhookKeyArgs } from "./webhookKey.js";
export { WebhookKeyActivation, type WebhookKeyActivationArgs } from "./webhookKeyActivation.js";
