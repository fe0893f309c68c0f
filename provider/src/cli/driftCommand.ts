import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { findDrift } from "./drift.js";
import { driftMarkdown, driftText } from "./driftText.js";
import { parseAccountId } from "./options.js";
import { asJson } from "./quoting.js";
import { print, styleFor } from "./terminal.js";

interface Options {
  readonly cwd: string;
  readonly stack?: string;
  readonly account?: readonly string[];
  readonly ignore?: string[];
  readonly json?: boolean;
  readonly markdown?: string;
}

const DRIFT = 2;
const NOTHING_LISTED = 3;

const MORE = `
Exit code: 0 no drift, 2 drift, 1 error, 3 nothing is listed in one of the accounts and there is no drift in the others.
It changes nothing, and runs neither the program nor the provider: it reads the stack's state and config with \`pulumi\`,
and makes one list call for each account.

Environment:
  KOMPLIANT_API_KEY, KOMPLIANT_SECRET_KEY, KOMPLIANT_AUTH_TOKEN   the credentials (default: the stack config's)
  PULUMI_ACCESS_TOKEN, PULUMI_BACKEND_URL, …                      as for pulumi itself`;

/** `pulumi-kompliant drift`: what differs between a stack and its accounts. */
export function driftCommand(): Command {
  return new Command("drift")
    .description("find endpoints that were changed, are gone, or are not declared in a stack")
    .option("--cwd <dir>", "the project's folder", ".")
    .option("--stack <name>", "the stack (default: the selected one)")
    .option(
      "--account <id...>",
      "look at these accounts too (default: those of the stack's resources)",
      (id, before: readonly string[] = []) => [...before, parseAccountId(id)],
    )
    .option(
      "--ignore <pattern...>",
      "undeclared ones to ignore: ids, or parts of URLs, where * stands for anything",
    )
    .option("--json", "print JSON")
    .option("--markdown <file>", "append a summary in Markdown, for example to $GITHUB_STEP_SUMMARY")
    .addHelpText("after", MORE)
    .action(run);
}

async function run({ cwd, stack, account, ignore, json, markdown }: Options): Promise<void> {
  const { report, hide } = await findDrift({ cwd: resolve(cwd), stack, accountIds: account, ignore });
  const now = Date.now();
  if (markdown !== undefined) appendFileSync(markdown, hide(driftMarkdown(report, now)));
  print(json ? asJson(report, 2) : hide(driftText(report, now, styleFor(process.stdout))));
  if (report.drift) process.exitCode = DRIFT;
  else if (report.emptyAccountIds.length > 0) process.exitCode = NOTHING_LISTED;
}
