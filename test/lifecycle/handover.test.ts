import { describe, expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import {
  at,
  consistent,
  type ModelScene,
  refused,
  sceneOf,
  settled,
  succeeded,
} from "../support/modelScene.js";

const [HERE, THERE] = ["lv_here", "lv_there"] as const;
const HANDED_OVER = "was handed over to another resource of this stack: it is not deleted";

test("adoptExisting takes over whoever has the URL, creates where nobody has, and so by any provider", async () => {
  const it = sceneOf({});
  const ids = Object.fromEntries(["a", "b", "c"].map((name) => [name, it.network.put(at(name))]));
  const adopt = (name: string) => ({ url: at(name), adoptExisting: true });
  it.stack.program = { a: adopt("a"), b: adopt("b"), c: { ...adopt("c"), provider: "eu" }, d: adopt("d") };
  succeeded(await it.stack.up());
  expect(callsOf(it.network)).toMatchObject({ create: 1, update: 0, delete: 0, get: 0 });
  for (const name of ["a", "b", "c"]) expect(it.state()[name]).toEqual([ids[name], at(name)]);
  consistent(it);
  await settled(it);
});

/** A stack with two endpoints, whose program now says that one of them has another name, by adoptExisting. */
async function renamed(explicit: boolean): Promise<ModelScene & { readonly id: string }> {
  const it = sceneOf({ old: { url: at("kept") }, other: { url: at("other") } });
  succeeded(await it.stack.up());
  const id = it.account()[at("kept")] ?? "";
  it.stack.program = {
    new: { url: at("kept"), adoptExisting: true, ...(explicit ? { provider: "eu" } : {}) },
    other: { url: at("moved"), dependsOn: ["new"] },
  };
  it.network.clearRequests();
  return Object.assign(it, { id });
}

describe.each([
  ["of the same provider", false],
  ["of another provider, so of another process", true],
])("a new name without aliases, %s", (_, explicit) => {
  test("takes the endpoint over; the old one's removal leaves it alone, and destroy deletes it once", async () => {
    const it = await renamed(explicit);
    const up = succeeded(await it.stack.up());
    expect(up.changes).toMatchObject({ delete: 1, update: 1 });
    expect(up.output).toContain(`${it.id} (${at("kept")}) ${HANDED_OVER}`);
    expect(callsOf(it.network)).toMatchObject({ create: 0, update: 1, delete: 0 });
    expect(it.state()["new"]).toEqual([it.id, at("kept")]);
    consistent(it);
    await settled(it);
    succeeded(await it.stack.destroy());
    expect(callsOf(it.network)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 2 });
    expect(it.account()).toEqual({});
  });

  test("stays when the engine is killed between the two: the next up ends the handover", async () => {
    const it = await renamed(explicit);
    it.network.setFaults([{ method: "update", effect: "never", commit: true }]);
    await it.stack.killed(() => callsOf(it.network).update === 1);
    it.network.setFaults([]);
    expect(Object.keys(it.state()).sort()).toEqual(["new", "old", "other"]);
    expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
    expect(it.state()["new"]).toEqual([it.id, at("kept")]);
    expect(callsOf(it.network)).toMatchObject({ create: 0, delete: 0 });
    consistent(it);
    await settled(it);
  });

  test("stays when the deployment fails between the two, whatever is done next", async () => {
    const it = await renamed(explicit);
    it.network.setFaults([{ method: "update", effect: "status", status: 403, times: "all" }]);
    refused(await it.stack.up(), "HTTP 403");
    it.network.setFaults([]);
    expect(Object.keys(it.state()).sort()).toEqual(["new", "old", "other"]);
    const cutOff = it.stack.exported();
    const { program } = it.stack;
    const again = async () => {
      it.stack.restore(cutOff);
      if (it.account()[at("kept")] === undefined) it.network.put(at("kept"), { configId: it.id });
      const moved = it.account()[at("moved")];
      if (moved !== undefined) it.network.change(moved, at("other"));
      it.stack.program = program;
      it.network.clearRequests();
    };

    // The same again.
    expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
    expect(it.state()["new"]).toEqual([it.id, at("kept")]);
    consistent(it);

    // Back to the old name.
    await again();
    it.stack.program = { old: { url: at("kept") }, other: { url: at("other") } };
    expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
    expect(it.state()["old"]).toEqual([it.id, at("kept")]);
    consistent(it);

    // What follows asks one process, whichever it is.
    if (explicit) return;

    // A refresh before, within the same deployment too.
    await again();
    succeeded(await it.stack.refresh());
    expect(succeeded(await it.stack.up({ refresh: true })).output).toContain(HANDED_OVER);
    expect(it.state()["new"]).toEqual([it.id, at("kept")]);
    consistent(it);

    // Both names: two for one are refused.
    await again();
    it.stack.program = { ...program, old: { url: at("elsewhere") } };
    refused(await it.stack.preview(), it.id, "Remove one of the two from the program");

    // The end of both.
    await again();
    const destroyed = succeeded(await it.stack.destroy());
    expect(destroyed.output).toContain(`${it.id} (${at("kept")}) was gone already`);
    expect(it.account()).toEqual({});
    expect(it.state()).toEqual({});
  });
});

test("an endpoint whose takeover could not be read back stays too, and the next up completes it", async () => {
  const it = await renamed(false);
  it.stack.program = { new: { url: at("new"), import: it.id }, other: { url: at("other") } };
  it.network.setFaults([{ method: "list", nth: 2, times: "all", effect: "status", status: 503 }]);
  refused(await it.stack.up(), `${it.id} has ${at("new")}, and is kept in state`);
  expect(Object.keys(it.state()).sort()).toEqual(["new", "old", "other"]);
  it.network.setFaults([]);
  expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
  expect(it.account()[at("new")]).toBe(it.id);
  expect(callsOf(it.network)).toMatchObject({ create: 0, update: 1, delete: 0 });
  consistent(it);
  await settled(it);
});

test("--target on the old name alone cannot know of the new one: the next refresh shows it, up puts it right", async () => {
  const it = await renamed(false);
  it.network.setFaults([{ method: "update", effect: "status", status: 403, times: "all" }]);
  refused(await it.stack.up(), "HTTP 403");
  it.network.setFaults([]);
  const cutOff = it.stack.exported();

  expect(succeeded(await it.stack.up({ target: ["old"] })).changes).toMatchObject({ delete: 1 });
  expect(Object.keys(it.account())).toEqual([at("other")]);
  expect(succeeded(await it.stack.refresh()).changes).toMatchObject({ delete: 1 });
  succeeded(await it.stack.up());
  expect(Object.keys(it.account()).sort()).toEqual([at("kept"), at("moved")]);
  consistent(it);

  // The documented way: first a deployment of everything.
  it.stack.restore(cutOff);
  for (const id of Object.values(it.account())) it.network.remove(id);
  it.network.put(at("kept"), { configId: it.id });
  const other = Object.values(it.state()).find(([, url]) => url === at("other"));
  it.network.put(at("other"), { configId: other?.[0] ?? "" });
  succeeded(await it.stack.up());
  expect(it.account()[at("kept")]).toBe(it.id);
  consistent(it);
});

test("--target on the new name alone hands over too, when everything is deployed", async () => {
  const it = await renamed(false);
  succeeded(await it.stack.up({ target: ["new"] }));
  expect(Object.keys(it.state()).sort()).toEqual(["new", "old", "other"]);
  expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
  expect(it.state()["new"]).toEqual([it.id, at("kept")]);
  consistent(it);
});

test("a replacement deletes its old configuration first, unless another resource adopts it, in any order", async () => {
  for (const order of ["adopter first", "replacement first", "at once"]) {
    const it = sceneOf({ moving: { url: at("kept"), accountId: HERE } }, { accountIds: [HERE, THERE] });
    succeeded(await it.stack.up());
    const id = it.account(HERE)[at("kept")];
    const moving = { url: at("kept"), accountId: THERE };
    const adopter = { url: at("kept"), accountId: HERE, adoptExisting: true };
    it.stack.program =
      order === "adopter first"
        ? { adopter, moving: { ...moving, dependsOn: ["adopter"] } }
        : { moving, adopter: { ...adopter, ...(order === "at once" ? {} : { dependsOn: ["moving"] }) } };
    succeeded(await it.stack.up());
    expect(Object.keys(it.account(HERE)), order).toEqual([at("kept")]);
    expect(Object.keys(it.account(THERE)), order).toEqual([at("kept")]);
    if (order === "adopter first") expect(it.account(HERE)[at("kept")]).toBe(id);
    expect(it.state()).toEqual({
      adopter: [it.account(HERE)[at("kept")], at("kept")],
      moving: [it.account(THERE)[at("kept")], at("kept")],
    });
    await settled(it);
  }
});
