import { PROVIDER_NAME_KEY } from "../../core/api/providerName.js";
import { type ConfigReader, describeProblems, resolveSettings } from "../../core/api/settings.js";
import { isGiven, isKnown, type Props } from "../../core/call.js";
import schema from "./schema.json";

/** What of a provider's configuration is a secret. */
export const SECRETS = Object.entries(schema.provider.inputProperties)
  .filter(([, property]) => "secret" in property)
  .map(([name]) => name);

/** How the engine calls the provider that it makes of the stack config: `default_0_1_0`. */
const OF_STACK_CONFIG = /^default(_\d+_\d+_\d+.*)?$/;

/**
 * Reads the configuration of one provider. An explicit one without any credentials uses those of the environment, if
 * that has all three.
 *
 * @param given a provider's properties, as the engine has them
 * @param name how the program calls the provider
 */
export function readerOf(given: Props, name: string, env: NodeJS.ProcessEnv): ConfigReader {
  const isComplete = ["KOMPLIANT_API_KEY", "KOMPLIANT_SECRET_KEY", "KOMPLIANT_AUTH_TOKEN"].every(
    (variable) => env[variable] !== undefined,
  );
  const hasOwn = SECRETS.some((key) => isGiven(given[key])) || !isComplete;
  const isExplicit = !OF_STACK_CONFIG.test(name);
  return (key) => {
    if (key === PROVIDER_NAME_KEY) return isExplicit && hasOwn ? name : undefined;
    // A provider's properties may arrive as text or as what they are.
    return isGiven(given[key]) ? String(given[key]) : undefined;
  };
}

/** What is wrong with a provider's configuration, as one text; nothing in a preview that does not know all of it. */
export function configProblem(given: Props, name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (!Object.values(given).every(isKnown)) return undefined;
  const resolved = resolveSettings(readerOf(given, name, env), env);
  return resolved.ok ? undefined : describeProblems(resolved.problems);
}
