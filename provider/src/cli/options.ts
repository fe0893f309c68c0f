import { InvalidArgumentError } from "commander";
import { accountProblem } from "../core/api/settings.js";

/** What several commands have in common, so that it is the same everywhere. */
export const ACCOUNT = [
  "--account <id>",
  "the account (default: KOMPLIANT_ACCOUNT_ID)",
  parseAccountId,
] as const;

export function parseAccountId(text: string): string {
  const problem = accountProblem(text);
  if (problem === undefined) return text;
  throw new InvalidArgumentError(problem);
}

export const FILTER = [
  "--filter <pattern...>",
  "only these: ids, or parts of URLs, where * stands for anything",
] as const;

export const ENVIRONMENT = `
Environment:
  KOMPLIANT_API_KEY, KOMPLIANT_SECRET_KEY, KOMPLIANT_AUTH_TOKEN   the credentials
  KOMPLIANT_ACCOUNT_ID                                            the account
  KOMPLIANT_BASE_URL, KOMPLIANT_API_VERSION                       where to call, if not https://api.kompliant.com`;
