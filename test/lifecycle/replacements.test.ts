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
  it.stack.program = { orders: { url: at("orders"), accountId: SECOND, deleteBeforeReplace: true } };
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
  const it = sceneOf({ orders: { url: at("orders"), deleteBeforeReplace: true } });
  succeeded(await it.stack.up());
  it.network.setFaults([{ method: "create", times: "all", effect: "status", status: 403 }]);
  refused(await it.stack.up({ targetReplace: ["orders"] }), "HTTP 403");
  expect(it.account()).toEqual({});
  it.network.setFaults([]);
  succeeded(await it.stack.up());
  consistent(it);
  await settled(it);
});

test("what the replacement of another resource has deleted before its own check is replaced too", async () => {
  const one = { url: at("kept"), replaceOnChanges: ["url"] };
  const it = sceneOf({ one });
  succeeded(await it.stack.up());
  // As after a handover that was cut off.
  const other = it.another({ other: { url: at("kept"), adoptExisting: true } });
  succeeded(await other.up());
  it.stack.restore(new Map([...it.stack.exported(), ...other.exported()]));
  it.stack.program = { one: { ...one, url: at("moved") }, other: { url: at("kept") } };
  succeeded(await it.stack.up({ parallel: 1 }));
  expect(Object.keys(it.account()).sort()).toEqual([at("kept"), at("moved")]);
  consistent(it);
  await settled(it);
});

test("what a set has deleted before the check of a resource that has it too is replaced", async () => {
  const set = (urls: Record<string, string>) => ({ type: "WebhookConfigSet", urls }) as const;
  const it = sceneOf({ set: set({ given: at("given"), stays: at("stays") }) });
  succeeded(await it.stack.up());
  const other = it.another({ given: { url: at("given"), adoptExisting: true } });
  succeeded(await other.up());
  it.stack.restore(new Map([...it.stack.exported(), ...other.exported()]));
  it.stack.program = { set: set({ stays: at("stays") }), given: { url: at("given"), adoptExisting: true } };
  succeeded(await it.stack.up({ parallel: 1 }));
  expect(Object.keys(it.account()).sort()).toEqual([at("given"), at("stays")]);
  expect(it.stack.resource("given")?.id).toBe(it.account()[at("given")]);
  await settled(it);
});

test("what a replacement has deleted before the check of a set that has it too becomes the set's anew", async () => {
  const one = { url: at("kept"), replaceOnChanges: ["url"] };
  const it = sceneOf({ one });
  succeeded(await it.stack.up());
  const set = { type: "WebhookConfigSet", urls: { kept: at("kept") } } as const;
  const other = it.another({ set });
  succeeded(await other.up());
  it.stack.restore(new Map([...it.stack.exported(), ...other.exported()]));
  it.stack.program = { one: { ...one, url: at("moved") }, set };
  succeeded(await it.stack.up({ parallel: 1 }));
  expect(Object.keys(it.account()).sort()).toEqual([at("kept"), at("moved")]);
  expect(it.stack.resource("set")?.outputs["ids"]).toEqual({ kept: it.account()[at("kept")] });
  await settled(it);
});
