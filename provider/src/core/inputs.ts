import { accountProblem, describeProblems } from "./api/settings.js";
import { type CheckFailure, isGiven, isKnown } from "./call.js";
import { UserError } from "./failures.js";
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

/**
 * The account of what is only read: the one given, or that of the settings.
 *
 * @throws UserError if it is missing or malformed
 */
export function accountToRead({ settings }: Run, given: unknown): string {
  const accountId = given ?? settings.accountId;
  if (!isGiven(accountId))
    throw new UserError(
      describeProblems([
        "kompliant:accountId is missing: `pulumi config set kompliant:accountId …`, or pass `accountId`",
      ]),
    );
  const problem = accountProblem(accountId);
  if (problem !== undefined) throw new UserError(problem);
  return String(accountId);
}
