export { Provider, type ProviderArgs } from "./provider.js";
export { WebhookConfig, type WebhookConfigArgs } from "./webhookConfig.js";
