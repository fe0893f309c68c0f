import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import type { Program } from "../support/engineModel.js";
import { at, refused, sceneOf, succeeded } from "../support/modelScene.js";

const FIRST = "lv_first";
const SECOND = "lv_second";
const many = (n: number): Program =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`hook-${i}`, { url: at(i) }]));

test("the same URL twice in an account fails the preview and names both", async () => {
  const it = sceneOf({ ...many(1), second: { url: at(0) } });
  refused(await it.stack.preview(), `"hook-0" and "second" declare the same URL ${at(0)} in account`);
  expect(callsOf(it.network)).toMatchObject({ create: 0, update: 0, delete: 0 });
});

test("more than 20 in an account fail the preview, which names the account", async () => {
  const it = sceneOf(many(23));
  const run = refused(await it.stack.preview());
  expect(run.output).toMatch(/declares \d+ webhook configurations in account lv_4K8mPxR9N2jL7hS5TdWfY1/);
  expect(callsOf(it.network)).toMatchObject({ create: 0, update: 0, delete: 0 });
});

test("20 in each of two accounts, with the same URLs, are no conflict; twice in one account is one", async () => {
  const program: Program = Object.fromEntries(
    Object.entries(many(20)).flatMap(([name, its]) => [
      [`here-${name}`, its],
      [`there-${name}`, { ...its, provider: "other" }],
    ]),
  );
  const it = sceneOf(
    program,
    { accountIds: [FIRST, SECOND] },
    { providers: { other: { accountId: SECOND } } },
  );
  succeeded(await it.stack.up());
  expect([FIRST, SECOND].map((account) => it.network.configs(account).length)).toEqual([20, 20]);

  it.network.clearRequests();
  succeeded(await it.stack.refresh());
  expect(callsOf(it.network)).toEqual({ create: 0, get: 0, list: 2, update: 0, delete: 0 });
  expect(new Set(it.network.requests.map(({ accountId }) => accountId))).toEqual(new Set([FIRST, SECOND]));

  it.stack.program = { ...program, again: { url: at(0), accountId: SECOND, provider: "other" } };
  const run = refused(await it.stack.preview(), `declare the same URL ${at(0)} in account ${SECOND}`);
  expect(run.output).toMatch(/"there-hook-0" and "again"|"again" and "there-hook-0"/);
});

test("a URL that is known only after apply is held against the others once it is known", async () => {
  const it = sceneOf({
    orders: { url: at("orders") },
    copy: { url: { of: "orders", output: "id", as: () => at("orders") } },
  });
  succeeded(await it.stack.preview());
  const up = await it.stack.up();
  expect(up.ok).toBe(false);
  expect(up.output).toContain(at("orders"));
  expect(it.network.configs()).toHaveLength(1);
});
