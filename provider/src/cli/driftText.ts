import { line } from "../core/account/explain.js";
import { MAYBE_ANOTHER_ACCOUNT } from "../core/messages/nothingListed.js";
import { daysSince, oneLine, shownUrl } from "../core/messages/shown.js";
import type { DriftReport, Known } from "./driftReport.js";
import { code, isPlainWord } from "./quoting.js";
import type { Style } from "./terminal.js";

/** The report for people. */
export function driftText(report: DriftReport, now: number, style: Style): string {
  const { changed, gone, undeclared, pending = [] } = report;
  const bold = (name: string) => style.bold(oneLine(name));
  const parts = [
    section(style.yellow(`${changed.length} changed outside Pulumi`), changed, (each) => [
      `${bold(each.name)}  ${oneLine(each.id)}${each.parked ? "  (left parked by a deployment that was cut off)" : ""}${origin(each)}`,
      `  declared  ${shownUrl(each.url)}`,
      `  actual    ${shownUrl(each.actualUrl)}`,
    ]),
    section(style.red(`${gone.length} gone`), gone, (each) => [
      `${bold(each.name)}  ${oneLine(each.id)}  ${shownUrl(each.url)}${origin(each)}`,
    ]),
    section(style.yellow(`${undeclared.length} not declared in this stack`), undeclared, (each) => [
      line({ ...each, id: oneLine(each.id) }, now),
    ]),
    section(style.yellow(`${pending.length} not finished by a deployment`), pending, (each) => [
      `${bold(each.name)}  ${oneLine(each.operation)}`,
    ]),
  ].filter((part) => part !== "");
  const heading = `${headingOf(report, oneLine)}: ${scope(report, oneLine)}`;
  const colour = report.drift ? style.bold : report.emptyAccountIds.length > 0 ? style.yellow : style.green;
  return [colour(heading), ...parts, ...notes(report, oneLine)].join("\n\n");
}

/** The report for the summary of a CI job. */
export function driftMarkdown(report: DriftReport, now: number): string {
  const { changed, gone, undeclared, pending = [] } = report;
  const rows = [
    ...changed.map((each) => [
      each.parked ? "left parked" : "changed",
      `${code(each.name)}${origin(each)}`,
      code(each.id),
      `${code(shownUrl(each.url))} is now ${code(shownUrl(each.actualUrl))}`,
    ]),
    ...gone.map((each) => [
      "gone",
      `${code(each.name)}${origin(each)}`,
      code(each.id),
      code(shownUrl(each.url)),
    ]),
    ...undeclared.map((each) => [
      "not declared",
      "",
      code(each.id),
      `${code(shownUrl(each.url))}, since ${daysSince(each.createdAt, now) === undefined ? code(each.createdAt) : each.createdAt.slice(0, 10)}`,
    ]),
    ...pending.map((each) => ["not finished", code(each.name), "", code(each.operation)]),
  ];
  const table = [["Drift", "Resource", "Id", "URL"], ["---", "---", "---", "---"], ...rows];
  const heading = headingOf(report, code);
  return `${[
    `### Kompliant webhooks: ${heading.charAt(0).toLowerCase()}${heading.slice(1)}`,
    scope(report, inMarkdown),
    ...(report.drift ? [table.map((cells) => `| ${cells.join(" | ")} |`).join("\n")] : []),
    ...notes(report, inMarkdown),
  ].join("\n\n")}\n`;
}

/** How a word of others is shown in the midst of ours. */
type Show = (word: string) => string;

function inMarkdown(word: string): string {
  return isPlainWord(word) ? word : code(word);
}

function section<T>(heading: string, found: readonly T[], show: (each: T) => readonly string[]): string {
  if (found.length === 0) return "";
  return [heading, ...found.flatMap(show).map((text) => `  ${text}`)].join("\n");
}

function origin({ external }: Known): string {
  return external ? "  (read with get, managed elsewhere)" : "";
}

function headingOf({ drift, stack, emptyAccountIds }: DriftReport, show: Show): string {
  if (drift) return `Drift in stack ${show(stack)}`;
  return emptyAccountIds.length === 0
    ? `No drift in stack ${show(stack)}`
    : `Nothing is listed in an account of stack ${show(stack)}`;
}

function scope({ accountIds, declared, external, ignored }: DriftReport, show: Show): string {
  return [
    `${declared} endpoint${declared === 1 ? "" : "s"} declared`,
    ...(external === 0 ? [] : [`${external} read`]),
    `account${accountIds.length === 1 ? "" : "s"} ${accountIds.map((id) => show(id)).join(", ")}`,
    ...(ignored === 0 ? [] : [`${ignored} undeclared ignored`]),
  ].join(", ");
}

/** What to do next. */
function notes(report: DriftReport, show: Show): readonly string[] {
  const { changed, gone, undeclared, pending = [], emptyAccountIds, accountIds } = report;
  const different = [...changed, ...gone];
  return [
    ...emptyAccountIds.map(
      (accountId) => `Account ${show(accountId)} lists no endpoint at all. ${MAYBE_ANOTHER_ACCOUNT}`,
    ),
    ...(different.every(({ external }) => external)
      ? []
      : [
          "`pulumi up --refresh` brings back what is declared; a program that is changed accordingly keeps what there is.",
        ]),
    ...(different.some(({ external }) => external)
      ? ["What is managed elsewhere is read anew by `pulumi up`, which fails if it is gone."]
      : []),
    ...(pending.length === 0
      ? []
      : [
          "What is not finished was cut off, or is under way at this moment: nobody knows yet whether it was done. If no deployment is under way, run `pulumi up --refresh` (after `pulumi cancel`, if the stack is locked). A create that is still named then is cleared by `pulumi refresh --clear-pending-creates`.",
        ]),
    ...gone.flatMap(({ name, urlHeldBy }) =>
      urlHeldBy === undefined
        ? []
        : [
            `${show(urlHeldBy)} now has the URL of ${show(name)}, which is gone: \`adoptExisting: true\` takes it over; without it the URL is refused. A WebhookConfigSet takes it over by itself.`,
          ],
    ),
    ...accountIds.flatMap((accountId) => {
      const ids = undeclared.filter((each) => each.accountId === accountId).map(({ id }) => id);
      return ids.length === 0
        ? []
        : [
            `${importLine(accountId, ids, report.plugin)} begins to take over what is not declared; \`--ignore\` leaves it out of this report.`,
          ];
    }),
  ];
}

/** A line to paste, if no shell reads anything else in it. */
function importLine(accountId: string, ids: readonly string[], plugin = false): string {
  const command = `npx pulumi-kompliant import-file${plugin ? " --plugin" : ""}`;
  return [accountId, ...ids].every(isPlainWord)
    ? `\`${command} --account ${accountId} --filter ${ids.join(" ")}\``
    : `\`${command}\`, with the account's id quoted for your shell,`;
}
