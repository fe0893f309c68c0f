import { LIMIT } from "./account/configuration.js";
import type { CheckFailure } from "./call.js";

/** What one resource of the program asks for in an account. */
export interface Declaration {
  readonly key: string;
  /** The resource's name, where it is known. */
  readonly label: string | undefined;
  readonly accountId: string;
  /** Its URLs, each by what names it in messages; without those that are not known yet. */
  readonly urls: readonly { readonly label: string | undefined; readonly url: string }[];
  /** It is a set that removes what it does not declare. */
  readonly mustBeAlone: boolean;
  /** It is in state. */
  readonly exists: boolean;
  /** The program's own diff is to come: a refresh asks for diffs too, and has asked for no check before. */
  isDiffDue: boolean;
}

/**
 * Why an account cannot have what a resource asks for, beside what others of the program ask for.
 *
 * @param property what holds the resource's URLs
 */
export function conflictsOf(
  own: Declaration,
  all: readonly Declaration[],
  property: "url" | "urls",
): CheckFailure[] {
  const { accountId } = own;
  const inAccount = [...all.filter((each) => each.accountId === accountId && each.key !== own.key), own];
  const names = new Map<string, string[]>();
  for (const { label, url } of inAccount.flatMap(({ urls }) => urls))
    names.set(url, [...(names.get(url) ?? []), label === undefined ? "another resource" : `"${label}"`]);
  const doubles = new Set(own.urls.map(({ url }) => url).filter((url) => (names.get(url)?.length ?? 0) > 1));
  const failures: CheckFailure[] = [...doubles].map((url) => ({
    property,
    reason: `${names.get(url)?.join(" and ")} declare the same URL ${url} in account ${accountId}: a URL can be registered once in an account. Remove one of them, or give it another URL.`,
  }));
  const alone = inAccount.find(({ mustBeAlone }) => mustBeAlone);
  const rival = inAccount.find((each) => each !== alone);
  if (alone !== undefined && rival !== undefined)
    failures.push({ property: "", reason: notAlone(accountId, alone, rival) });
  if (names.size > LIMIT)
    failures.push({
      property: "",
      reason: `the program declares ${names.size} webhook configurations in account ${accountId}, or more: Kompliant allows ${LIMIT} active ones in an account. Remove some, or use a second account.`,
    });
  return failures;
}

/** Why a set that removes what it does not declare cannot be in the same account as another resource. */
function notAlone(accountId: string, alone: Declaration, rival: Declaration): string {
  const [set, other] = [alone, rival].map(({ label }) => (label === undefined ? undefined : `"${label}"`));
  return `${set === undefined ? "a set of this program" : `the set ${set}`} removes whatever it does not declare in account ${accountId}, and ${other ?? "another resource of this program"} is in the same account. Declare everything of the account in the set, or let it keep what is foreign (\`foreign: "keep"\`).`;
}
