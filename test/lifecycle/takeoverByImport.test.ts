import { describe, expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { at, consistent, refused, sceneOf, settled, succeeded } from "../support/modelScene.js";

const ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";
const [HERE, THERE] = ["lv_here", "lv_there"] as const;

describe("the option import, which the dynamic provider handles itself:", () => {
  test("of an endpoint with the same URL makes no write; afterwards the option changes nothing, there or not", async () => {
    const it = sceneOf({});
    const id = it.network.put(at("orders"));
    it.stack.program = { orders: { url: at("orders"), import: id } };
    const preview = succeeded(await it.stack.preview());
    expect(preview.changes).toEqual({ create: 1 });
    expect(preview.output).not.toContain("warning");
    const up = succeeded(await it.stack.up());
    expect(up.output).toContain(`took over ${id} with ${at("orders")}`);
    expect(callsOf(it.network)).toMatchObject({ create: 0, update: 0, delete: 0, get: 0 });
    expect(it.state()).toEqual({ orders: [id, at("orders")] });
    consistent(it);
    await settled(it);
    it.stack.program = { orders: { url: at("orders") } };
    await settled(it);
    it.network.clearRequests();
    succeeded(await it.stack.destroy());
    expect(callsOf(it.network)).toMatchObject({ delete: 1 });
    expect(it.account()).toEqual({});
  });

  test("of an endpoint with another URL is announced with both, and is one update", async () => {
    const it = sceneOf({});
    const id = it.network.put(at("old"));
    it.stack.program = { orders: { url: at("new"), import: id } };
    const preview = succeeded(await it.stack.preview());
    expect(preview.output).toContain(
      `taking over ${id} will change its URL from ${at("old")} to ${at("new")}`,
    );
    expect(it.account()).toEqual({ [at("old")]: id });
    it.network.clearRequests();
    succeeded(await it.stack.up());
    expect(callsOf(it.network)).toMatchObject({ create: 0, update: 1, delete: 0, get: 0 });
    expect(it.account()).toEqual({ [at("new")]: id });
    consistent(it);
    await settled(it);
  });

  test("of an id that there is not fails the preview, which lists those there are", async () => {
    const it = sceneOf({ orders: { url: at("orders"), import: "whc_unknown" } });
    refused(
      await it.stack.preview(),
      `cannot take over whc_unknown: account ${ACCOUNT} has no such configuration. It has none at all.`,
    );
    const ids = [it.network.put(at("a")), it.network.put(at("b"))];
    refused(await it.stack.preview(), "cannot take over whc_unknown", ...ids, at("a"), at("b"));
    refused(await it.stack.up(), "cannot take over whc_unknown", ...ids);
    expect(callsOf(it.network)).toMatchObject({ create: 0, update: 0, delete: 0 });
  });

  test("together with a trade: the imported one's URL goes to one that moves, whose own goes to the imported one", async () => {
    const it = sceneOf({ b: { url: at("b") } });
    succeeded(await it.stack.up());
    const b = it.account()[at("b")] ?? "";
    const a = it.network.put(at("a"));
    it.stack.program = { b: { url: at("a") }, a: { url: at("b"), import: a }, c: { url: at("c") } };
    it.network.clearRequests();
    succeeded(await it.stack.up());
    expect(it.account()).toMatchObject({ [at("a")]: b, [at("b")]: a });
    expect(callsOf(it.network)).toMatchObject({ create: 1, update: 3, delete: 0 });
    consistent(it);
    await settled(it);
  });

  test("of a replaced resource does not ask for the configuration that the replacement has deleted", async () => {
    const it = sceneOf({}, { accountIds: [ACCOUNT, "lv_second"] });
    const id = it.network.put(at("orders"));
    it.stack.program = { orders: { url: at("orders"), import: id } };
    succeeded(await it.stack.up());
    it.stack.program = { orders: { url: at("orders"), import: id, accountId: "lv_second" } };
    expect(succeeded(await it.stack.up()).changes).toMatchObject({ replace: 1 });
    expect(it.account()).toEqual({});
    expect(Object.keys(it.account("lv_second"))).toEqual([at("orders")]);
    await settled(it);
  });
});

test("of what a resource of another provider stands for is refused", async () => {
  const owner = { url: at("owned") };
  const it = sceneOf({ owner });
  succeeded(await it.stack.up());
  const id = it.account()[at("owned")] ?? "";
  it.stack.program = {
    owner,
    thief: { url: at("stolen"), import: id, provider: "eu", dependsOn: ["owner"] },
  };
  refused(await it.stack.preview(), `cannot take over ${id}: another resource of this program stands for it`);
  refused(await it.stack.up(), `cannot take over ${id}: another resource of this program stands for it`);
  expect(it.account()).toEqual({ [at("owned")]: id });
});

test("what a replacement has left to a resource that then fails is not left to nobody", async () => {
  const it = sceneOf({ moving: { url: at("kept"), accountId: HERE } }, { accountIds: [HERE, THERE] });
  succeeded(await it.stack.up());
  const id = it.account(HERE)[at("kept")] ?? "";
  const theirs = it.network.put(at("taken"), { accountId: HERE });
  it.stack.program = {
    importer: { url: at("taken"), accountId: HERE, import: id },
    moving: { url: at("kept"), accountId: THERE },
  };
  refused(await it.stack.up(), `Meanwhile ${id} has ${at("kept")}, which is recorded in state`);
  expect(it.state()["importer"]).toEqual([id, at("kept")]);
  it.network.remove(theirs, HERE);
  succeeded(await it.stack.up());
  expect(it.account(HERE)).toEqual({ [at("taken")]: id });
  it.stack.program = {};
  succeeded(await it.stack.up());
  expect([it.account(HERE), it.account(THERE)]).toEqual([{}, {}]);
});

test.each(["--target-replace", "taint"])(
  "a replacement that is forced, by %s, does not fail for the option import that is still there",
  async (force) => {
    const it = sceneOf({});
    const id = it.network.put(at("orders"));
    const orders = { url: at("orders"), import: id };
    it.stack.program = { orders };
    succeeded(await it.stack.up());
    // Something is changed first, so that check cannot tell any more what the replacement will meet.
    it.stack.program = { first: { url: at("first") }, orders: { ...orders, dependsOn: ["first"] } };
    if (force === "taint") it.stack.taint("orders");
    succeeded(await it.stack.up(force === "taint" ? {} : { targetReplace: ["orders"] }));
    expect(Object.keys(it.account()).sort()).toEqual([at("first"), at("orders")]);
    consistent(it);
    await settled(it);
  },
);
