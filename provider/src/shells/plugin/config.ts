import { describeProblems, resolveSettings } from "../../core/api/settings.js";
import { isKnown, type Props } from "../../core/call.js";
import { readerOf } from "../pluginState.js";
import schema from "./schema.json";

/** What of a provider's configuration is a secret. */
export const SECRETS = Object.entries(schema.provider.inputProperties)
  .filter(([, property]) => "secret" in property)
  .map(([name]) => name);

/** What is wrong with a provider's configuration, as one text; nothing in a preview that does not know all of it. */
export function configProblem(given: Props, name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (!Object.values(given).every(isKnown)) return undefined;
  const resolved = resolveSettings(readerOf(given, name, env), env);
  return resolved.ok ? undefined : describeProblems(resolved.problems);
}
