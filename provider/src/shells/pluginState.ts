import type { ProviderConfig } from "../core/api/providerConfig.js";
import { credentials } from "../core/api/settings.js";
import { isGiven, type Props } from "../core/call.js";

/** What state calls the plugin's resources and providers. */
export const PLUGIN_CONFIG_TYPE = "kompliant:index:WebhookConfig";
export const PLUGIN_SET_TYPE = "kompliant:index:WebhookConfigSet";
export const PLUGIN_PROVIDER_TYPE = "pulumi:providers:kompliant";

/** Whether a provider is the one that the engine makes of the stack config: `default_0_1_0`. */
export function isOfStackConfig(name: string): boolean {
  return /^default(_\d+_\d+_\d+.*)?$/.test(name);
}

/**
 * The configuration of one provider. An explicit one without any credentials uses those of the environment, if that has
 * all three.
 *
 * @param given a provider's properties, as the engine has them
 * @param name how the program calls the provider
 */
export function pluginConfig(given: Props, name: string, env: NodeJS.ProcessEnv): ProviderConfig {
  // A provider's properties may arrive as text or as what they are.
  const get = (key: string) => (isGiven(given[key]) ? String(given[key]) : undefined);
  if (isOfStackConfig(name)) return { get };
  const isComplete = credentials.every(({ variable }) => env[variable] !== undefined);
  const hasCredentials = credentials.some(({ key }) => isGiven(given[key])) || !isComplete;
  const declaration = `the provider "${name}"`;
  return { get, provider: { name, declaration, hasCredentials, copiesStackConfig: false } };
}
