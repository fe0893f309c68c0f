export type { Foreign } from "../lifecycle/contract.js";
export { Provider, type ProviderArgs } from "./provider.js";
export { WebhookConfig, type WebhookConfigArgs } from "./webhookConfig.js";
export { WebhookConfigSet, type WebhookConfigSetArgs } from "./webhookConfigSet.js";
