import { expect, test } from "vitest";
import type { DriftReport } from "../../provider/src/cli/driftReport.js";
import { driftMarkdown, driftText } from "../../provider/src/cli/driftText.js";
import { styleFor } from "../../provider/src/cli/terminal.js";
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
  expect(row).toContain("| `https://example.com/%60a%60\\|b c`, since 2026-06-03 |");
});
