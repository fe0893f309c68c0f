import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import ts from "typescript";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { driftReport } from "../../provider/src/cli/driftReport.js";
import { driftMarkdown, driftText } from "../../provider/src/cli/driftText.js";
import { importFile, programText } from "../../provider/src/cli/importFile.js";
import { listText } from "../../provider/src/cli/listCommand.js";
import { asJson } from "../../provider/src/cli/quoting.js";
import { styleFor } from "../../provider/src/cli/terminal.js";
import type { Configuration } from "../../provider/src/core/account/configuration.js";
import { listAccount } from "../../provider/src/core/account/look.js";
import { resolveSettings } from "../../provider/src/core/api/settings.js";
import { noCommand, withoutControls } from "../../provider/src/core/messages/shown.js";
import { getWebhookConfig, listWebhookConfigs } from "../../provider/src/program/lookups.js";
import { lists } from "../support/documented.js";
import { anyTurns } from "../support/hostileAnswers.js";
import { collecting, configOf, credentials, pieces, secrets, settled } from "../support/hostileRun.js";
import { type HostileAccount, startHostileServer } from "../support/hostileServer.js";
import { cases, seed } from "../support/seed.js";
import { expectShowable } from "../support/shownCheck.js";

const RUNS = cases(20, 100);
const A = "https://a.example.com/hook";
const NOW = Date.parse("2026-01-01T00:00:00Z");

const server = await startHostileServer(credentials);
const config = configOf(server.baseUrl);

/** What lookups print: they have no runtime but the system's. */
const printed: string[] = [];

beforeAll(() => {
  for (const name of ["API_KEY", "SECRET_KEY", "AUTH_TOKEN"]) vi.stubEnv(`KOMPLIANT_${name}`, undefined);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(config).map(([key, value]) => [`kompliant:${key}`, value])),
  );
  for (const method of ["log", "warn"] as const)
    vi.spyOn(console, method).mockImplementation((text) => void printed.push(String(text)));
});

afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
  for (const text of printed) expectShowable(text, pieces);
});

const scenario = fc.record({ turns: anyTurns(secrets), forever: fc.boolean() });

function check(name: string, look: (account: HostileAccount, id: string) => Promise<void>): void {
  test.concurrent(name, async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ turns, forever }) => {
        const account = server.open(turns, forever);
        const id = account.put(A);
        account.put("https://b.example.com/hook");
        await look(account, id);
      }),
      { seed, numRuns: RUNS, interruptAfterTimeLimit: 150_000 },
    );
  }, 300_000);
}

const wasListed = ({ said }: HostileAccount, { id, url }: { readonly id: string; readonly url: string }) =>
  lists(said).some((list) => list.some((each) => each.config_id === id && each.url === url));

check("a lookup of one, whatever the server answers", async (account, id) => {
  const outcome = await settled(() => getWebhookConfig({ id }, { accountId: account.id }), 1);
  if (outcome.kind === "resolved") return expect(wasListed(account, outcome.value)).toBe(true);
  const { error } = outcome;
  expect(pulumi.RunError.isInstance(error), error.stack ?? "").toBe(true);
  expectShowable(error.message, pieces);
  if (error.message.includes("has no webhook configuration"))
    expect(lists(account.said).some((list) => list.every(({ config_id }) => config_id !== id))).toBe(true);
});

check("a lookup of all, whatever the server answers", async (account) => {
  const outcome = await settled(() => listWebhookConfigs({ accountId: account.id }), 1);
  if (outcome.kind === "resolved") {
    const seen = outcome.value.map(({ id, url }) => `${id} ${url}`).sort();
    const said = lists(account.said).map((list) =>
      list.map((each) => `${each.config_id} ${each.url}`).sort(),
    );
    return expect(said).toContainEqual(seen);
  }
  expect(pulumi.RunError.isInstance(outcome.error), outcome.error.stack ?? "").toBe(true);
  expectShowable(outcome.error.message, pieces);
});

check("what the commands print, whatever the server answers", async (account, id) => {
  const resolved = resolveSettings({ get: (key) => config[key] }, {});
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  const texts: string[] = [];
  const outcome = await settled(() => listAccount(resolved.settings, account.id, collecting(texts)), 1);
  if (outcome.kind === "resolved") expectPrintable(account.id, id, outcome.value, resolved.settings.hide);
  else texts.push(outcome.error.message);
  for (const text of texts) expectShowable(withoutControls(text), pieces);
});

/** What `list`, `drift` and `import-file` make of a list, each as it is printed. */
function expectPrintable(
  accountId: string,
  id: string,
  configurations: readonly Configuration[],
  hide: (text: string) => string,
): void {
  const style = styleFor({ isTTY: false, hasColors: () => false });
  const state = {
    urn: "urn",
    name: "a",
    accountId,
    id,
    url: A,
    isSecret: false,
    external: false,
    mayChange: false,
  };
  const report = driftReport("dev", [{ accountId, configurations, endpoints: [state] }]);
  expectShowable(
    noCommand(hide(listText({ accountId, configurations }, configurations, NOW, style))),
    pieces,
  );
  expectShowable(noCommand(hide(driftText(report, NOW, style))), pieces);
  const markdown = hide(driftMarkdown(report, NOW));
  expectShowable(noCommand(markdown), pieces);
  // Of others' words nothing stands outside of code, where it could be a link, an image or HTML.
  expect(markdown.replaceAll(/`[^`\n]*`/g, "")).not.toMatch(/[<\][]|!\[/);
  const imported = { accountId, configurations, namesAccount: true, plugin: false };
  const byPlugin = importFile({ ...imported, plugin: true });
  for (const data of [configurations, report, importFile(imported), byPlugin])
    expect(JSON.parse(asJson(data))).toEqual(data);
  expectOnlyResources(programText(imported), configurations);
}

/** A program of nothing but an import and resources, each with texts for arguments. */
function expectOnlyResources(text: string, configurations: readonly Configuration[]): void {
  const source = ts.createSourceFile("index.ts", text, ts.ScriptTarget.ES2022, true);
  const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true });
  expect(diagnostics).toEqual([]);
  const [first, ...resources] = source.statements;
  expect(first?.getText()).toBe('import { WebhookConfig } from "pulumi-kompliant";');
  const urls = resources.map((statement) => {
    const made =
      ts.isVariableStatement(statement) && statement.declarationList.declarations.length === 1
        ? statement.declarationList.declarations[0]?.initializer
        : undefined;
    if (made === undefined || !ts.isNewExpression(made)) return expect.fail(statement.getText());
    expect(made.expression.getText()).toBe("WebhookConfig");
    const [name, args, ...rest] = made.arguments ?? [];
    expect(rest).toEqual([]);
    if (name === undefined || !ts.isStringLiteral(name)) return expect.fail(statement.getText());
    if (args === undefined || !ts.isObjectLiteralExpression(args)) return expect.fail(statement.getText());
    const texts = args.properties.map((each) =>
      ts.isPropertyAssignment(each) && ts.isStringLiteral(each.initializer)
        ? each.initializer.text
        : expect.fail(),
    );
    expect(texts).toHaveLength(2);
    return texts[0];
  });
  expect(urls).toEqual(configurations.map(({ url }) => url));
}
