import { expect, test } from "vitest";
import {
  at,
  consistent,
  type ModelScene,
  refused,
  sceneOf,
  settled,
  succeeded,
} from "../support/modelScene.js";

const [FIRST, SECOND] = ["lv_first", "lv_second"] as const;
const accountIds = [FIRST, SECOND];

/** What was written, in its order. */
const writes = ({ network }: ModelScene) =>
  network.requests.map(({ method }) => method.split(".").at(-1)).filter((method) => method !== "list");

test("another account is a replacement, and one that is forced deletes the old configuration first", async () => {
  const it = sceneOf({ orders: { url: at("orders") } }, { accountIds });
  succeeded(await it.stack.up());
  it.stack.program = { orders: { url: at("orders"), accountId: SECOND } };
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { replace: 1 } });
  expect(it.network.configs(FIRST)).toEqual([]);
  expect(it.network.configs(SECOND)).toHaveLength(1);

  for (const force of ["--target-replace", "taint"]) {
    const before = it.account(SECOND)[at("orders")];
    it.network.clearRequests();
    if (force === "taint") it.stack.taint("orders");
    const run = succeeded(await it.stack.up(force === "taint" ? {} : { targetReplace: ["orders"] }));
    expect(run.changes).toEqual({ replace: 1 });
    // Of what is the stack's own, nothing is to be warned.
    expect(run.output).not.toContain("warning");
    expect(writes(it)).toEqual(["delete", "create"]);
    expect(it.account(SECOND)[at("orders")]).not.toBe(before);
    expect(it.network.configs(SECOND)).toHaveLength(1);
  }
  await settled(it);
});

test("replaceOnChanges deletes the old configuration first, so that the new one fits into a full account", async () => {
  const orders = { url: at("orders"), replaceOnChanges: ["url"] };
  const it = sceneOf({ orders });
  succeeded(await it.stack.up());
  const before = it.account()[at("orders")];
  for (let i = 1; i < 20; i++) it.network.put(at(i));
  it.network.clearRequests();
  it.stack.program = { orders: { ...orders, url: at("moved") } };
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { replace: 1 } });
  expect(writes(it)).toEqual(["delete", "create"]);
  expect(it.network.configs()).toHaveLength(20);
  expect(Object.values(it.account())).not.toContain(before);
});

test("a replacement that could not create is created by the next up", async () => {
  const it = sceneOf({ orders: { url: at("orders") } });
  succeeded(await it.stack.up());
  it.network.setFaults([{ method: "create", times: "all", effect: "status", status: 403 }]);
  refused(await it.stack.up({ targetReplace: ["orders"] }), "HTTP 403");
  expect(it.account()).toEqual({});
  it.network.setFaults([]);
  succeeded(await it.stack.up());
  consistent(it);
  await settled(it);
});
