import { expect, test } from "vitest";
import type { DriftReport } from "../../provider/src/cli/driftReport.js";
import { driftMarkdown, driftText } from "../../provider/src/cli/driftText.js";
import { styleFor } from "../../provider/src/cli/terminal.js";
import { MAYBE_ANOTHER_ACCOUNT } from "../../provider/src/core/messages/nothingListed.js";
import { noCommand } from "../../provider/src/core/messages/shown.js";
import { pages, parse } from "../docs/markdown.js";

const NOW = Date.UTC(2026, 5, 15);
const days = (n: number) => new Date(NOW - n * 86_400_000).toISOString();
const plain = styleFor({ isTTY: false, hasColors: () => false });
const orders = {
  urn: "urn:pulumi:prod::webhooks::pulumi-nodejs:dynamic/kompliant:WebhookConfig::orders",
  name: "orders",
  accountId: "lv_4K8mPxR9N2jL7hS5TdWfY1",
  id: "whc_2K9mPxR7N4jL8hS6TdWfY3",
  url: "https://example.com/kompliant/orders",
  external: false,
};
const test12 = {
  id: "whc_7W3rBzU5R8mP2kX9YgAiC6",
  url: "https://example.com/kompliant/test",
  createdAt: days(12),
  updatedAt: days(12),
  accountId: orders.accountId,
};
const report: DriftReport = {
  stack: "prod",
  accountIds: [orders.accountId],
  declared: 3,
  external: 0,
  drift: true,
  changed: [{ ...orders, actualUrl: "https://elsewhere.example.com/orders", parked: false }],
  gone: [
    {
      ...orders,
      name: "payments",
      id: "whc_5T8nQyS1P6kM9iU7VeXgZ4",
      url: "https://example.com/kompliant/payments",
    },
  ],
  undeclared: [test12],
  ignored: 0,
  emptyAccountIds: [],
};

test("the guide shows a report as it is printed", () => {
  const page = pages().find(({ path }) => path === "docs/guides/pipelines.md");
  if (page === undefined) throw new Error("the guide has gone");
  const shown = parse(page).blocks.find(({ info }) => info[0] === "text")?.code;
  expect(driftText(report, NOW, plain).split("\n\n`")[0]).toBe(shown);
});

test("what to do is said for each account, and only what there is to do", () => {
  const other = { ...test12, id: "whc_other", accountId: "lv_other" };
  const two = { ...report, changed: [], gone: [], undeclared: [test12, other] };
  const text = driftText({ ...two, accountIds: ["lv_4K8mPxR9N2jL7hS5TdWfY1", "lv_other"] }, NOW, plain);
  expect(text).toContain("--account lv_4K8mPxR9N2jL7hS5TdWfY1 --filter whc_7W3rBzU5R8mP2kX9YgAiC6`");
  expect(text).toContain("--account lv_other --filter whc_other`");
  expect(text).not.toContain("pulumi up");
});

test("nothing that a cell holds ends it", () => {
  const odd = { ...test12, url: "https://example.com/`a`|b\nc" };
  const row = driftMarkdown({ ...report, changed: [], gone: [], undeclared: [odd] }, NOW)
    .split("\n")
    .find((line) => line.includes(odd.id));
  expect(row).toContain("| `https://example.com/%60a%60\\|b\\nc`, since 2026-06-03 |");
});

const HOSTILE =
  "::error::x\n::set-output name=a::b\r##[error]y\u001b[2J\u202e\u2028`|\\\\|<img src=x onerror=alert(1)>@octocat[a](https://evil.example)";
const hostile: DriftReport = {
  ...report,
  stack: HOSTILE,
  accountIds: [HOSTILE],
  changed: [{ ...orders, name: HOSTILE, id: HOSTILE, url: HOSTILE, actualUrl: HOSTILE, parked: false }],
  gone: [{ ...orders, name: HOSTILE, id: HOSTILE, url: HOSTILE, urlHeldBy: HOSTILE }],
  undeclared: [{ ...test12, id: HOSTILE, url: HOSTILE, createdAt: HOSTILE, accountId: HOSTILE }],
  pending: [{ urn: HOSTILE, name: HOSTILE, operation: HOSTILE }],
  emptyAccountIds: [HOSTILE],
};

test("whatever others have written stays on its line, and no line is a command", () => {
  const text = noCommand(driftText(hostile, NOW, plain));
  expect(text).not.toMatch(/^\s*::/m);
  expect(text).not.toContain("##[");
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  // With words in place of all of this there are as many lines.
  const tame = JSON.parse(JSON.stringify(hostile).replaceAll(JSON.stringify(HOSTILE), '"tame"'));
  expect(text.split("\n")).toHaveLength(driftText(tame, NOW, plain).split("\n").length);
  expect(text).not.toContain("--account ::");
  expect(text).toContain("with the account's id quoted for your shell");
});

test("in Markdown it stays code", () => {
  const markdown = driftMarkdown(hostile, NOW);
  // What is left when all code has been taken out is ours alone.
  const bare = markdown.replace(/`[^`\n]+`/g, "CODE");
  for (const word of ["octocat", "<img", "evil", "error", "::", "`"]) expect(bare).not.toContain(word);
  for (const row of markdown.split("\n").filter((each) => each.startsWith("|")))
    expect(cells(row), row).toHaveLength(4);
});

/** As GitHub cuts a row: a backslash takes what follows with it. */
function cells(row: string): readonly string[] {
  return (row.match(/(\\.|[^|\\])+/g) ?? []).filter((cell) => cell !== "");
}

test.each(["garbage", "", "garbage 1", "9999-12-31T23:59:59.999Z", "+275760-09-13T00:00:00.000Z"])(
  "a time that is none, %j, is shown as it is",
  (createdAt) => {
    const odd = { ...report, changed: [], gone: [], undeclared: [{ ...test12, createdAt }] };
    expect(driftMarkdown(odd, NOW)).toContain(`, since \`${createdAt || " "}\` |`);
    const text = driftText(odd, NOW, plain);
    expect(text).toContain(createdAt);
    expect(text).not.toMatch(/NaN|Invalid|days? old/);
  },
);

test("an account that lists nothing is no health", () => {
  const nothing = { ...report, drift: false, changed: [], gone: [], undeclared: [], declared: 0 };
  const text = driftText({ ...nothing, emptyAccountIds: ["lv_typo"] }, NOW, plain);
  expect(text).toMatch(/^Nothing is listed in an account of stack prod: 0 endpoints declared/);
  expect(text).toContain(`Account lv_typo lists no endpoint at all. ${MAYBE_ANOTHER_ACCOUNT}`);
  expect(text).not.toContain("No drift");
});
