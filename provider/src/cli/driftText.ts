import { line } from "../account/explain.js";
import { shownUrl } from "../messages/shown.js";
import type { DriftReport, Known } from "./driftReport.js";
import type { Style } from "./terminal.js";

/** The report for people. */
export function driftText(report: DriftReport, now: number, style: Style): string {
  const { changed, gone, undeclared } = report;
  const parts = [
    section(style.yellow(`${changed.length} changed outside Pulumi`), changed, (each) => [
      `${style.bold(each.name)}  ${each.id}${each.parked ? "  (left parked by a deployment that was cut off)" : ""}${origin(each)}`,
      `  declared  ${shownUrl(each.url)}`,
      `  actual    ${shownUrl(each.actualUrl)}`,
    ]),
    section(style.red(`${gone.length} gone`), gone, (each) => [
      `${style.bold(each.name)}  ${each.id}  ${shownUrl(each.url)}${origin(each)}`,
    ]),
    section(style.yellow(`${undeclared.length} not declared in this stack`), undeclared, (each) => [
      line({ ...each, url: shownUrl(each.url) }, now),
    ]),
  ].filter((part) => part !== "");
  const heading = report.drift
    ? style.bold(`Drift in stack ${report.stack}: ${scope(report)}`)
    : style.green(`No drift in stack ${report.stack}: ${scope(report)}`);
  return [heading, ...parts, ...notes(report)].join("\n\n");
}

/** The report for the summary of a CI job. */
export function driftMarkdown(report: DriftReport, now: number): string {
  const { changed, gone, undeclared } = report;
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
      `${code(shownUrl(each.url))}, since ${new Date(Math.min(now, Date.parse(each.createdAt))).toISOString().slice(0, 10)}`,
    ]),
  ];
  const table = [["Drift", "Resource", "Id", "URL"], ["---", "---", "---", "---"], ...rows];
  const heading = `### Kompliant webhooks: ${report.drift ? "drift" : "no drift"} in stack ${code(report.stack)}`;
  return `${[
    heading,
    scope(report),
    ...(report.drift ? [table.map((cells) => `| ${cells.join(" | ")} |`).join("\n")] : []),
    ...notes(report),
  ].join("\n\n")}\n`;
}

function section<T>(heading: string, found: readonly T[], show: (each: T) => readonly string[]): string {
  if (found.length === 0) return "";
  return [heading, ...found.flatMap(show).map((text) => `  ${text}`)].join("\n");
}

function origin({ external }: Known): string {
  return external ? "  (read with get, managed elsewhere)" : "";
}

function scope({ accountIds, declared, external, ignored }: DriftReport): string {
  return [
    `${declared} endpoint${declared === 1 ? "" : "s"} declared`,
    ...(external === 0 ? [] : [`${external} read`]),
    `account${accountIds.length === 1 ? "" : "s"} ${accountIds.join(", ")}`,
    ...(ignored === 0 ? [] : [`${ignored} undeclared ignored`]),
  ].join(", ");
}

/** What to do next. */
function notes({ changed, gone, undeclared, emptyAccountIds, accountIds }: DriftReport): readonly string[] {
  const different = [...changed, ...gone];
  return [
    ...emptyAccountIds.map(
      (accountId) =>
        `Account ${accountId} lists no endpoint at all. If that is a surprise, check the credentials first: those of another account can make everything look deleted.`,
    ),
    ...(different.every(({ external }) => external)
      ? []
      : [
          "`pulumi up --refresh` brings back what is declared; a program that is changed accordingly keeps what there is.",
        ]),
    ...(different.some(({ external }) => external)
      ? ["What is managed elsewhere is read anew by `pulumi up`, which fails if it is gone."]
      : []),
    ...gone.flatMap(({ name, urlHeldBy }) =>
      urlHeldBy === undefined
        ? []
        : [
            `${urlHeldBy} now has the URL of ${name}, which is gone: \`adoptExisting: true\` takes it over; without it the URL is refused. A WebhookConfigSet takes it over by itself.`,
          ],
    ),
    ...accountIds.flatMap((accountId) => {
      const ids = undeclared.filter((each) => each.accountId === accountId).map(({ id }) => id);
      return ids.length === 0
        ? []
        : [
            `\`npx pulumi-kompliant import-file --account ${accountId} --filter ${ids.join(" ")}\` begins to take over what is not declared; \`--ignore\` leaves it out of this report.`,
          ];
    }),
  ];
}

/** A cell's text, whatever it holds: a name may have line breaks. */
function code(text: string): string {
  return `\`${text.replace(/\s+/g, " ").replace(/`/g, "%60").replace(/\|/g, "\\|")}\``;
}
