import { Command } from "commander";
import type { Configuration } from "../core/account/configuration.js";
import { LIMIT } from "../core/account/configuration.js";
import { MAYBE_ANOTHER_ACCOUNT } from "../core/messages/nothingListed.js";
import { daysSince, oneLine, shownUrl } from "../core/messages/shown.js";
import { type ListedAccount, readAccount } from "./account.js";
import { matches } from "./filter.js";
import { ACCOUNT, ENVIRONMENT, FILTER } from "./options.js";
import { asJson } from "./quoting.js";
import { table } from "./table.js";
import { print, printBeside, type Style, styleFor } from "./terminal.js";

interface Options {
  readonly account?: string;
  readonly filter?: string[];
  readonly json?: boolean;
}

/** `pulumi-kompliant list`: what an account has. */
export function listCommand(): Command {
  return new Command("list")
    .description("show the webhook configurations of an account, oldest first")
    .option(...ACCOUNT)
    .option(...FILTER)
    .option("--json", "print JSON instead of a table")
    .addHelpText("after", ENVIRONMENT)
    .action(run);
}

async function run({ account, filter, json }: Options): Promise<void> {
  const { accountId, configurations, hide } = await readAccount(account);
  const shown = configurations.filter((each) => matches(filter, each));
  if (configurations.length === 0)
    printBeside(`account ${oneLine(accountId)} lists nothing at all. ${MAYBE_ANOTHER_ACCOUNT}`);
  if (json)
    print(
      asJson(
        shown.map((each) => ({ ...each, accountId })),
        2,
      ),
    );
  else print(hide(listText({ accountId, configurations }, shown, Date.now(), styleFor(process.stdout))));
}

/** The account for people. */
export function listText(
  { accountId, configurations }: ListedAccount,
  shown: readonly Configuration[],
  now: number,
  style: Style,
): string {
  const rows = shown.map(({ id, url, createdAt, updatedAt }) => [
    oneLine(id),
    shownUrl(url),
    dayOf(createdAt, now),
    updatedAt === createdAt ? "never" : dayOf(updatedAt, now),
  ]);
  const count = `${configurations.length} of ${LIMIT} in account ${oneLine(accountId)}${shown.length < configurations.length ? `, ${shown.length} shown` : ""}`;
  return rows.length === 0
    ? count
    : `${table(["ID", "URL", "CREATED", "UPDATED"], rows, style.bold)}\n\n${style.dim(count)}`;
}

function dayOf(time: string, now: number): string {
  const days = daysSince(time, now);
  if (days === undefined) return oneLine(time);
  const ago = days === 0 ? "today" : days === 1 ? "yesterday" : `${days} days ago`;
  return `${time.slice(0, 10)} (${ago})`;
}
