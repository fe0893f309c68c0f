import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { afterEach, expect, test } from "vitest";
import { MAYBE_ANOTHER_ACCOUNT } from "../../provider/src/core/messages/nothingListed.js";
import { secondsApart } from "../support/clock.js";
import { type EngineStack, engineStack, kompliant } from "../support/engine.js";
import { type Ended, shellIn } from "../support/shell.js";
import { shellOf } from "../support/stackShell.js";

const { Provider, WebhookConfig, WebhookConfigSet } = kompliant;
const main = fileURLToPath(new URL("../../provider/dist/cli/main.js", import.meta.url));
const ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";
const at = (path: string) => `https://example.com/kompliant/${path}`;
const urnOf = (name: string, type = "WebhookConfig") =>
  `urn:pulumi:test::kompliant-test::pulumi-nodejs:dynamic/kompliant:${type}::${name}`;
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "kompliant-drift-"));
  folders.push(made);
  return made;
}

/** Credentials that no emulator here has by itself, told from each other by a letter. */
const credentials = (letter: string) => ({
  apiKey: `sb_${letter.repeat(22)}`,
  secretKey: letter.repeat(44),
  authToken: `token-${letter.repeat(16)}`,
});

/** The stack config that leads to an emulator. */
function configFor({ url, credentials: { apiKey, secretKey, authToken } }: Emulator): ConfigMap {
  const secret = (value: string) => ({ value, secret: true });
  return {
    "kompliant:accountId": { value: ACCOUNT },
    "kompliant:baseUrl": { value: url },
    "kompliant:operationTimeoutSeconds": { value: "1" },
    "kompliant:apiKey": secret(apiKey),
    "kompliant:secretKey": secret(secretKey),
    "kompliant:authToken": secret(authToken),
  };
}

function expectNoSecret(text: string, ...emulators: readonly Emulator[]): void {
  for (const { credentials } of emulators)
    for (const credential of Object.values(credentials)) expect(text).not.toContain(credential);
}

/** Runs something that may change neither an account nor the state, and make no call but `calls` lists. */
async function looking(
  stack: EngineStack,
  emulators: readonly Emulator[],
  calls: number,
  look: () => Promise<void>,
): Promise<void> {
  const all = async () => ({
    state: (await stack.stack.exportStack()).deployment,
    accounts: emulators.map((emulator) => emulator.configs()),
  });
  const before = await all();
  for (const emulator of emulators) emulator.clearRequests();
  await look();
  const methods = emulators.flatMap(({ requests }) => requests.map(({ method }) => method));
  expect(methods).toEqual(Array(calls).fill("webhook.config.list"));
  expect(await all()).toEqual(before);
}

test("what was changed, is gone or is not declared; and nothing is changed by looking", async () => {
  await using emulator = await startEmulator({ clock: secondsApart(2025) });
  const urls = { orders: at("orders"), payments: at("payments"), refunds: at("refunds") };
  const made: Record<string, pulumi.Output<string>> = {};
  let adoptExisting = false;
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      for (const [name, url] of Object.entries(urls))
        made[name] = new WebhookConfig(name, { url, adoptExisting }).id;
      return made;
    },
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  const { kompliant: run, pulumi: engine } = await shellOf(stack);
  const idOf = (name: string) => stack.stack.outputs().then((outputs) => String(outputs[name]?.value));
  const [orders, payments, refunds] = await Promise.all(["orders", "payments", "refunds"].map(idOf));
  if (!orders || !payments || !refunds) throw new Error("the stack has no outputs");

  await looking(stack, [emulator], 1, async () => {
    expect(await run("drift")).toEqual({
      code: 0,
      out: `No drift in stack test: 3 endpoints declared, account ${ACCOUNT}\n`,
      err: "",
    });
  });

  const parked = `${at("refunds")}?kompliant-parked=${refunds}`;
  emulator.change(orders, "https://user:confidential@example.com/elsewhere|`");
  emulator.remove(payments);
  emulator.change(refunds, parked);
  const newcomer = emulator.put(at("newcomer"));
  const again = emulator.put(at("payments"));
  const file = join(await folder(), "summary.md");
  await writeFile(file, "# Before\n");
  await looking(stack, [emulator], 3, async () => {
    const json = await run("drift", "--json", "--markdown", file);
    expect([json.code, json.err]).toEqual([2, ""]);
    const known = { accountId: ACCOUNT, external: false };
    const live = new Map(emulator.configs().map((config) => [config.config_id, config]));
    const undeclared = (id: string) => {
      const { url, created_at: createdAt } = live.get(id) ?? {};
      return { id, url, createdAt, updatedAt: createdAt, accountId: ACCOUNT };
    };
    expect(JSON.parse(json.out)).toEqual({
      stack: "test",
      accountIds: [ACCOUNT],
      declared: 3,
      external: 0,
      drift: true,
      changed: [
        {
          ...known,
          urn: urnOf("orders"),
          name: "orders",
          id: orders,
          url: at("orders"),
          actualUrl: "https://user:confidential@example.com/elsewhere|`",
          parked: false,
        },
        {
          ...known,
          urn: urnOf("refunds"),
          name: "refunds",
          id: refunds,
          url: at("refunds"),
          actualUrl: parked,
          parked: true,
        },
      ],
      gone: [
        {
          ...known,
          urn: urnOf("payments"),
          name: "payments",
          id: payments,
          url: at("payments"),
          urlHeldBy: again,
        },
      ],
      undeclared: [undeclared(newcomer), undeclared(again)],
      ignored: 0,
      emptyAccountIds: [],
    });

    const text = await run("drift");
    expect([text.code, text.err]).toEqual([2, ""]);
    for (const words of [
      `Drift in stack test: 3 endpoints declared, account ${ACCOUNT}\n`,
      "2 changed outside Pulumi\n",
      `  orders  ${orders}\n    declared  ${at("orders")}\n    actual    https://…@example.com/elsewhere|\`\n`,
      `  refunds  ${refunds}  (left parked by a deployment that was cut off)\n`,
      `1 gone\n  payments  ${payments}  ${at("payments")}\n`,
      "2 not declared in this stack\n",
      `  ${newcomer}  ${at("newcomer")}  (`,
      "`pulumi up --refresh` brings back what is declared",
      `${again} now has the URL of payments, which is gone: \`adoptExisting: true\` takes it over`,
      `\`npx pulumi-kompliant import-file --account ${ACCOUNT} --filter ${newcomer} ${again}\``,
    ])
      expect(text.out).toContain(words);
    expect(text.out).not.toContain("\u001b");

    const ignoring = await run("drift", "--ignore", "/new*er", again, "--json");
    expect(ignoring.code).toBe(2);
    expect(JSON.parse(ignoring.out)).toMatchObject({ undeclared: [], ignored: 2 });
    expectNoSecret(json.out + text.out + ignoring.out, emulator);
  });

  const summary = await readFile(file, "utf8");
  expect(summary).toMatch(
    /^# Before\n### Kompliant webhooks: drift in stack `test`\n\n3 endpoints declared,/,
  );
  const rows = summary.split("\n").filter((line) => line.startsWith("|"));
  expect(rows.slice(0, 2)).toEqual(["| Drift | Resource | Id | URL |", "| --- | --- | --- | --- |"]);
  // A bar that is not escaped would begin a cell.
  for (const row of rows) expect(row.match(/(?<!\\)\|/g), row).toHaveLength(5);
  expect(rows.slice(2)).toEqual([
    `| changed | \`orders\` | \`${orders}\` | \`${at("orders")}\` is now \`https://…@example.com/elsewhere\\|%60\` |`,
    `| left parked | \`refunds\` | \`${refunds}\` | \`${at("refunds")}\` is now \`${parked}\` |`,
    `| gone | \`payments\` | \`${payments}\` | \`${at("payments")}\` |`,
    `| not declared |  | \`${newcomer}\` | \`${at("newcomer")}\`, since 2025-01-01 |`,
    `| not declared |  | \`${again}\` | \`${at("payments")}\`, since 2025-01-01 |`,
  ]);

  // What the engine's own refresh would find of it: that nothing declares an endpoint it cannot see.
  const refreshed = await stack.stack.previewRefresh();
  expect(refreshed.changeSummary).toMatchObject({ update: 2, delete: 1 });
  // What the report says of the way out.
  expect((await stack.up({ refresh: true })).output).toContain("URL_ALREADY_EXISTS");
  adoptExisting = true;
  expect(await stack.up({ refresh: true })).toMatchObject({ ok: true });
  expect(await idOf("payments")).toBe(again);
  expect(await run("drift", "--ignore", newcomer)).toMatchObject({
    code: 0,
    out: `No drift in stack test: 3 endpoints declared, account ${ACCOUNT}, 1 undeclared ignored\n`,
  });

  // Which stack is meant, from where; and the selection stays.
  expectSuccess(await engine("stack", "init", "other", "--no-select"));
  const elsewhere = await shellIn(await folder(), stack.stack.workspace.envVars as Record<string, string>);
  const { workDir } = stack.stack.workspace;
  const other = await elsewhere.kompliant("drift", "--cwd", workDir, "--stack", "other", "--json");
  expect(JSON.parse(other.out)).toMatchObject({ stack: "other", declared: 0, accountIds: [ACCOUNT] });
  expect(other.code).toBe(2);
  expect((await engine("stack", "--show-name")).out).toBe("test\n");
  const named = await shellOf(stack, { PULUMI_STACK: "other" });
  expect((await named.kompliant("drift")).out).toContain("Drift in stack other: 0 endpoints declared");
  const selected = await elsewhere.kompliant("drift", "--cwd", workDir, "--ignore", "newcomer");
  expect(selected.out).toContain("No drift in stack test");
});

function expectSuccess({ code, out, err }: Ended): void {
  expect(code, out + err).toBe(0);
}

test("sets, an explicit provider's account, what is only read, secret URLs, and what may change", async () => {
  await using emulator = await startEmulator({ accountIds: [ACCOUNT, "lv_spare"] });
  await using eu = await startEmulator({ accountIds: ["lv_eu"], credentials: credentials("E") });
  const theirs = emulator.put(at("theirs"));
  const volatile = at("volatile");
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfigSet("prod", {
        urls: { orders: at("orders"), plaintext: pulumi.secret(at("refunds")) },
      });
      WebhookConfig.get("theirs", theirs);
      new WebhookConfig("volatile", { url: volatile }, { ignoreChanges: ["url"] });
      const provider = new Provider("eu", { ...eu.credentials, accountId: "lv_eu", baseUrl: eu.url });
      new WebhookConfig("eu", { url: pulumi.secret(at("eu?token=confidential")) }, { provider });
    },
  });
  const deployed = await stack.up();
  expect(deployed.ok, deployed.output).toBe(true);
  const { kompliant: run } = await shellOf(stack);
  await looking(stack, [emulator, eu], 2, async () => {
    expect(await run("drift")).toEqual({
      code: 0,
      out: `No drift in stack test: 4 endpoints declared, 1 read, accounts ${ACCOUNT}, lv_eu\n`,
      err: "",
    });
  });

  const idAt = (url: string) => emulator.configs().find((each) => each.url === url)?.config_id ?? "";
  const [orders, refunds, changeable] = [idAt(at("orders")), idAt(at("refunds")), idAt(volatile)];
  const [secret = ""] = eu.configs().map(({ config_id }) => config_id);
  emulator.change(orders, at("moved"));
  emulator.remove(refunds);
  emulator.change(theirs, at("theirs-moved"));
  emulator.change(changeable, at("volatile-moved"));
  eu.change(secret, at("eu?token=confidential-2"));
  const spare = emulator.put(at("spare"), { accountId: "lv_spare" });
  await looking(stack, [emulator, eu], 3, async () => {
    const { code, out, err } = await run("drift", "--json", "--account", "lv_spare", ACCOUNT);
    expect([code, err]).toEqual([2, ""]);
    expectNoSecret(out, emulator, eu);
    const inSet = {
      urn: urnOf("prod", "WebhookConfigSet"),
      accountId: ACCOUNT,
      external: false,
      url: at("orders"),
    };
    const report = JSON.parse(out);
    expect(report).toEqual({
      stack: "test",
      accountIds: [ACCOUNT, "lv_eu", "lv_spare"],
      declared: 4,
      external: 1,
      drift: true,
      changed: [
        {
          urn: urnOf("eu"),
          name: "eu",
          accountId: "lv_eu",
          id: secret,
          url: "[secret]",
          actualUrl: "[secret]",
          external: false,
          parked: false,
        },
        { ...inSet, name: "prod[orders]", id: orders, actualUrl: at("moved"), parked: false },
        {
          urn: urnOf("theirs"),
          name: "theirs",
          accountId: ACCOUNT,
          id: theirs,
          url: at("theirs"),
          actualUrl: at("theirs-moved"),
          external: true,
          parked: false,
        },
      ],
      gone: [{ ...inSet, name: "prod[plaintext]", id: refunds, url: "[secret]" }],
      undeclared: [expect.objectContaining({ id: spare, accountId: "lv_spare", url: at("spare") })],
      ignored: 0,
      emptyAccountIds: [],
    });
  });

  // Only what the program does not make differs now; a secret URL stays one whoever has it.
  emulator.change(orders, at("orders"));
  emulator.put(at("refunds"), { configId: refunds });
  emulator.remove(theirs);
  eu.remove(secret);
  const heir = eu.put(at("eu?token=confidential"));
  const held = await run("drift", "--json");
  expect(held.out).not.toContain("confidential");
  expect(JSON.parse(held.out)).toMatchObject({
    changed: [],
    gone: [{ name: "eu", urlHeldBy: heir }, { name: "theirs" }],
    undeclared: [{ id: heir, url: "[secret]" }],
  });

  eu.remove(heir);
  const file = join(await folder(), "summary.md");
  const { code, out } = await run("drift", "--markdown", file);
  expect(code).toBe(2);
  expect(out).toContain(
    `2 gone\n  eu  ${secret}  [secret]\n  theirs  ${theirs}  ${at("theirs")}  (read with get, managed elsewhere)\n`,
  );
  expect(out).toContain("Account lv_eu lists no endpoint at all.");
  expect(out).toContain("What is managed elsewhere is read anew by `pulumi up`, which fails if it is gone.");
  expect(await readFile(file, "utf8")).toContain("| gone | `theirs`  (read with get, managed elsewhere) |");
  expect((await stack.up()).output).toContain(`cannot read ${theirs}`);
});

test("two accounts behind two base URLs are two, though they have one id", async () => {
  await using emulator = await startEmulator();
  await using eu = await startEmulator({ credentials: credentials("E") });
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfig("orders", { url: at("orders") });
      const provider = new Provider("eu", { ...eu.credentials, accountId: ACCOUNT, baseUrl: eu.url });
      new WebhookConfig("eu", { url: at("orders") }, { provider });
    },
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  const { kompliant: run } = await shellOf(stack);
  await looking(stack, [emulator, eu], 2, async () => {
    expect(await run("drift", "--account", ACCOUNT)).toEqual({
      code: 0,
      out: `No drift in stack test: 2 endpoints declared, account ${ACCOUNT}\n`,
      err: "",
    });
  });
  const [{ config_id } = { config_id: "" }] = eu.configs();
  eu.remove(config_id);
  emulator.put(at("elsewhere"), { configId: config_id });
  expect(JSON.parse((await run("drift", "--json")).out)).toMatchObject({
    changed: [],
    gone: [{ name: "eu", id: config_id }],
    undeclared: [{ id: config_id, url: at("elsewhere") }],
    emptyAccountIds: [ACCOUNT],
  });
});

test("an account that lists nothing is no health, whoever named it; and another project's stack is named", async () => {
  await using emulator = await startEmulator({ accountIds: [ACCOUNT, "lv_typo"] });
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfig("orders", { url: at("orders") });
    },
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  const { kompliant: run } = await shellOf(stack);
  const file = join(await folder(), "summary.md");
  const typo = await run("drift", "--account", "lv_typo", "--markdown", file);
  const note = `Account lv_typo lists no endpoint at all. ${MAYBE_ANOTHER_ACCOUNT}\n`;
  const scope = `1 endpoint declared, accounts ${ACCOUNT}, lv_typo\n\n${note}`;
  expect(typo).toEqual({
    code: 3,
    out: `Nothing is listed in an account of stack test: ${scope}`,
    err: "",
  });
  expect(await readFile(file, "utf8")).toBe(
    `### Kompliant webhooks: nothing is listed in an account of stack \`test\`\n\n${scope}`,
  );
  const json = await run("drift", "--account", "lv_typo", "--json");
  expect(json.code).toBe(3);
  expect(JSON.parse(json.out)).toMatchObject({ drift: false, emptyAccountIds: ["lv_typo"] });
  // Where there is drift too, that is what counts.
  emulator.put(at("newcomer"));
  const both = await run("drift", "--account", "lv_typo");
  expect([both.code, both.out]).toEqual([2, expect.stringContaining(note)]);

  const other = await run("drift", "--stack", "organization/elsewhere/two");
  expect(other).toEqual({
    code: 1,
    out: "",
    err: `pulumi-kompliant: the stack organization/elsewhere/two belongs to the project elsewhere, and the folder ${stack.stack.workspace.workDir} to the project kompliant-test: name the folder of elsewhere with --cwd\n`,
  });
  expect(await run("drift", "--stack", "organization/kompliant-test/test")).toMatchObject({
    code: 2,
    err: "",
  });
});

test("what a deployment has not finished is named, with what to do, and that does it", async () => {
  await using emulator = await startEmulator({ accountIds: [ACCOUNT, "lv_spare"] });
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfig("orders", { url: at("orders") });
    },
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  // As an engine leaves it that was killed. `pulumi stack import` would drop it.
  const stored = JSON.parse(await stack.state());
  const { latest } = stored.checkpoint;
  const orders = latest.resources.find(({ urn }: { urn: string }) => urn === urnOf("orders"));
  const { id: _, outputs: __, ...payments } = orders;
  latest.pending_operations = [
    {
      resource: {
        ...payments,
        urn: urnOf("payments"),
        inputs: { ...orders.inputs, url: at("payments"), accountId: "lv_spare" },
      },
      type: "creating",
    },
    { resource: orders, type: "updating" },
    // Nothing of Kompliant's.
    { resource: latest.resources[0], type: "updating" },
  ];
  const { workDir } = stack.stack.workspace;
  await writeFile(join(workDir, ".pulumi", "stacks", "kompliant-test", "test.json"), JSON.stringify(stored));
  // The create has taken effect, in an account that no resource is in.
  const created = emulator.put(at("payments"), { accountId: "lv_spare" });
  const { kompliant: run, pulumi: engine } = await shellOf(stack);
  const file = join(await folder(), "summary.md");
  const { code, out, err } = await run("drift", "--json", "--markdown", file, "--ignore", "/payments");
  expect([code, err]).toEqual([2, ""]);
  expect(JSON.parse(out)).toMatchObject({
    drift: true,
    changed: [],
    gone: [],
    undeclared: [],
    accountIds: [ACCOUNT, "lv_spare"],
    pending: [
      { urn: urnOf("payments"), name: "payments", operation: "creating" },
      { urn: urnOf("orders"), name: "orders", operation: "updating" },
    ],
  });
  const markdown = await readFile(file, "utf8");
  expect(markdown).toContain("| not finished | `payments` |  | `creating` |\n");
  const text = await run("drift");
  expect(text.out).toContain("2 not finished by a deployment\n  payments  creating\n  orders  updating\n");
  expect(text.out).toContain(created);
  for (const each of [text.out, markdown]) expect(each).toContain("run `pulumi up --refresh`");

  expect(await stack.up({ refresh: true })).toMatchObject({ ok: true });
  const left = await run("drift", "--json", "--ignore", "/payments");
  expect(JSON.parse(left.out).pending).toMatchObject([{ name: "payments", operation: "creating" }]);
  const cleared = await engine("refresh", "--clear-pending-creates", "--yes", "--stack", "test");
  expect(cleared.code, cleared.out + cleared.err).toBe(0);
  expect(await run("drift")).toMatchObject({ code: 0 });
});

test("credentials: rotated in the stack config, in the environment; and what stands in the way", async () => {
  await using old = await startEmulator({ credentials: credentials("O") });
  await using emulator = await startEmulator({ credentials: credentials("N") });
  await using stack = await engineStack({
    env: {},
    config: configFor(old),
    program: async () => {
      new WebhookConfig("orders", { url: at("orders") });
    },
  });
  const { kompliant: run, pulumi: engine } = await shellOf(stack);
  const drift = async (...args: string[]) => {
    const ended = await run("drift", ...args);
    expectNoSecret(ended.out + ended.err, old, emulator);
    return ended;
  };
  // An empty stack has no account but the configured one.
  expect(await drift()).toEqual({
    code: 3,
    out: `Nothing is listed in an account of stack test: 0 endpoints declared, account ${ACCOUNT}\n\nAccount ${ACCOUNT} lists no endpoint at all. ${MAYBE_ANOTHER_ACCOUNT}\n`,
    err: "",
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  const [{ config_id } = { config_id: "" }] = old.configs();

  // The account moves to where only the new credentials are accepted; the state knows the old ones.
  emulator.put(at("orders"), { configId: config_id });
  await old.close();
  await stack.stack.setAllConfig(configFor(emulator));
  expect(await drift()).toMatchObject({ code: 0, err: "" });

  // The environment goes before the stack config when it has all three.
  const wrong = { KOMPLIANT_API_KEY: credentials("W").apiKey };
  expect((await (await shellOf(stack, wrong)).kompliant("drift")).code).toBe(0);
  const all = { ...emulator.env, KOMPLIANT_AUTH_TOKEN: "wrong-and-confidential" };
  const refused = async (ended: Promise<Ended>, ...words: readonly string[]) => {
    const { code, out, err } = await ended;
    expect([code, out], err).toEqual([1, ""]);
    expect(err).toMatch(/^pulumi-kompliant: /);
    for (const each of words) expect(err).toContain(each);
    expect(err).not.toMatch(/^\s+at /m);
    expect(err).not.toContain("Command failed");
    expect(err).not.toContain("wrong-and-confidential");
    expectNoSecret(err, old, emulator);
  };
  const inEnv = async (env: Record<string, string>, ...args: string[]) =>
    (await shellOf(stack, env)).kompliant("drift", ...args);
  await refused(inEnv(all), "AUTH_INVALID_AUTH_TOKEN", "taken from the environment");
  await refused(drift("--account", "lv_other"), "lv_other is unknown to these credentials");
  await refused(drift("--stack", "nowhere"), "no stack named 'nowhere' found");
  await refused(inEnv({ PULUMI_CONFIG_PASSPHRASE: "wrong" }), "incorrect passphrase");
  await refused(drift("--cwd", tmpdir()), "no Pulumi.yaml project file found");
  await refused(drift("--cwd", join(tmpdir(), "nowhere")), `there is no folder ${join(tmpdir(), "nowhere")}`);
  await refused(drift("--markdown", join(tmpdir(), "no", "where.md")), "where.md");
  await stack.stack.setConfig("kompliant:baseUrl", { value: old.url });
  await refused(drift(), `${old.url} cannot be reached`, "Check the base URL", "kompliant:baseUrl");
  await stack.stack.removeConfig("kompliant:secretKey");
  await refused(drift(), "kompliant:secretKey is missing in the stack config", "pulumi config set");

  expect((await engine("stack", "unselect")).code).toBe(0);
  await refused(drift(), "no stack is selected in", "name one with --stack");
});

// What stands in for the language host is a shell script.
test.skipIf(process.platform === "win32")(
  "needs pulumi, but neither a program nor its language",
  async () => {
    await using emulator = await startEmulator();
    await using stack = await engineStack({ env: emulator.env, program: async () => {} });
    const bin = await folder();
    await writeFile(join(bin, "pulumi-language-nodejs"), '#!/bin/sh\necho >"$0.started"\nexit 1\n', {
      mode: 0o755,
    });
    const shell = await shellOf(stack);
    const started = () => readdir(bin).then((names) => names.filter((name) => name.endsWith(".started")));
    const drift = await shell.script(`PATH="${bin}:$PATH" pulumi-kompliant drift`);
    expect([drift.code, await started()], drift.err).toEqual([3, []]);
    // It would be found.
    await shell.script(`PATH="${bin}:$PATH" pulumi preview || true`);
    expect(await started()).toEqual(["pulumi-language-nodejs.started"]);

    const without = await shell.script(`node=$(command -v node); PATH="${bin}" "$node" "${main}" drift`);
    expect(without).toEqual({
      code: 1,
      out: "",
      err: "pulumi-kompliant: drift needs Pulumi's command `pulumi`: it is not on the PATH\n",
    });
  },
);
