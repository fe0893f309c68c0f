import * as pulumi from "@pulumi/pulumi";
import { accountProblem, describeProblems } from "./api/settings.js";
import { type DeclaredConflict, LIMIT, type Surroundings } from "./contract.js";
import { type Process, UserError } from "./session.js";

type CheckFailure = pulumi.dynamic.CheckFailure;

/** What a check failure names when the problem is in no single property. */
export const WHOLE = "";

/** False for what a preview cannot know yet. */
export function isKnown(value: unknown): boolean {
  return value !== pulumi.runtime.unknownValue;
}

/**
 * The account that a resource belongs to: its own, or that of the provider's settings.
 *
 * @returns the failures of everything that is missing or malformed besides
 */
export async function checkAccount(
  process: Process,
  given: unknown,
): Promise<{ readonly accountId: unknown; readonly failures: CheckFailure[] }> {
  const { accountId: configured, problems } = await process.resolved();
  const accountId = given ?? configured;
  const missing = [...problems];
  if (accountId === undefined)
    missing.push(
      "kompliant:accountId is missing: `pulumi config set kompliant:accountId …`, or KOMPLIANT_ACCOUNT_ID in the environment, or `accountId` of the resource",
    );
  const failures = missing.length === 0 ? [] : [{ property: WHOLE, reason: describeProblems(missing) }];
  // A malformed one of the settings is among the problems already.
  const problem = accountId !== configured && isKnown(accountId) ? accountProblem(accountId) : undefined;
  if (problem !== undefined) failures.push({ property: "accountId", reason: problem });
  return { accountId, failures };
}

/** What the program could not work out of what it passes. Nothing else can be judged then. */
export function refusals(given: unknown): CheckFailure[] {
  return Array.isArray(given) ? given.map((reason) => ({ property: WHOLE, reason: String(reason) })) : [];
}

/** Whether the program passes a value; one that is absent may arrive as null. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** What check says where a preview can go no further. */
export async function failuresOf(preview: Promise<CheckFailure[]>): Promise<CheckFailure[]> {
  try {
    return await preview;
  } catch (error) {
    if (error instanceof UserError) return [{ property: WHOLE, reason: error.message }];
    throw error;
  }
}

/** What the program says of itself; a preview may not know it yet, and a secret that is absent arrives as null. */
export function surroundingsOf(given: unknown): Surroundings {
  return typeof given === "object" && given !== null ? given : {};
}

/** Why a set that removes what it does not declare cannot be in the same account as another resource. */
export function notAlone(
  accountId: unknown,
  owner = "a set of this program",
  rival = "another resource of this program",
): string {
  return `${owner} removes whatever it does not declare in account ${accountId}, and ${rival} is in the same account. Declare everything of the account in the set, or let it keep what is foreign (\`foreign: "keep"\`).`;
}

/**
 * What check says of a conflict inside the program, which the program's side has found.
 *
 * @param property what holds the resource's URLs
 */
export function conflictFailure(
  conflict: DeclaredConflict,
  accountId: unknown,
  property: "url" | "urls",
): CheckFailure {
  if (conflict.kind === "limit")
    return {
      property: WHOLE,
      reason: `the program declares ${conflict.declared} webhook configurations in account ${accountId}: Kompliant allows ${LIMIT} active ones in an account. Remove ${conflict.declared - LIMIT}, or use a second account.`,
    };
  if (conflict.kind === "not-alone")
    return {
      property: WHOLE,
      reason: notAlone(accountId, `the set "${conflict.owner}"`, `"${conflict.rival}"`),
    };
  const names = conflict.names.map((name) => `"${name}"`).join(" and ");
  return {
    property,
    reason: `${names} declare the same URL ${conflict.url} in account ${accountId}: a URL can be registered once in an account. Remove one of them, or give it another URL.`,
  };
}
