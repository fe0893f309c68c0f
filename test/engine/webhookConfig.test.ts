import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { engineStack, kompliant } from "../support/engine.js";

const { Provider, WebhookConfig, WebhookConfigSet } = kompliant;
const ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";
const url = (path: number | string) => `https://example.com/kompliant/${path}`;
/** What the engine keeps in flight by default: 4 for each core. */
const { availableParallelism } = await import("node:os");

test("20 endpoints: created, left alone, refreshed, three updated, destroyed, with the fewest calls", async () => {
  await using emulator = await startEmulator();
  const urls = Array.from({ length: 20 }, (_, i) => url(i));
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      for (const [i, hook] of urls.entries()) new WebhookConfig(`hook-${i}`, { url: hook });
    },
  });

  expect(await stack.up()).toMatchObject({ ok: true, changes: { create: 21 } });
  const parallel = 4 * availableParallelism();
  const created = callsOf(emulator);
  expect(created).toMatchObject({ create: 20, get: 0, update: 0, delete: 0 });
  expect(created.list).toBeLessThanOrEqual(Math.ceil(20 / parallel) + 1);
  const ids = new Map(emulator.configs().map((config) => [config.url, config.config_id]));

  emulator.clearRequests();
  expect(await stack.up()).toMatchObject({ ok: true, changes: { same: 21 } });
  expect(emulator.requests).toEqual([]);

  const before = await stack.resources();
  expect(await stack.refresh()).toMatchObject({ ok: true, changes: { same: 21 } });
  expect(callsOf(emulator)).toMatchObject({ list: 1, get: 0, create: 0, update: 0, delete: 0 });
  const strip = (resources: typeof before) =>
    resources.map(({ id, inputs, outputs }) => ({ id, inputs, outputs }));
  expect(strip(await stack.resources())).toEqual(strip(before));

  emulator.clearRequests();
  for (const i of [3, 9, 17]) urls[i] = url(`moved-${i}`);
  const moved = await stack.up();
  expect(moved).toMatchObject({ ok: true, changes: { same: 18, update: 3 } });
  expect(moved.output).toContain("[diff: ~url]");
  const updated = callsOf(emulator);
  expect(updated).toMatchObject({ update: 3, create: 0, delete: 0, get: 0 });
  expect(updated.list).toBeLessThanOrEqual(3);
  for (const i of [3, 9, 17])
    expect(emulator.configs().find((config) => config.url === url(`moved-${i}`))?.config_id).toBe(
      ids.get(url(i)),
    );

  emulator.clearRequests();
  expect(await stack.destroy()).toMatchObject({ ok: true, changes: { delete: 21 } });
  expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 20 });
  expect(emulator.configs()).toEqual([]);
});

test("state holds the documented keys, nothing secret in clear, and less than 1.5 kB a resource", async () => {
  await using emulator = await startEmulator();
  const { apiKey, secretKey, authToken } = emulator.credentials;
  const eu = { apiKey, secretKey, authToken, accountId: ACCOUNT, baseUrl: emulator.url };
  await using stack = await engineStack({
    env: { KOMPLIANT_BASE_URL: emulator.url },
    config: {
      "kompliant:accountId": { value: ACCOUNT },
      "kompliant:apiKey": { value: apiKey, secret: true },
      "kompliant:secretKey": { value: secretKey, secret: true },
      "kompliant:authToken": { value: authToken, secret: true },
    },
    program: async () => {
      new WebhookConfig("orders", { url: url("orders"), adoptExisting: true });
      new WebhookConfig("eu", { url: url("eu") }, { provider: new Provider("eu", eu) });
    },
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  for (const resource of await stack.resources()) {
    expect(Object.keys(resource.inputs).sort()).toEqual(["__provider", "accountId", "url"]);
    expect(Object.keys(resource.outputs).sort()).toEqual([
      "__provider",
      "accountId",
      "createdAt",
      "updatedAt",
      "url",
    ]);
    // Where the program declares it is the SDK's own record, for its own use.
    const { stackTrace, ...stored } = resource as typeof resource & { stackTrace?: unknown };
    expect(JSON.stringify(stored).length).toBeLessThan(1_500);
  }
  const state = await stack.state();
  for (const secret of [apiKey, secretKey, authToken]) expect(state).not.toContain(secret);
  expect(await stack.destroy()).toMatchObject({ ok: true });
  expect(emulator.configs()).toEqual([]);
});

test("drift is found by refresh and repaired by the next up; what is gone is created again", async () => {
  await using emulator = await startEmulator();
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      for (const name of ["orders", "payments"]) new WebhookConfig(name, { url: url(name) });
    },
  });
  await stack.up();
  const [orders, payments] = ["orders", "payments"].map((name) => idOf(emulator.configs(), url(name)));
  emulator.change(orders ?? "", url("elsewhere"));
  emulator.remove(payments ?? "");
  const refreshed = await stack.refresh();
  expect(refreshed).toMatchObject({ ok: true, changes: { update: 1, delete: 1 } });
  expect(await stack.up()).toMatchObject({ ok: true, changes: { update: 1, create: 1 } });
  expect(idOf(emulator.configs(), url("orders"))).toBe(orders);
  expect(emulator.configs()).toHaveLength(2);
});

test("another account is a replacement, and a forced one deletes the old configuration first", async () => {
  const accountIds = [ACCOUNT, "lv_second"];
  await using emulator = await startEmulator({ accountIds });
  let accountId = ACCOUNT;
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfig("orders", { url: url("orders"), accountId });
    },
  });
  await stack.up();
  accountId = "lv_second";
  expect(await stack.up()).toMatchObject({ ok: true, changes: { replace: 1 } });
  expect(emulator.configs(ACCOUNT)).toEqual([]);
  expect(emulator.configs("lv_second")).toHaveLength(1);

  emulator.clearRequests();
  const [resource] = await stack.resources();
  const forced = await stack.up({ targetReplace: [resource?.urn ?? ""] });
  expect(forced.ok, forced.output).toBe(true);
  const writes = emulator.requests
    .map(({ method }) => method.split(".").at(-1))
    .filter((method) => method !== "list");
  expect(writes).toEqual(["delete", "create"]);
  expect(emulator.configs("lv_second")).toHaveLength(1);
});

test("a create that cannot be read back keeps its id, and the next up completes it without creating anything", async () => {
  await using emulator = await startEmulator();
  await using stack = await engineStack({
    env: emulator.env,
    config: { "kompliant:operationTimeoutSeconds": { value: "3" } },
    program: async () => {
      new WebhookConfig("orders", { url: url("orders") });
    },
  });
  emulator.setFaults([{ method: "list", nth: 2, times: 1_000, effect: "status", status: 503 }]);
  const failed = await stack.up();
  expect(failed.ok).toBe(false);
  const [resource] = await stack.resources();
  expect(resource?.id).toBe(idOf(emulator.configs(), url("orders")));
  expect(failed.output).toContain(`${resource?.id} has ${url("orders")}, and is kept in state`);
  expect(failed.output).not.toMatch(/^\s+at .*:\d+:\d+/m);

  emulator.setFaults([]);
  emulator.clearRequests();
  expect(await stack.up()).toMatchObject({ ok: true });
  expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
  expect((await stack.resources())[0]?.outputs["createdAt"]).toBe(emulator.configs()[0]?.created_at);
});

test("get reads a configuration without managing it, and says what there is if the id is unknown", async () => {
  await using emulator = await startEmulator();
  const theirs = emulator.put(url("theirs"));
  let id = theirs;
  const seen: unknown[] = [];
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      const config = WebhookConfig.get("theirs", id);
      config.url.apply((value) => seen.push(value));
      return { url: config.url, accountId: config.accountId };
    },
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  expect(seen).toContain(url("theirs"));
  id = "whc_unknown";
  const failed = await stack.up();
  expect(failed.ok).toBe(false);
  expect(failed.output).toContain(`cannot read whc_unknown: account ${ACCOUNT} has no such configuration`);
  expect(failed.output).toContain(theirs);
  await stack.destroy();
  expect(emulator.configs()).toHaveLength(1);
});

test("get waits for an account that is known only after the deployment, and asks no other one meanwhile", async () => {
  await using emulator = await startEmulator({ accountIds: [ACCOUNT, "lv_second"] });
  const theirs = emulator.put(url("theirs"), { accountId: "lv_second" });
  const seen: unknown[] = [];
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      const own = new WebhookConfig("own", { url: url("own") });
      const config = WebhookConfig.get("theirs", theirs, { accountId: own.id.apply(() => "lv_second") });
      config.url.apply((value) => seen.push(value));
    },
  });
  const preview = await stack.preview();
  expect(preview.ok, preview.output).toBe(true);
  expect(seen).toEqual([]);
  const up = await stack.up();
  expect(up.ok, up.output).toBe(true);
  expect(seen).toEqual([url("theirs")]);
});

test("deleting what is gone already succeeds and says so", async () => {
  await using emulator = await startEmulator();
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfig("orders", { url: url("orders") });
    },
  });
  await stack.up();
  emulator.remove(emulator.configs()[0]?.config_id ?? "");
  const run = await stack.destroy();
  expect(run.ok).toBe(true);
  expect(run.output).toContain("was gone already");
});

test("a destroy that runs the program deletes what the program still declares", async () => {
  await using emulator = await startEmulator();
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      for (const name of ["orders", "payments"]) new WebhookConfig(name, { url: url(name) });
      new WebhookConfigSet("set", { urls: { refunds: url("refunds") } });
    },
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  expect(emulator.configs()).toHaveLength(3);
  const { summary } = await stack.stack.destroy({ runProgram: true });
  expect(summary.resourceChanges).toMatchObject({ delete: 4 });
  expect(emulator.configs()).toEqual([]);
  expect(await stack.resources()).toEqual([]);
});

test("a preview warns of the URL that another endpoint holds for a changed one, and no deployment of what is its own", async () => {
  await using emulator = await startEmulator();
  const foreign = emulator.put(url("taken"));
  let hook = url("mine");
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfig("orders", { url: hook });
    },
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  emulator.clearRequests();
  hook = url("taken");
  expect((await stack.preview()).output).toContain(`${foreign} of account ${ACCOUNT} has ${hook} already`);
  expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });

  hook = url("mine");
  const urn = (await stack.resources()).map((each) => each.urn);
  const replaced = await stack.up({ targetReplace: urn });
  expect(replaced).toMatchObject({ ok: true, changes: { replace: 1 } });
  expect(replaced.output).not.toContain("warning");
}, 60_000);

test("failures say what happened, to what, why and what next, without a stack trace", async () => {
  await using emulator = await startEmulator();
  const foreign = emulator.put(url("taken"));
  let hook = url("taken");
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfig("orders", { url: hook });
    },
  });
  const preview = await stack.preview();
  expect(preview.ok).toBe(true);
  expect(preview.output).toContain(`${foreign} of account ${ACCOUNT} has ${hook} already`);

  const taken = await stack.up();
  expect(taken.ok).toBe(false);
  for (const part of [
    "SYSTEM_RULE_VIOLATION / URL_ALREADY_EXISTS",
    foreign,
    "since",
    "aliases",
    "import",
    "adoptExisting",
    "trace id: trc_",
  ])
    expect(taken.output).toContain(part);
  expect(taken.output).not.toMatch(/^\s+at .*:\d+:\d+/m);

  hook = "http://example.com/plain";
  const insecure = await stack.preview();
  expect(insecure.ok).toBe(false);
  expect(insecure.output).toContain('"http://example.com/plain" does not begin with https://');

  hook = url("one");
  for (let i = 0; i < 19; i++) emulator.put(url(`foreign-${i}`));
  const full = await stack.up();
  expect(full.ok).toBe(false);
  expect(full.output).toContain("MAX_WEBHOOK_URL_LIMIT");
  expect(full.output).toContain("These 20 are active");
  expect(full.output).toContain("a removal must be deployed first");
});

test("what is missing in the configuration is listed at once, before any call", async () => {
  await using emulator = await startEmulator();
  await using stack = await engineStack({
    env: { KOMPLIANT_BASE_URL: emulator.url },
    program: async () => {
      new WebhookConfig("orders", { url: url("orders") });
    },
  });
  const run = await stack.preview();
  expect(run.ok).toBe(false);
  for (const key of ["apiKey", "secretKey", "authToken"])
    expect(run.output).toContain(`pulumi config set --secret kompliant:${key}`);
  expect(run.output).toContain("pulumi config set kompliant:accountId");
  expect(emulator.requests).toEqual([]);
});

function idOf(configs: readonly { config_id: string; url: string }[], wanted: string): string | undefined {
  return configs.find((config) => config.url === wanted)?.config_id;
}
