import { describeProblems, resolveSettings } from "../../core/api/settings.js";
import { type CheckFailure, isGiven, isKnown, type Props } from "../../core/call.js";
import { isOfStackConfig, pluginConfig } from "../pluginState.js";
import schema from "./schema.json";

/** What of a provider's configuration is a secret. */
export const SECRETS = Object.entries(schema.provider.inputProperties)
  .filter(([, property]) => "secret" in property)
  .map(([name]) => name);

/** What is wrong with a provider's configuration; of its values nothing in a preview that does not know all of them. */
export function configFailures(given: Props, name: string, env: NodeJS.ProcessEnv): CheckFailure[] {
  // The stack config may have settings of others, such as those of a project that is called `kompliant`.
  const unknown = isOfStackConfig(name) ? [] : unknownIn(schema.provider.inputProperties, given);
  if (unknown.length > 0 || !Object.values(given).every(isKnown)) return unknown;
  const resolved = resolveSettings(pluginConfig(given, name, env), env);
  return resolved.ok ? [] : [{ property: "", reason: describeProblems(resolved.problems) }];
}

/**
 * What a program passes that the schema does not have. Most SDKs refuse it by themselves; ignored, a misspelt
 * `adoptExisting` would create a second endpoint, and a misspelt `accountId` would lead to another account.
 */
export function unknownIn(properties: object, given: Props): CheckFailure[] {
  const known = Object.keys(properties);
  return Object.entries(given)
    .filter(([name, value]) => !known.includes(name) && !name.startsWith("__") && isGiven(value))
    .map(([property]) => ({ property, reason: `there is no such input: it has ${known.join(", ")}` }));
}
