const REQUIRED = [
  "KOMPLIANT_ACCOUNT_ID",
  "KOMPLIANT_API_KEY",
  "KOMPLIANT_SECRET_KEY",
  "KOMPLIANT_AUTH_TOKEN",
] as const;

/**
 * The sandbox that the environment names, as the variables that lead to it.
 *
 * @returns undefined if the environment has none of an account and the three credentials
 * @throws Error if it has only some of them, or those of a live account: a run against the emulator would then pass
 * for a run against what was meant
 */
export function sandboxOf(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> | undefined {
  const missing = REQUIRED.filter((name) => !env[name]);
  if (missing.length === REQUIRED.length) return undefined;
  const instead = `Set all of ${REQUIRED.join(", ")} for a sandbox, or none of them for the emulator.`;
  if (missing.length > 0) throw new Error(`${missing.join(", ")} not set. ${instead}`);
  if (!env["KOMPLIANT_API_KEY"]?.startsWith("sb_"))
    throw new Error(
      `KOMPLIANT_API_KEY is not that of a sandbox (sb_…), and the test creates and deletes. ${instead}`,
    );
  return {
    KOMPLIANT_BASE_URL: env["KOMPLIANT_BASE_URL"] || "https://api.kompliant.com",
    ...Object.fromEntries(REQUIRED.map((name) => [name, env[name] ?? ""])),
  };
}

/** Whether keys may be activated: whatever account that happens to loses its active key, so a sandbox has to be released. */
export function mayActivateKeys(env: Readonly<Record<string, string | undefined>>): boolean {
  return sandboxOf(env) === undefined || env["TEST_ACTIVATES_KEYS"] === "yes";
}
