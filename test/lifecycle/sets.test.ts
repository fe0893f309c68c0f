import { describe, expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import type { Declared, Program } from "../support/engineModel.js";
import { at, type ModelScene, refused, sceneOf, succeeded } from "../support/modelScene.js";

const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`hook-${i}`, at(i)]));
const set = (urls: Record<string, string>, its: Declared = {}): Declared => ({
  type: "WebhookConfigSet",
  urls,
  ...its,
});
const prod = (urls: Record<string, string>, its: Declared = {}): Program => ({ prod: set(urls, its) });

const idsOf = ({ stack }: ModelScene) => stack.resource("prod")?.outputs["ids"] as Record<string, string>;
/** The account: id to URL. */
const live = ({ network }: ModelScene) =>
  Object.fromEntries(network.configs().map(({ config_id, url }) => [config_id, url]));

/** A deployed set of `n` names. */
async function deployed(n: number): Promise<ModelScene> {
  const it = sceneOf(prod(many(n)));
  succeeded(await it.stack.up());
  return it;
}

test("a set is created, left alone, refreshed and destroyed with the fewest calls", async () => {
  const it = await deployed(20);
  expect(callsOf(it.network)).toEqual({ create: 20, get: 0, list: 1, update: 0, delete: 0 });
  for (const [name, url] of Object.entries(many(20))) expect(live(it)[idsOf(it)[name] ?? ""]).toBe(url);

  it.network.clearRequests();
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { same: 1 } });
  expect(it.network.requests).toEqual([]);
  expect(await it.stack.refresh()).toMatchObject({ ok: true, changes: { same: 1 } });
  expect(callsOf(it.network)).toMatchObject({ list: 1 });

  it.network.clearRequests();
  succeeded(await it.stack.destroy());
  expect(callsOf(it.network)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 20 });
});

test("names keep their ids while URLs change and trade places; a renamed one is handed over", async () => {
  const it = await deployed(4);
  const before = idsOf(it);
  it.network.clearRequests();
  const urls = { "hook-0": at(1), "hook-1": at(0), "hook-2": at("new"), renamed: at(3) };
  it.stack.program = prod(urls);
  succeeded(await it.stack.up());
  expect(callsOf(it.network)).toMatchObject({ create: 0, update: 4, delete: 0, get: 0 });
  expect(idsOf(it)).toEqual({
    "hook-0": before["hook-0"],
    "hook-1": before["hook-1"],
    "hook-2": before["hook-2"],
    renamed: before["hook-3"],
  });
  expect(Object.values(live(it)).sort()).toEqual(Object.values(urls).sort());
});

test("with 20 of 20 used, dropping one name and adding another is one up", async () => {
  const it = await deployed(20);
  const { "hook-7": dropped = "", ...kept } = idsOf(it);
  const { "hook-7": _, ...urls } = many(20);
  it.stack.program = prod({ ...urls, added: at("added") });
  it.network.clearRequests();
  succeeded(await it.stack.up());
  expect(callsOf(it.network)).toMatchObject({ create: 1, update: 0, delete: 1 });
  expect(idsOf(it)).toMatchObject(kept);
  expect(live(it)[dropped]).toBeUndefined();
  expect(Object.values(live(it))).toContain(at("added"));
});

test("refresh reports what is foreign as drift; keep leaves it alone, remove removes it with a warning first", async () => {
  const it = await deployed(2);
  const foreign = it.network.put(at("theirs"));
  // As long as it is there, every refresh shows it.
  for (let time = 0; time < 2; time++) {
    expect(await it.stack.refresh()).toMatchObject({ ok: true });
    expect(it.stack.resource("prod")?.outputs["others"]).toEqual({ [foreign]: at("theirs") });
  }
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { same: 1 } });
  expect(live(it)[foreign]).toBe(at("theirs"));

  it.stack.program = prod(many(2), { foreign: "remove" });
  const preview = succeeded(await it.stack.preview());
  expect(preview.output).toContain(
    `the set removes what nothing declares (\`foreign: "remove"\`): ${foreign}`,
  );
  succeeded(await it.stack.up());
  expect(live(it)[foreign]).toBeUndefined();

  // From now on drift of this kind is repaired by refresh and up.
  const second = it.network.put(at("again"));
  succeeded(await it.stack.refresh());
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { update: 1 } });
  expect(live(it)[second]).toBeUndefined();
  expect(Object.values(live(it)).sort()).toEqual([at(0), at(1)]);
});

test("what was changed or deleted elsewhere is found by refresh and put right by up", async () => {
  const it = await deployed(3);
  const before = idsOf(it);
  it.network.change(before["hook-0"] ?? "", at("changed"));
  it.network.remove(before["hook-1"] ?? "");
  expect(await it.stack.refresh()).toMatchObject({ ok: true, changes: { update: 1 } });
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { update: 1 } });
  expect(idsOf(it)).toMatchObject({ "hook-0": before["hook-0"], "hook-2": before["hook-2"] });
  expect(Object.values(live(it)).sort()).toEqual([at(0), at(1), at(2)]);
});

test("single resources become a set without a gap: same ids, nothing deleted", async () => {
  const it = sceneOf(
    Object.fromEntries(Object.entries(many(3)).map(([name, url]) => [name, { url }] as const)),
  );
  succeeded(await it.stack.up());
  const before = live(it);
  it.network.clearRequests();
  it.stack.program = prod(many(3));
  const run = succeeded(await it.stack.up());
  expect(run.output).toContain("was handed over to another resource of this stack");
  expect(live(it)).toEqual(before);
  expect(callsOf(it.network)).toMatchObject({ create: 0, update: 0, delete: 0 });
  expect(Object.values(idsOf(it)).sort()).toEqual(Object.keys(before).sort());
});

test("what a set could not do is said, what it did is kept, and the next up does the rest", async () => {
  const it = sceneOf(prod(many(2)));
  it.network.setFaults([{ method: "create", nth: 2, effect: "status", status: 403, times: "all" }]);
  refused(await it.stack.up(), "HTTP 403");
  expect(it.network.configs()).toHaveLength(1);
  expect(Object.keys(idsOf(it))).toHaveLength(1);
  it.network.setFaults([]);
  succeeded(await it.stack.up());
  expect(it.network.configs()).toHaveLength(2);
  expect(Object.keys(idsOf(it)).sort()).toEqual(["hook-0", "hook-1"]);
});

test("a replacement deletes first, and announces no takeover of what it is about to delete", async () => {
  const it = sceneOf(prod(many(2), { replaceOnChanges: ["urls"] }));
  succeeded(await it.stack.up());
  const before = live(it);
  it.stack.program = prod({ ...many(2), "hook-1": at("moved") }, { replaceOnChanges: ["urls"] });
  it.network.clearRequests();
  const run = succeeded(await it.stack.up());
  expect(run.changes).toEqual({ replace: 1 });
  expect(run.output).not.toContain("take over");
  expect(callsOf(it.network)).toMatchObject({ create: 2, update: 0, delete: 2 });
  for (const id of Object.keys(before)) expect(live(it)).not.toHaveProperty(id);
});

test("bad input of a set fails the preview and names the name", async () => {
  const it = sceneOf(prod({ one: "http://example.com", two: at(2), three: at(2) }));
  refused(await it.stack.preview(), "urls.one", "does not begin with https://");
  it.stack.program = prod({ two: at(2), three: at(2) });
  refused(await it.stack.preview(), '"prod.two" and "prod.three" declare the same URL');
  expect(it.network.requests).toEqual([]);
});

describe("a set that removes what is foreign is alone in its account", () => {
  const REFUSAL = "removes whatever it does not declare in account";
  const removing = set({ one: at("one") }, { foreign: "remove" });

  /** Nothing was deleted, and all that is there is in state. */
  function nothingIsLost({ network, stack }: ModelScene): void {
    expect(callsOf(network)).toMatchObject({ delete: 0 });
    const stated = stack.resources().flatMap(({ id, outputs }) => Object.values(outputs["ids"] ?? { id }));
    expect(new Set(stated)).toEqual(new Set(network.configs().map(({ config_id }) => config_id)));
  }

  test.each<[string, Program]>([
    ["another resource", { prod: removing, single: { url: at("single") } }],
    ["one that is declared before it", { single: { url: at("single") }, prod: removing }],
    ["one that has its very name", { prod: removing, other: { name: "prod", url: at("single") } }],
    ["another set", { prod: removing, second: set({ two: at("two") }) }],
  ])("%s in it fails the preview, before any write", async (_, program) => {
    const it = sceneOf(program);
    refused(await it.stack.preview(), REFUSAL, "is in the same account");
    refused(await it.stack.up(), REFUSAL);
    nothingIsLost(it);
  });

  test("a resource whose URL is known only once the set is there fails the preview all the same", async () => {
    const it = sceneOf({ first: { url: at("first") } });
    succeeded(await it.stack.up());
    it.stack.program = {
      set: removing,
      first: { url: { of: "set", output: "id", as: () => at("first") } },
    };
    refused(await it.stack.preview(), REFUSAL);
    nothingIsLost(it);
  });

  test("what another provider's process has created or stands for is not removed", async () => {
    const single: Program = { single: { url: at("single"), provider: "eu", accountId: ACCOUNT } };
    const both: Program = { ...single, set: { ...removing, dependsOn: ["single"] } };
    const it = sceneOf(single);
    succeeded(await it.stack.up());
    it.network.clearRequests();
    it.stack.program = both;
    await it.stack.up();
    expect(callsOf(it.network)).toMatchObject({ delete: 0 });
    expect(Object.values(live(it))).toContain(at("single"));
  });
});

const ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";
