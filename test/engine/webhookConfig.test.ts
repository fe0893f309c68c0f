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
  // One before the first create, and one for each wave, which a busy machine can split in two.
  expect(created.list).toBeLessThanOrEqual(2 * Math.ceil(20 / parallel) + 1);
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
  // One before the first update, and one after each where the engine is slow to show the next.
  expect(updated.list).toBeLessThanOrEqual(4);
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

test("a failure says what happened, to what, why and what next, without a stack trace", async () => {
  await using emulator = await startEmulator();
  const foreign = emulator.put(url("taken"));
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfig("orders", { url: url("taken") });
    },
  });
  const taken = await stack.up();
  expect(taken.ok).toBe(false);
  for (const part of ["URL_ALREADY_EXISTS", foreign, "aliases", "adoptExisting", "trace id: trc_"])
    expect(taken.output).toContain(part);
  expect(taken.output).not.toMatch(/^\s+at .*:\d+:\d+/m);
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
