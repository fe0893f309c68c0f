import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import type { Program } from "../support/engineModel.js";
import { at, consistent, type ModelScene, sceneOf, settled, succeeded } from "../support/modelScene.js";

const HANDED_OVER = "was handed over to another resource of this stack: it is not deleted";

/** A stack with one endpoint, `old`. */
async function deployed(): Promise<ModelScene & { readonly id: string }> {
  const it = sceneOf({ old: { url: at("kept") } });
  succeeded(await it.stack.up());
  const id = it.account()[at("kept")] ?? "";
  it.network.clearRequests();
  return { ...it, id };
}

test("aliases make no call at all", async () => {
  const it = await deployed();
  it.stack.program = { new: { url: at("kept"), aliases: ["old"] } };
  expect(succeeded(await it.stack.up()).changes).toEqual({ same: 1 });
  expect(it.network.requests).toEqual([]);
  expect(it.state()).toEqual({ new: [it.id, at("kept")] });
});

test("what the preview of a `pulumi up` has seen does not stand in the way of the update after it", async () => {
  const it = await deployed();
  it.stack.program = { new: { url: at("kept"), adoptExisting: true } };
  succeeded(await it.stack.preview());
  expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
  it.stack.program = { new: { url: at("moved"), adoptExisting: true } };
  succeeded(await it.stack.preview());
  succeeded(await it.stack.up());
  expect(it.account()).toEqual({ [at("moved")]: it.id });
  consistent(it);
});

test("an endpoint that was moved away by hand is removed with the old name, and the new one gets its own", async () => {
  const it = await deployed();
  it.network.change(it.id, at("moved-by-hand"));
  it.stack.program = { new: { url: at("kept"), adoptExisting: true } };
  succeeded(await it.stack.up());
  expect(Object.keys(it.account())).toEqual([at("kept")]);
  expect(it.account()[at("kept")]).not.toBe(it.id);
  consistent(it);
  await settled(it);
});

test("a new name and a new URL at once, by import", async () => {
  const it = await deployed();
  it.stack.program = { new: { url: at("new"), import: it.id } };
  expect(succeeded(await it.stack.up()).output).toContain(`${it.id} (${at("kept")}) ${HANDED_OVER}`);
  expect(callsOf(it.network)).toMatchObject({ create: 0, update: 1, delete: 0 });
  expect(it.account()).toEqual({ [at("new")]: it.id });
  consistent(it);
  await settled(it);
});

test.each([false, true])(
  "another provider under the same name changes nothing, unless a replacement is forced: %s",
  async (forced) => {
    const it = await deployed();
    // What comes first makes the new provider's process list the account while the endpoint is still there.
    it.stack.program = {
      first: { url: at("first"), provider: "eu" },
      old: {
        url: at("kept"),
        provider: "eu",
        adoptExisting: true,
        deleteBeforeReplace: true,
        dependsOn: ["first"],
      },
    };
    const up = succeeded(await it.stack.up(forced ? { targetReplace: ["old"] } : {}));
    expect(up.changes).toEqual(forced ? { replace: 1, create: 1 } : { same: 1, create: 1 });
    expect(Object.keys(it.account()).sort()).toEqual([at("first"), at("kept")]);
    // A replacement keeps nothing that it deletes.
    expect(it.account()[at("kept")] === it.id).toBe(!forced);
    consistent(it);
    await settled(it);
  },
);

test.each(["retainOnDelete", "pulumi state delete"])(
  "what goes to another stack is first let go, with %s",
  async (way) => {
    const it = await deployed();
    if (way === "retainOnDelete") {
      it.stack.program = { old: { url: at("kept"), retainOnDelete: true } };
      succeeded(await it.stack.up());
    } else it.stack.forget("old");
    it.stack.program = {};
    succeeded(await it.stack.up());
    expect(it.network.requests).toEqual([]);
    const other = it.another({ theirs: { url: at("kept"), adoptExisting: true } });
    succeeded(await other.up());
    succeeded(await it.stack.up());
    expect(it.account()).toEqual({ [at("kept")]: it.id });
    expect(other.resource("theirs")?.id).toBe(it.id);
    expect(callsOf(it.network)).toMatchObject({ create: 0, update: 0, delete: 0 });
  },
);

test.each([
  ["the set first", 16],
  ["the single one first", 16],
  ["at once", 16],
  ["at once, single first", 16],
  ["at once", 1],
])(
  "in one up, a set hands over to a single resource what it drops, and takes over what a single one gives up: %s, --parallel %i",
  async (order, parallel) => {
    const set = (urls: Record<string, string>, dependsOn: readonly string[] = []) =>
      ({ type: "WebhookConfigSet", urls, dependsOn }) as const;
    const given = { url: at("given"), adoptExisting: true };
    const after = { stays: at("stays"), taken: at("taken") };
    const it = sceneOf({
      set: set({ given: at("given"), stays: at("stays") }),
      taken: { url: at("taken") },
    });
    succeeded(await it.stack.up());
    const before = it.account();
    it.network.clearRequests();
    const programs: Record<string, Program> = {
      "the set first": { set: set(after), given: { ...given, dependsOn: ["set"] } },
      "the single one first": { given, set: set(after, ["given"]) },
      "at once": { set: set(after), given },
      "at once, single first": { given, set: set(after) },
    };
    it.stack.program = programs[order] ?? {};
    const up = succeeded(await it.stack.up({ parallel }));
    expect(up.output).toContain(`${before[at("taken")]} (${at("taken")}) ${HANDED_OVER}`);
    const live = it.account();
    expect(Object.keys(live).sort(), order).toEqual([at("given"), at("stays"), at("taken")]);
    for (const kept of ["stays", "taken"]) expect(live[at(kept)]).toBe(before[at(kept)]);
    expect(it.stack.resource("set")?.outputs["ids"]).toEqual({
      stays: live[at("stays")],
      taken: live[at("taken")],
    });
    expect(it.stack.resource("given")?.id).toBe(live[at("given")]);
    if (order === "the single one first") expect(live).toEqual(before);
    await settled(it);
    succeeded(await it.stack.destroy());
    expect(it.account()).toEqual({});
  },
);
