import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  fakeEngine,
  PLUGIN,
  type PluginFailure,
  type PluginServer,
  startPluginServer,
} from "../support/pluginServer.js";
import { confidential } from "../support/printed.js";

const TYPE = "kompliant:index:WebhookConfig";
const SET = "kompliant:index:WebhookConfigSet";
const at = (path: string) => `https://example.com/${path}`;
const of = (name: string, type = TYPE) => ({ urn: `urn:pulumi:test::p::${type}::${name}`, type, name });
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});
const failureOf = (call: Promise<unknown>): Promise<PluginFailure> =>
  call.then(
    () => expect.unreachable("the call should have failed"),
    (error) => error,
  );

let emulator: Emulator;
let accountId: string;
beforeAll(async () => {
  emulator = await startEmulator();
  [accountId = ""] = emulator.accountIds;
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.setFaults([]);
  for (const { config_id } of emulator.configs()) emulator.remove(config_id);
});

/** A plugin with the settings of its environment, unless others are given. */
async function configured(
  args: Record<string, unknown> = {},
  options: Parameters<typeof startPluginServer>[0] = {},
): Promise<PluginServer> {
  const plugin = await startPluginServer({ env: emulator.env, ...options });
  await plugin.ask("handshake", { engineAddress: plugin.engine.address });
  await plugin.ask("configure", { name: "default_0_1_0", args });
  return plugin;
}

describe("it begins as the engine asks for", () => {
  test("handshake, version and schema", async () => {
    await using plugin = await startPluginServer();
    expect(await plugin.ask("handshake", { engineAddress: plugin.engine.address })).toEqual({});
    const { version } = JSON.parse(
      readFileSync(new URL("../../provider/package.json", import.meta.url), "utf8"),
    );
    expect(await plugin.ask("getPluginInfo")).toEqual({ version });
    const { schema } = await plugin.ask("getSchema");
    expect(JSON.parse(schema as string)).toEqual(
      JSON.parse(readFileSync(join(PLUGIN, "schema.json"), "utf8")),
    );
    expect(JSON.parse(schema as string)).toMatchObject({ name: "kompliant", version });
    expect(await plugin.ask("configure", { args: {} })).toMatchObject({ supportspreview: true });
    expect(plugin.output()).toBe("");
  });

  test("without an address, it gets one by attach", async () => {
    await using plugin = await startPluginServer({ env: emulator.env, isAlone: true });
    await plugin.ask("attach", { address: plugin.engine.address });
    await plugin.ask("configure", { name: "default", args: {} });
    await plugin.ask("check", { ...of("a"), olds: {}, news: { url: "https://localhost/a" } });
    expect(plugin.engine.logged).toMatchObject([{ urn: of("a").urn, severity: 2 }]);
  });

  test("its folder is under 6 MB, and needs nothing beside it", () => {
    const sizes = readdirSync(PLUGIN).map((name) => statSync(join(PLUGIN, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(6_000_000);
  });
});

// Processor time of another process is only to be read there.
test.runIf(process.platform === "linux")(
  "it needs less than half a second of a processor to start",
  async () => {
    const used: number[] = [];
    // What else runs on the machine can make one start slow, not all of them.
    for (let i = 0; i < 5 && Math.min(...used, Number.POSITIVE_INFINITY) > 0.5; i++) {
      await using plugin = await startPluginServer();
      await plugin.ask("getPluginInfo");
      const [, user = "0", system = "0"] =
        /^\d+ \(.*\)(?: \S+){11} (\d+) (\d+)/.exec(readFileSync(`/proc/${plugin.child.pid}/stat`, "utf8")) ??
        [];
      used.push((Number(user) + Number(system)) / 100);
    }
    console.log(`processor time of a start: ${used.join(", ")} s`);
    expect(Math.min(...used)).toBeLessThan(0.5);
  },
);

test.each([
  ["at once", []],
  ["with flags", ["--logtostderr", "--logflow", "-v=9", "--tracing", "http://127.0.0.1:9/spans"]],
])("started %s, it ends within 5 s of its engine, in the middle of a call", async (_, flags) => {
  await using plugin = await configured({}, { flags });
  emulator.setFaults([{ method: "create", effect: "never", commit: false }]);
  emulator.clearRequests();
  const exit = once(plugin.child, "exit");
  const create = failureOf(plugin.ask("create", { ...of("a"), properties: { accountId, url: at("a") } }));
  await expect.poll(() => emulator.requests.some(({ fault }) => fault === "never")).toBe(true);
  const killed = performance.now();
  await plugin.engine.close();
  await exit;
  expect(performance.now() - killed).toBeLessThan(5_000);
  expect(await create).toBeInstanceOf(Error);
});

test("cancel ends what tries again and again within a second, and state keeps what is known", async () => {
  await using plugin = await configured();
  const id = emulator.put(at("a"));
  emulator.setFaults([{ method: "update", times: "all", effect: "status", status: 503 }]);
  const olds = { accountId, url: at("a"), createdAt: "x", updatedAt: "x" };
  const news = { accountId, url: at("b") };
  const failed = failureOf(plugin.ask("update", { ...of("a"), id, olds, news }));
  await expect
    .poll(() => emulator.requests.filter(({ status }) => status === 503).length, { timeout: 20_000 })
    .toBeGreaterThan(1);
  const cancelled = performance.now();
  await plugin.ask("cancel");
  const { message, partial } = await failed;
  expect(performance.now() - cancelled).toBeLessThan(1_000);
  expect(message).toContain("the deployment was cancelled after");
  // Nothing has happened to it, so the engine keeps what it has.
  expect(partial).toBeUndefined();
  expect(emulator.configs()).toMatchObject([{ config_id: id, url: at("a") }]);
});

describe("what exists after a failure is told, so that state keeps it:", () => {
  test("an endpoint that could not be read back", async () => {
    await using plugin = await configured({ operationTimeoutSeconds: "2" });
    emulator.setFaults([{ method: "list", nth: 2, times: "all", effect: "status", status: 503 }]);
    const properties = { accountId, url: at("a") };
    const { message, partial } = await failureOf(plugin.ask("create", { ...of("a"), properties }));
    const [config] = emulator.configs();
    expect(message).toContain(`${config?.config_id} has ${at("a")}, and is kept in state`);
    expect(partial).toEqual({ id: config?.config_id, properties, reasons: [message] });
  });

  test("a set that was half done, with what it has seen as a secret", async () => {
    await using plugin = await configured();
    const foreign = emulator.put(at("foreign"));
    emulator.setFaults([{ method: "create", nth: 2, times: "all", effect: "status", status: 403 }]);
    const urls = { a: at("a"), b: at("b") };
    const { partial } = await failureOf(
      plugin.ask("create", { ...of("all", SET), properties: { accountId, urls, foreign: "keep" } }),
    );
    const made = emulator.configs().find(({ config_id }) => config_id !== foreign);
    const name = made?.url === at("a") ? "a" : "b";
    expect(partial).toMatchObject({
      id: accountId,
      properties: { ids: { [name]: made?.config_id }, others: secret({ [foreign]: at("foreign") }) },
    });
  });
});

test("a key's shared secret is a secret in state: in a preview, of its create, and of a refresh", async () => {
  await using plugin = await configured();
  const key = of("main", "kompliant:index:WebhookKey");
  const { inputs } = await plugin.ask("check", { ...key, olds: {}, news: {} });
  const planned = await plugin.ask("create", { ...key, properties: inputs, preview: true });
  expect(planned["properties"]).toMatchObject({
    sharedSecret: secret("04da6b54-80e4-46f7-96ec-b56ff0331ba9"),
  });
  const { id, properties } = await plugin.ask("create", { ...key, properties: inputs });
  const made = emulator.keys().find(({ key_id }) => key_id === id);
  const sharedSecret = confidential(made?.shared_secret ?? "no key");
  expect(properties).toMatchObject({ sharedSecret: secret(sharedSecret) });
  const found = await plugin.ask("read", { ...key, id, inputs, properties: { accountId, sharedSecret } });
  expect(found).toMatchObject({ id, properties: { sharedSecret: secret(sharedSecret) } });
});

describe("messages arrive at the engine", () => {
  test("each with its resource and its weight; what is said at the end before cancel is answered", async () => {
    await using plugin = await configured({}, { engine: await fakeEngine(200) });
    const { logged } = plugin.engine;
    const id = emulator.put(at("held"));
    const checked = await plugin.ask("check", { ...of("a"), olds: {}, news: { url: at("held#x") } });
    expect(logged).toMatchObject([{ urn: of("a").urn, severity: 2 }]);
    const news = { url: at("held"), accountId };
    await plugin.ask("check", { ...of("b"), olds: {}, news });
    await plugin.ask("create", { ...of("b"), properties: news, preview: true });
    expect(checked["failures"]).toBeUndefined();
    expect(logged).toHaveLength(1);
    await plugin.ask("cancel");
    expect(logged.slice(1)).toEqual([
      {
        urn: of("b").urn,
        severity: 2,
        message: expect.stringContaining(`${id} of account ${accountId} has`),
      },
    ]);
    await plugin.ask("configure", { name: "default", args: {} });
    const adopted = { ...news, adoptExisting: true };
    await plugin.ask("check", { ...of("c"), olds: {}, news: adopted });
    const inputs = { ...of("c"), properties: news };
    expect(await plugin.ask("create", inputs)).toMatchObject({ id });
    expect(logged.at(-1)).toEqual({
      urn: of("c").urn,
      severity: 1,
      message: `took over ${id} with ${at("held")} instead of creating a configuration`,
    });
  });

  test("no credential shows: in failures of check, in errors, in warnings", async () => {
    const { authToken } = emulator.credentials;
    await using plugin = await configured();
    const url = `https://user@example.com/${authToken}`;
    const { failures } = await plugin.ask("check", { ...of("a"), olds: {}, news: { url: ` ${url}` } });
    const checked = await plugin.ask("check", { ...of("b"), olds: {}, news: { url } });
    expect(checked["failures"]).toBeUndefined();
    emulator.setFaults([{ method: "create", effect: "status", status: 403 }]);
    const refused = await failureOf(plugin.ask("create", { ...of("b"), properties: { accountId, url } }));
    const texts = [JSON.stringify(failures), refused.message, plugin.output()];
    for (const { message = "" } of plugin.engine.logged) texts.push(message);
    expect(plugin.engine.logged).not.toEqual([]);
    expect(refused.message).toContain("[hidden]");
    for (const text of texts) expect(text).not.toContain(authToken);
  });

  test("a configuration that cannot work is one failure, without values", async () => {
    const { apiKey, secretKey } = emulator.credentials;
    await using plugin = await startPluginServer();
    const news = { apiKey: secret(apiKey), secretKey: secret(secretKey), authToken: secret("wrong token") };
    const { failures, inputs } = await plugin.ask("checkConfig", {
      urn: "urn:pulumi:test::p::pulumi:providers:kompliant::eu",
      name: "eu",
      news: { ...news, baseUrl: "nowhere" },
    });
    expect(failures).toMatchObject([{ reason: expect.stringContaining('the provider "eu"') }]);
    expect(JSON.stringify(failures)).not.toMatch(/wrong token/);
    expect(inputs).toMatchObject({ apiKey: secret(apiKey), baseUrl: "nowhere" });
  });
});

test("a lookup refuses an argument that it does not have, and makes no call for it", async () => {
  await using plugin = await configured();
  emulator.clearRequests();
  const asked = { tok: "kompliant:index:listWebhookConfigs", args: { acountId: "lv_other" } };
  const { message } = await failureOf(plugin.ask("invoke", asked));
  expect(message).toContain("`acountId`: there is no such input: it has accountId");
  expect(emulator.requests).toEqual([]);
});

describe("customTimeouts are the time of one operation:", () => {
  const state = () => ({ accountId, url: at("a"), createdAt: "x", updatedAt: "x" });
  test.each<[string, () => Record<string, unknown>]>([
    ["create", () => ({ properties: { accountId, url: at("b") } })],
    ["read", () => ({ id: "whc_1", properties: state() })],
    ["update", () => ({ id: "whc_1", olds: state(), news: { accountId, url: at("b") } })],
    ["delete", () => ({ id: "whc_1", properties: state() })],
  ])("%s", async (method, fields) => {
    await using plugin = await configured();
    emulator.setFaults(
      (["create", "list", "update", "delete"] as const).map((each) => ({
        method: each,
        times: "all" as const,
        effect: "status" as const,
        status: 503,
      })),
    );
    const started = performance.now();
    const { message } = await failureOf(plugin.ask(method, { ...of("a"), ...fields(), timeout: 1 }));
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(message).toMatch(/out of time after \d+ attempts? over [\d.]+ s/);
  });
});
