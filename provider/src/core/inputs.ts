import { accountProblem, describeProblems } from "./api/settings.js";
import { type CheckFailure, isKnown } from "./call.js";
import type { Run } from "./run.js";

/**
 * The account that a resource belongs to: its own, or that of the settings.
 *
 * @returns the failures of everything that is missing or malformed besides
 */
export function checkAccount(
  { accountId: configured, problems }: Pick<Run, "accountId" | "problems">,
  given: unknown,
): { readonly accountId: unknown; readonly failures: CheckFailure[] } {
  const accountId = given ?? configured;
  const missing = [...problems];
  if (accountId === undefined)
    missing.push(
      "kompliant:accountId is missing: `pulumi config set kompliant:accountId …`, or KOMPLIANT_ACCOUNT_ID in the environment, or `accountId` of the resource",
    );
  const failures = missing.length === 0 ? [] : [{ property: "", reason: describeProblems(missing) }];
  // A malformed one of the settings is among the problems already.
  const problem = accountId !== configured && isKnown(accountId) ? accountProblem(accountId) : undefined;
  if (problem !== undefined) failures.push({ property: "accountId", reason: problem });
  return { accountId, failures };
}
