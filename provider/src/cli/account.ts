import type { Configuration } from "../core/account/configuration.js";
import { listAccount } from "../core/account/look.js";
import { resolveSettings } from "../core/api/settings.js";
import { commandRuntime } from "./terminal.js";

const CREDENTIALS = ["KOMPLIANT_API_KEY", "KOMPLIANT_SECRET_KEY", "KOMPLIANT_AUTH_TOKEN"];

export interface ListedAccount {
  readonly accountId: string;
  /** Oldest first. */
  readonly configurations: readonly Configuration[];
}

/** Hides the credentials in a text that is to be shown: a URL can contain one. */
export type Hide = (text: string) => string;

/**
 * Lists an account with the credentials of the environment.
 *
 * @param given the account, if it is not that of `KOMPLIANT_ACCOUNT_ID`
 * @throws Error that says everything that is missing or malformed, or why the account cannot be listed
 */
export async function readAccount(
  given: string | undefined,
): Promise<ListedAccount & { readonly hide: Hide }> {
  const env = given === undefined ? process.env : { ...process.env, KOMPLIANT_ACCOUNT_ID: given };
  const accountId = env["KOMPLIANT_ACCOUNT_ID"] ?? "";
  const problems = CREDENTIALS.filter((name) => (env[name] ?? "") === "").map(
    (name) => `${name} is ${env[name] === undefined ? "missing" : "empty"} in the environment`,
  );
  const resolved = problems.length > 0 ? undefined : resolveSettings({ get: () => undefined }, env);
  if (accountId === "")
    problems.push("no account is given: --account, or KOMPLIANT_ACCOUNT_ID in the environment");
  if (resolved?.ok === false) problems.push(...resolved.problems);
  if (!resolved?.ok || problems.length > 0)
    throw new Error(`the account cannot be read:\n${problems.map((each) => `  - ${each}`).join("\n")}`);
  return {
    accountId,
    configurations: await listAccount(resolved.settings, accountId, commandRuntime),
    hide: resolved.settings.hide,
  };
}
