import { describe, expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { at, consistent, refused, sceneOf, settled, succeeded } from "../support/modelScene.js";

describe("one configuration, two resources", () => {
  const owner = { url: at("owned") };

  test.each(["the owner comes first", "the importer comes first"])(
    "an import of what another one stands for is refused: %s",
    async (order) => {
      const it = sceneOf({ owner });
      succeeded(await it.stack.up());
      const id = it.account()[at("owned")] ?? "";
      const thief = { url: at("stolen"), import: id };
      it.stack.program =
        order === "the owner comes first"
          ? { owner, thief: { ...thief, dependsOn: ["owner"] } }
          : { thief, owner: { ...owner, dependsOn: ["thief"] } };
      it.network.clearRequests();
      refused(await it.stack.preview(), id, at(order === "the owner comes first" ? "owned" : "stolen"));
      refused(await it.stack.up(), id, "Remove one of the two");
      if (order === "the owner comes first") {
        expect(it.account()).toEqual({ [at("owned")]: id });
        expect(callsOf(it.network)).toMatchObject({ create: 0, update: 0, delete: 0 });
      }
      // Without a preview before, the importer may have been there first. Both then have it in state.
      const both = it.stack.exported();
      refused(await it.stack.preview(), id, "Remove one of the two");

      it.stack.program = { owner };
      succeeded(await it.stack.up());
      expect(it.account()).toEqual({ [at("owned")]: id });
      expect(it.state()).toEqual({ owner: [id, at("owned")] });
      await settled(it);

      if (order === "the owner comes first") return;
      it.stack.restore(both);
      it.network.change(id, at("stolen"));
      it.stack.program = { thief };
      succeeded(await it.stack.up());
      expect(it.account()).toEqual({ [at("stolen")]: id });
      expect(it.state()).toEqual({ thief: [id, at("stolen")] });
    },
  );

  test("the same id imported twice is refused", async () => {
    const it = sceneOf({});
    const id = it.network.put(at("a"));
    it.stack.program = { one: { url: at("one"), import: id }, two: { url: at("two"), import: id } };
    for (const run of [await it.stack.preview(), await it.stack.up()])
      refused(run, id, `"one" of this program with ${at("one")}`);
    expect(callsOf(it.network)).toMatchObject({ create: 0, delete: 0 });
    expect(Object.values(it.account())).toEqual([id]);
  });

  test("whoever adopts a URL is refused what another one stands for, though by its state it is elsewhere", async () => {
    for (const first of ["owner", "adopter"]) {
      const it = sceneOf({ owner });
      succeeded(await it.stack.up());
      const id = it.account()[at("owned")] ?? "";
      it.network.change(id, at("drifted"));
      const adopter = { url: at("drifted"), adoptExisting: true };
      it.stack.program =
        first === "owner"
          ? { owner, adopter: { ...adopter, dependsOn: ["owner"] } }
          : { adopter, owner: { ...owner, dependsOn: ["adopter"] } };
      it.network.clearRequests();
      refused(await it.stack.preview(), id, "Remove one of the two");
      expect(callsOf(it.network)).toMatchObject({ create: 0, update: 0, delete: 0 });
    }
  });
});

test("what a resource of another provider has taken over is not moved by the one that comes after it", async () => {
  const it = sceneOf({ a: { url: at("u") } });
  succeeded(await it.stack.up());
  const [id = ""] = it.state()["a"] ?? [];
  it.stack.program = {
    r: { url: at("u"), adoptExisting: true, provider: "eu" },
    a: { url: at("v"), dependsOn: ["r"] },
  };
  refused(await it.stack.up(), id, "Remove one of the two from the program");
  expect(it.account()).toEqual({ [at("u")]: id });
  it.stack.program = { r: { url: at("u"), adoptExisting: true, provider: "eu" } };
  succeeded(await it.stack.up());
  expect(it.account()).toEqual({ [at("u")]: id });
  consistent(it);
});

describe("of a URL whose holder tells only afterwards that it moves away", () => {
  test.each([
    ["since it depends on the one that takes over", "r", undefined],
    ["since one comes after the other", undefined, 1],
  ])("%s: who moves gets an endpoint of its own", async (_, after, parallel) => {
    const it = sceneOf({ a: { url: at("u") } });
    succeeded(await it.stack.up());
    const [id] = it.state()["a"] ?? [];
    it.stack.program = {
      r: { url: at("u"), adoptExisting: true },
      a: { url: at("v"), ...(after === undefined ? {} : { dependsOn: [after] }) },
    };
    it.network.clearRequests();
    const up = succeeded(await it.stack.up(parallel === undefined ? {} : { parallel }));
    expect(up.output).toContain("was handed over to another resource of this stack");
    expect(callsOf(it.network)).toMatchObject({ create: 1, update: 0, delete: 0 });
    expect(it.state()).toMatchObject({
      r: [id, at("u")],
      a: [expect.not.stringMatching(`${id}`), at("v")],
    });
    consistent(it);
    await settled(it);
  });

  test("by a set", async () => {
    const it = sceneOf({ a: { url: at("u") } });
    succeeded(await it.stack.up());
    const [id] = it.state()["a"] ?? [];
    it.stack.program = {
      set: { type: "WebhookConfigSet", urls: { one: at("u") } },
      a: { url: at("v"), dependsOn: ["set"] },
    };
    succeeded(await it.stack.up());
    expect(it.account()).toMatchObject({ [at("u")]: id });
    expect(Object.keys(it.account()).sort()).toEqual([at("u"), at("v")]);
    await settled(it);
  });
});
