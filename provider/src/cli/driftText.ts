import { line } from "../account/explain.js";
import { shownUrl } from "../lifecycle/url.js";
import type { DriftReport } from "./driftReport.js";
import type { Style } from "./terminal.js";

/** The report for people. */
export function driftText(report: DriftReport, now: number, style: Style): string {
  const { changed, gone, undeclared } = report;
  const parts = [
    section(style.yellow(`${changed.length} changed outside Pulumi`), changed, (each) => [
      `${style.bold(each.name)}  ${each.id}${each.parked ? "  (left parked by a deployment that was cut off)" : ""}`,
      `  declared  ${shownUrl(each.url)}`,
      `  actual    ${shownUrl(each.actualUrl)}`,
    ]),
    section(style.red(`${gone.length} gone`), gone, ({ name, id, url }) => [
      `${style.bold(name)}  ${id}  ${shownUrl(url)}`,
    ]),
    section(style.yellow(`${undeclared.length} that nobody declared`), undeclared, (each) => [
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
      code(each.name),
      code(each.id),
      `${code(shownUrl(each.url))} is now ${code(shownUrl(each.actualUrl))}`,
    ]),
    ...gone.map(({ name, id, url }) => ["gone", code(name), code(id), code(shownUrl(url))]),
    ...undeclared.map((each) => [
      "nobody declared it",
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

function scope({ accountIds, declared, ignored }: DriftReport): string {
  const accounts = `account${accountIds.length === 1 ? "" : "s"} ${accountIds.join(", ")}`;
  const endpoints = `${declared} endpoint${declared === 1 ? "" : "s"} declared`;
  return `${endpoints}, ${accounts}${ignored === 0 ? "" : `, ${ignored} undeclared ignored`}`;
}

function notes({ changed, gone, undeclared, emptyAccountIds }: DriftReport): readonly string[] {
  const ids = undeclared.map(({ id }) => id).join(" ");
  const advice = [
    ...emptyAccountIds.map(
      (accountId) =>
        `Account ${accountId} lists no endpoint at all. If that is a surprise, check the credentials first: those of another account can make everything look deleted.`,
    ),
    ...(changed.length + gone.length === 0
      ? []
      : [
          "`pulumi up --refresh` brings back what is declared; a program that is changed accordingly keeps what there is.",
        ]),
    ...(undeclared.length === 0
      ? []
      : [
          `\`npx pulumi-kompliant import-file --filter ${ids}\` begins to take over what nobody declared; \`--ignore\` leaves it out of this report.`,
        ]),
  ];
  return advice.length === 0 ? [] : [advice.join("\n\n")];
}

/** A cell's text as it is, whatever it holds. */
function code(text: string): string {
  return `\`${text.replace(/`/g, "%60").replace(/\|/g, "\\|")}\``;
}
