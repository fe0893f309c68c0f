import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import type { Program } from "../support/engineModel.js";
import { at, refused, sceneOf, succeeded } from "../support/modelScene.js";

const ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";

test.each([2, 8, 16, 32])(
  "20 endpoints are created, left alone, refreshed, updated and destroyed with the fewest calls, at --parallel %i",
  async (parallel) => {
    const urls = Array.from({ length: 20 }, (_, i) => at(i));
    const declared = (): Program => Object.fromEntries(urls.map((url, i) => [`hook-${i}`, { url }]));
    const it = sceneOf(declared());
    expect(await it.stack.up({ parallel })).toMatchObject({ ok: true, changes: { create: 20 } });
    const created = callsOf(it.network);
    expect(created).toMatchObject({ create: 20, get: 0, update: 0, delete: 0 });
    expect(created.list).toBeLessThanOrEqual(Math.ceil(20 / parallel) + 1);
    const ids = it.account();

    it.network.clearRequests();
    expect(await it.stack.up({ parallel })).toMatchObject({ ok: true, changes: { same: 20 } });
    expect(it.network.requests).toEqual([]);

    const before = it.stack.resources();
    expect(await it.stack.refresh({ parallel })).toMatchObject({ ok: true, changes: { same: 20 } });
    expect(callsOf(it.network)).toEqual({ list: 1, get: 0, create: 0, update: 0, delete: 0 });
    expect(it.stack.resources()).toEqual(before);

    it.network.clearRequests();
    for (const i of [3, 9, 17]) urls[i] = at(`moved-${i}`);
    it.stack.program = declared();
    expect(await it.stack.up({ parallel })).toMatchObject({ ok: true, changes: { same: 17, update: 3 } });
    const updated = callsOf(it.network);
    expect(updated).toMatchObject({ update: 3, create: 0, delete: 0, get: 0 });
    expect(updated.list).toBeLessThanOrEqual(3);
    for (const i of [3, 9, 17]) expect(it.account()[at(`moved-${i}`)]).toBe(ids[at(i)]);

    it.network.clearRequests();
    expect(await it.stack.destroy({ parallel })).toMatchObject({ ok: true, changes: { delete: 20 } });
    expect(callsOf(it.network)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 20 });
    expect(it.network.configs()).toEqual([]);
  },
);

test("drift is found by refresh and repaired by the next up; what is gone is created again", async () => {
  const it = sceneOf({ orders: { url: at("orders") }, payments: { url: at("payments") } });
  succeeded(await it.stack.up());
  const { [at("orders")]: orders = "", [at("payments")]: payments = "" } = it.account();
  it.network.change(orders, at("elsewhere"));
  it.network.remove(payments);
  expect(await it.stack.refresh()).toMatchObject({ ok: true, changes: { update: 1, delete: 1 } });
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { update: 1, create: 1 } });
  expect(it.account()[at("orders")]).toBe(orders);
  expect(it.network.configs()).toHaveLength(2);
});

test("deleting what is gone already succeeds and says so", async () => {
  const it = sceneOf({ orders: { url: at("orders") } });
  succeeded(await it.stack.up());
  it.network.remove(it.account()[at("orders")] ?? "");
  expect(succeeded(await it.stack.destroy()).output).toContain("was gone already");
});

test("a URL that is taken: the preview warns, and the failure says who has it, since when, and the ways out", async () => {
  const it = sceneOf({ orders: { url: at("taken") } });
  const foreign = it.network.put(at("taken"));
  const preview = succeeded(await it.stack.preview());
  expect(preview.output).toContain(`${foreign} of account ${ACCOUNT} has ${at("taken")} already`);
  const ways = ["aliases", "import", "adoptExisting", "trace id: trc_"];
  refused(await it.stack.up(), "SYSTEM_RULE_VIOLATION / URL_ALREADY_EXISTS", foreign, "since", ...ways);
});

test("a full account: the failure lists all that are active, and what to deploy first", async () => {
  const it = sceneOf({ orders: { url: at("one") } });
  const foreign = Array.from({ length: 20 }, (_, i) => it.network.put(at(`foreign-${i}`)));
  const said = ["MAX_WEBHOOK_URL_LIMIT", "These 20 are active", "a removal must be deployed first"];
  refused(await it.stack.up(), ...said, ...foreign);
});

test("a URL that is not https fails the preview, with the value and the rule", async () => {
  const it = sceneOf({ orders: { url: "http://example.com/plain" } });
  refused(await it.stack.preview(), "url", '"http://example.com/plain" does not begin with https://');
  expect(it.network.requests).toEqual([]);
});

test("what is missing in the configuration is listed at once, before any call", async () => {
  const it = sceneOf({ orders: { url: at("orders") } }, {}, { env: {} });
  const secrets = ["apiKey", "secretKey", "authToken"].map(
    (key) => `pulumi config set --secret kompliant:${key}`,
  );
  refused(await it.stack.preview(), ...secrets, "pulumi config set kompliant:accountId");
  expect(it.network.requests).toEqual([]);
});
