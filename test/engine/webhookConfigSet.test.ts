import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { type EngineStack, engineStack, kompliant } from "../support/engine.js";

const { WebhookConfig, WebhookConfigSet } = kompliant;
const at = (path: number | string) => `https://example.com/${path}`;
const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`hook-${i}`, at(i)]));

interface Scene {
  readonly emulator: Emulator;
  readonly stack: EngineStack;
  /** What the set declares: change it, then `up`. */
  readonly set: { urls: Record<string, string>; foreign?: "keep" | "remove" };
  ids(): Promise<Record<string, string>>;
  /** The account: id to URL. */
  account(): Record<string, string>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function scene(urls: Record<string, string>, foreign?: "keep" | "remove"): Promise<Scene> {
  const emulator = await startEmulator();
  const set: Scene["set"] = foreign === undefined ? { urls } : { urls, foreign };
  const stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfigSet("prod", set);
    },
  });
  return {
    emulator,
    stack,
    set,
    ids: async () => ((await stack.resources())[0]?.outputs["ids"] ?? {}) as Record<string, string>,
    account: () => Object.fromEntries(emulator.configs().map(({ config_id, url }) => [config_id, url])),
    [Symbol.asyncDispose]: async () => {
      await stack.dispose();
      await emulator.close();
    },
  };
}

test("a set is created, left alone, refreshed and destroyed with the fewest calls", async () => {
  await using it = await scene(many(20));
  expect(await it.stack.up()).toMatchObject({ ok: true });
  expect(callsOf(it.emulator)).toEqual({ create: 20, get: 0, list: 1, update: 0, delete: 0 });
  const ids = await it.ids();
  for (const [name, url] of Object.entries(it.set.urls)) expect(it.account()[ids[name] ?? ""]).toBe(url);

  it.emulator.clearRequests();
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { same: 2 } });
  expect(it.emulator.requests).toEqual([]);
  expect(await it.stack.refresh()).toMatchObject({ ok: true, changes: { same: 2 } });
  expect(callsOf(it.emulator)).toMatchObject({ list: 1 });

  it.emulator.clearRequests();
  expect(await it.stack.destroy()).toMatchObject({ ok: true });
  expect(callsOf(it.emulator)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 20 });
});

test("names keep their ids while URLs change and trade places; a renamed one is handed over", async () => {
  await using it = await scene(many(4));
  expect(await it.stack.up()).toMatchObject({ ok: true });
  const before = await it.ids();
  it.emulator.clearRequests();
  it.set.urls = { "hook-0": at(1), "hook-1": at(0), "hook-2": at("new"), renamed: at(3) };
  const run = await it.stack.up();
  expect(run.ok, run.output).toBe(true);
  expect(callsOf(it.emulator)).toMatchObject({ create: 0, update: 4, delete: 0, get: 0 });
  expect(await it.ids()).toEqual({
    "hook-0": before["hook-0"],
    "hook-1": before["hook-1"],
    "hook-2": before["hook-2"],
    renamed: before["hook-3"],
  });
  expect(Object.values(it.account()).sort()).toEqual(Object.values(it.set.urls).sort());
});

test("with 20 of 20 used, dropping one name and adding another is one up", async () => {
  await using it = await scene(many(20));
  expect(await it.stack.up()).toMatchObject({ ok: true });
  const { "hook-7": dropped = "", ...kept } = await it.ids();
  const { "hook-7": _, ...urls } = it.set.urls;
  it.set.urls = { ...urls, added: at("added") };
  it.emulator.clearRequests();
  const run = await it.stack.up();
  expect(run.ok, run.output).toBe(true);
  expect(callsOf(it.emulator)).toMatchObject({ create: 1, update: 0, delete: 1 });
  expect(await it.ids()).toMatchObject(kept);
  expect(it.account()[dropped]).toBeUndefined();
  expect(Object.values(it.account())).toContain(at("added"));
});

test("refresh reports what is foreign as drift; keep leaves it alone, remove removes it with a warning first", async () => {
  await using it = await scene(many(2));
  expect(await it.stack.up()).toMatchObject({ ok: true });
  const foreign = it.emulator.put(at("theirs"));
  const refreshed = await it.stack.refresh();
  expect(refreshed).toMatchObject({ ok: true, changes: { update: 1 } });
  expect(refreshed.output).toContain(foreign);
  // As long as it is there, every refresh shows it.
  expect(await it.stack.refresh()).toMatchObject({ ok: true, changes: { update: 1 } });
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { same: 2 } });
  expect(it.account()[foreign]).toBe(at("theirs"));

  it.set.foreign = "remove";
  const preview = await it.stack.preview();
  expect(preview.output).toContain(
    `the set removes what nothing declares (\`foreign: "remove"\`): ${foreign}`,
  );
  expect(await it.stack.up()).toMatchObject({ ok: true });
  expect(it.account()[foreign]).toBeUndefined();

  // From now on drift of this kind is repaired by refresh and up.
  const second = it.emulator.put(at("again"));
  expect(await it.stack.refresh()).toMatchObject({ ok: true });
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { update: 1 } });
  expect(it.account()[second]).toBeUndefined();
  expect(Object.values(it.account()).sort()).toEqual([at(0), at(1)]);
});

test("what was changed or deleted elsewhere is found by refresh and put right by up", async () => {
  await using it = await scene(many(3));
  expect(await it.stack.up()).toMatchObject({ ok: true });
  const before = await it.ids();
  it.emulator.change(before["hook-0"] ?? "", at("changed"));
  it.emulator.remove(before["hook-1"] ?? "");
  expect(await it.stack.refresh()).toMatchObject({ ok: true, changes: { update: 1 } });
  expect(await it.stack.up()).toMatchObject({ ok: true, changes: { update: 1 } });
  const after = await it.ids();
  expect(after).toMatchObject({ "hook-0": before["hook-0"], "hook-2": before["hook-2"] });
  expect(Object.values(it.account()).sort()).toEqual([at(0), at(1), at(2)]);
});

test("single resources become a set without a gap: same ids, nothing deleted", async () => {
  await using it = await scene(many(3));
  it.stack.setProgram(async () => {
    for (const [name, url] of Object.entries(it.set.urls)) new WebhookConfig(name, { url });
  });
  expect(await it.stack.up()).toMatchObject({ ok: true });
  const before = it.account();
  it.emulator.clearRequests();
  it.stack.setProgram(async () => {
    new WebhookConfigSet("prod", it.set);
  });
  const run = await it.stack.up();
  expect(run.ok, run.output).toBe(true);
  expect(run.output).toContain("was handed over to another resource of this stack");
  expect(it.account()).toEqual(before);
  expect(callsOf(it.emulator)).toMatchObject({ create: 0, update: 0, delete: 0 });
  expect(Object.values(await it.ids()).sort()).toEqual(Object.keys(before).sort());
});

test("what a set could not do is said, what it did is kept, and the next up does the rest", async () => {
  await using it = await scene(many(2));
  it.emulator.setFaults([{ method: "create", nth: 2, effect: "status", status: 403, times: "all" }]);
  const run = await it.stack.up();
  expect(run.ok).toBe(false);
  expect(run.output).toContain("HTTP 403");
  expect(run.output).not.toMatch(/\n\s+at /);
  expect(it.emulator.configs()).toHaveLength(1);
  expect(Object.keys(await it.ids())).toHaveLength(1);
  it.emulator.setFaults([]);
  expect(await it.stack.up()).toMatchObject({ ok: true });
  expect(it.emulator.configs()).toHaveLength(2);
  expect(Object.keys(await it.ids()).sort()).toEqual(["hook-0", "hook-1"]);
});

test("a replacement deletes first, and announces no takeover of what it is about to delete", async () => {
  await using it = await scene(many(2));
  it.stack.setProgram(async () => {
    new WebhookConfigSet("prod", it.set, { replaceOnChanges: ["urls"] });
  });
  await it.stack.up();
  const before = it.account();
  it.set.urls = { ...it.set.urls, "hook-1": at("moved") };
  it.emulator.clearRequests();
  const run = await it.stack.up();
  expect(run, run.output).toMatchObject({ ok: true, changes: { replace: 1 } });
  expect(run.output).not.toContain("take over");
  expect(callsOf(it.emulator)).toMatchObject({ create: 2, update: 0, delete: 2 });
  for (const id of Object.keys(before)) expect(it.account()).not.toHaveProperty(id);
});

test("a set that removes what is foreign must be alone in its account", async () => {
  await using it = await scene(many(1), "remove");
  it.stack.setProgram(async () => {
    new WebhookConfigSet("prod", it.set);
    new WebhookConfig("single", { url: at("single") });
  });
  const run = await it.stack.preview();
  expect(run.ok).toBe(false);
  expect(run.output).toContain('"prod" removes whatever it does not declare');
  expect(run.output).toContain('"single" is in the same account');
  expect(it.emulator.requests).toEqual([]);
});

test("bad input of a set fails the preview and names the name", async () => {
  await using it = await scene({ one: "http://example.com", two: at(2), three: at(2) });
  const run = await it.stack.preview();
  expect(run.ok).toBe(false);
  expect(run.output).toContain("urls.one");
  expect(run.output).toContain("does not begin with https://");
  expect(run.output).toContain('"prod.two" and "prod.three" declare the same URL');
});
