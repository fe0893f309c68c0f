import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { at, consistent, refused, sceneOf, settled, succeeded } from "../support/modelScene.js";

const [ACCOUNT, SECOND] = ["lv_first", "lv_second"] as const;
const accountIds = [ACCOUNT, SECOND];

test("the option import of an endpoint with the same URL makes no write, and changes nothing afterwards", async () => {
  const it = sceneOf({});
  const id = it.network.put(at("orders"));
  it.stack.program = { orders: { url: at("orders"), import: id } };
  for (const run of [await it.stack.preview(), await it.stack.up()])
    expect(succeeded(run).changes).toEqual({ import: 1 });
  expect(callsOf(it.network)).toMatchObject({ create: 0, update: 0, delete: 0 });
  expect(it.state()).toEqual({ orders: [id, at("orders")] });
  await settled(it);
});

test("of an endpoint with another URL, it is the same endpoint with the program's", async () => {
  const it = sceneOf({});
  const id = it.network.put(at("old"));
  it.stack.program = { orders: { url: at("new"), import: id } };
  succeeded(await it.stack.preview());
  expect(it.account()).toEqual({ [at("old")]: id });
  succeeded(await it.stack.up());
  expect(callsOf(it.network)).toMatchObject({ create: 0, update: 1, delete: 0 });
  expect(it.account()).toEqual({ [at("new")]: id });
  consistent(it);
  await settled(it);
});

test("of an id that there is not, it says which there are", async () => {
  const it = sceneOf({ orders: { url: at("orders"), import: "whc_unknown" } });
  const id = it.network.put(at("a"));
  for (const run of [await it.stack.preview(), await it.stack.up()])
    refused(run, "cannot read whc_unknown: account", "has no such configuration. It has:", id, at("a"));
});

test("the account of an id stands before it", async () => {
  const it = sceneOf({}, { accountIds });
  const id = it.network.put(at("a"), { accountId: SECOND });
  it.stack.program = { a: { url: at("a"), accountId: SECOND, import: `${SECOND}/${id}` } };
  succeeded(await it.stack.up());
  expect(it.state()).toEqual({ a: [id, at("a")] });
  expect(it.stack.resource("a")?.outputs).toMatchObject({ accountId: SECOND });
  await settled(it);
  it.stack.program = { b: { url: at("b"), import: "a b/whc_1" } };
  refused(await it.stack.preview(), '"a b" is not an account\'s id');
});

test("a set is imported by its account: all that is there, each by its id; names of the program's take over", async () => {
  const it = sceneOf({}, { accountIds });
  const ids = ["a", "b"].map((path) => it.network.put(at(path), { accountId: ACCOUNT }));
  const urls = { [ids[0] ?? ""]: at("a"), [ids[1] ?? ""]: at("b") };
  it.stack.program = { all: { type: "WebhookConfigSet", accountId: ACCOUNT, urls, import: ACCOUNT } };
  expect(succeeded(await it.stack.up()).changes).toEqual({ import: 1 });
  expect(it.stack.resource("all")).toMatchObject({
    id: ACCOUNT,
    outputs: { urls, foreign: "keep", ids: Object.fromEntries(ids.map((id) => [id, id])), others: {} },
  });
  await settled(it);
  it.stack.program = {
    all: { type: "WebhookConfigSet", accountId: ACCOUNT, urls: { one: at("a"), two: at("b") } },
  };
  it.network.clearRequests();
  succeeded(await it.stack.up());
  expect(callsOf(it.network)).toMatchObject({ create: 0, update: 0, delete: 0 });
  expect(it.stack.resource("all")?.outputs["ids"]).toEqual({ one: ids[0], two: ids[1] });
});

test("what a resource of the program stands for is not taken into a set that is imported", async () => {
  const it = sceneOf({ single: { url: at("single") } });
  succeeded(await it.stack.up());
  const id = it.network.put(at("a"));
  const [{ accountId = "" } = {}] = it.network.requests;
  const set = { type: "WebhookConfigSet", urls: { [id]: at("a") }, import: accountId } as const;
  it.stack.program = { single: { url: at("single") }, set: { ...set, dependsOn: ["single"] } };
  succeeded(await it.stack.up());
  expect(it.stack.resource("set")?.outputs).toMatchObject({ ids: { [id]: id }, urls: { [id]: at("a") } });
  it.stack.forget("set", "WebhookConfigSet");
  it.network.remove(id);
  refused(await it.stack.up(), "other resources of this program stand for all that it has");
});

test.each([
  ["none at all", ACCOUNT, "it has no configuration at all. If that is a surprise, check the account's id"],
  ["no account", "lv_unknown", "The account lv_unknown is unknown to these credentials"],
  ["no id", "a b", '"a b" is not an account\'s id'],
])("a set cannot be imported of an account that is %s", async (_, id, said) => {
  const it = sceneOf({ all: { type: "WebhookConfigSet", urls: {}, import: id } }, { accountIds });
  for (const run of [await it.stack.preview(), await it.stack.up()]) refused(run, said);
  expect(it.stack.resources()).toEqual([]);
});

test("a preview says which endpoint adoptExisting takes over, and knows its id", async () => {
  const it = sceneOf({});
  const id = it.network.put(at("a"));
  it.stack.program = {
    a: { url: at("a"), adoptExisting: true },
    after: { url: { of: "a", output: "id", as: (known) => at(`after/${known}`) } },
    new: { url: at("new"), adoptExisting: true },
  };
  const preview = succeeded(await it.stack.preview());
  expect(preview.output).toBe(`takes over ${id} instead of creating a configuration`);
  expect(preview.calls.find(({ call, of }) => call === "check" && of === "after")?.asked).toMatchObject({
    news: { url: at(`after/${id}`) },
  });
  const [a, fresh] = ["a", "new"].map(
    (name) => preview.calls.find(({ call, of }) => call === "create" && of === name)?.answered,
  );
  const [config] = it.network.configs();
  expect(a).toMatchObject({ id, properties: { url: at("a"), createdAt: config?.created_at } });
  expect(fresh).toMatchObject({ id: "" });
  expect(it.network.configs()).toHaveLength(1);
  succeeded(await it.stack.up());
  expect(it.state()["a"]).toEqual([id, at("a")]);
});

test("an input that the type does not have is refused by name, before any call", async () => {
  const it = sceneOf({ a: { url: at("a"), ignoreChanges: [], ...({ foreign: "keep" } as object) } });
  refused(await it.stack.preview(), "property foreign has a problem: there is no such input: it has url");
  expect(it.network.requests).toEqual([]);
});

test("a set's name __proto__ is refused by name", async () => {
  const urls = JSON.parse(`{ "__proto__": "${at("a")}", "constructor": "${at("b")}" }`);
  const it = sceneOf({ set: { type: "WebhookConfigSet", urls } });
  refused(await it.stack.preview(), 'property urls has a problem: "__proto__" cannot be a name');
  it.stack.program = {
    set: {
      type: "WebhookConfigSet",
      urls: JSON.parse(`{ "constructor": "${at("b")}", "toString": "${at("c")}" }`),
    },
  };
  succeeded(await it.stack.up());
  expect(Object.keys(it.account()).sort()).toEqual([at("b"), at("c")]);
  await settled(it);
});

test.each(["--target-replace", "taint"])(
  "a replacement that is forced, by %s, fails without deleteBeforeReplace, and says so; nothing is lost",
  async (force) => {
    const it = sceneOf({ orders: { url: at("orders") } });
    succeeded(await it.stack.up());
    const before = it.account();
    const forced = () => {
      if (force === "taint") it.stack.taint("orders");
      return force === "taint" ? {} : { targetReplace: ["orders"] };
    };
    const way = "with the option `deleteBeforeReplace: true` the old one goes first";
    expect(succeeded(await it.stack.preview(forced())).output).toContain(
      "by the option `deleteBeforeReplace`",
    );
    refused(await it.stack.up(forced()), "URL_ALREADY_EXISTS", way);
    expect(it.account()).toEqual(before);
    consistent(it);
    // Whoever takes the other way out keeps the endpoint: the old one's end spares it.
    it.stack.program = { orders: { url: at("orders"), adoptExisting: true } };
    succeeded(await it.stack.up(forced()));
    expect(it.account()).toEqual(before);
    it.stack.program = { orders: { url: at("orders"), deleteBeforeReplace: true } };
    succeeded(await it.stack.up(forced()));
    expect(it.account()).not.toEqual(before);
    consistent(it);
    await settled(it);
  },
);
