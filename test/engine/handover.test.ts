import type { Fault } from "pulumi-kompliant/emulator";
import { describe, expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { killDuring, victims } from "../support/kill.js";
import { at, consistent, refused, type Scene, scene, settled, succeeded } from "../support/takeover.js";

const [HERE, THERE] = ["lv_here", "lv_there"] as const;
const HANDED_OVER = "was handed over to another resource of this stack: it is not deleted";

test("adoptExisting takes over whoever has the URL, creates where nobody has, and so by any provider", async () => {
  await using it = await scene({});
  const ids = Object.fromEntries(["a", "b", "c"].map((name) => [name, it.emulator.put(at(name))]));
  const adopt = (name: string) => ({ url: at(name), adoptExisting: true });
  it.declared = { a: adopt("a"), b: adopt("b"), c: { ...adopt("c"), explicit: true }, d: adopt("d") };
  succeeded(await it.stack.up());
  expect(callsOf(it.emulator)).toMatchObject({ create: 1, update: 0, delete: 0, get: 0 });
  for (const name of ["a", "b", "c"]) expect((await it.state())[name]).toEqual([ids[name], at(name)]);
  await consistent(it);
  await settled(it);
});

/** A stack with two endpoints, whose program now says that one of them has another name, by adoptExisting. */
async function renamed(explicit: boolean): Promise<Scene & { readonly id: string }> {
  const it = await scene({ old: { url: at("kept") }, other: { url: at("other") } });
  succeeded(await it.stack.up());
  const id = it.account()[at("kept")] ?? "";
  it.declared = {
    new: { url: at("kept"), adoptExisting: true, explicit },
    other: { url: at("moved"), after: "new" },
  };
  it.emulator.clearRequests();
  return Object.assign(it, { id });
}

describe.each([
  ["of the same provider", false],
  ["of another provider, so of another process", true],
])("a new name without aliases, %s", (_, explicit) => {
  test("takes the endpoint over; the old one's removal leaves it alone, and destroy deletes it once", async () => {
    await using it = await renamed(explicit);
    const up = succeeded(await it.stack.up());
    expect(up.changes).toMatchObject({ delete: 1, update: 1 });
    expect(up.output).toContain(`${it.id} (${at("kept")}) ${HANDED_OVER}`);
    expect(callsOf(it.emulator)).toMatchObject({ create: 0, update: 1, delete: 0 });
    expect((await it.state())["new"]).toEqual([it.id, at("kept")]);
    await consistent(it);
    await settled(it);
    succeeded(await it.stack.destroy());
    expect(callsOf(it.emulator)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 2 });
    expect(it.account()).toEqual({});
  });

  // The processes are found with `ps`.
  test.skipIf(process.platform === "win32")(
    "stays when the engine is killed between the two: the next up ends the handover",
    async () => {
      await using it = await renamed(explicit);
      const hang: Fault = { method: "update", effect: "never", commit: true };
      it.emulator.setFaults([hang]);
      const moment = expect.poll(() => callsOf(it.emulator).update, { timeout: 60_000 }).toBe(1);
      await killDuring(it.stack, Promise.resolve(moment), victims["the engine"]);
      it.emulator.setFaults([]);
      await it.stack.stack.cancel();
      expect(Object.keys(await it.state()).sort()).toEqual(["new", "old", "other"]);
      expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
      expect((await it.state())["new"]).toEqual([it.id, at("kept")]);
      expect(callsOf(it.emulator)).toMatchObject({ create: 0, delete: 0 });
      await consistent(it);
      await settled(it);
    },
  );

  test("stays when the deployment fails between the two, whatever is done next", async () => {
    await using it = await renamed(explicit);
    it.emulator.setFaults([{ method: "update", effect: "status", status: 403, times: "all" }]);
    refused(await it.stack.up(), "HTTP 403");
    it.emulator.setFaults([]);
    expect(Object.keys(await it.state()).sort()).toEqual(["new", "old", "other"]);
    const cutOff = await it.stack.stack.exportStack();
    const { declared } = it;
    const again = async () => {
      await it.stack.stack.importStack(cutOff);
      if (it.account()[at("kept")] === undefined) it.emulator.put(at("kept"), { configId: it.id });
      const moved = it.account()[at("moved")];
      if (moved !== undefined) it.emulator.change(moved, at("other"));
      it.declared = declared;
      it.emulator.clearRequests();
    };

    // The same again.
    expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
    expect((await it.state())["new"]).toEqual([it.id, at("kept")]);
    await consistent(it);

    // Back to the old name.
    await again();
    it.declared = { old: { url: at("kept") }, other: { url: at("other") } };
    expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
    expect((await it.state())["old"]).toEqual([it.id, at("kept")]);
    await consistent(it);

    // What follows asks one process, whichever it is.
    if (explicit) return;

    // A refresh before, within the same deployment too.
    await again();
    succeeded(await it.stack.refresh());
    expect(succeeded(await it.stack.up({ refresh: true })).output).toContain(HANDED_OVER);
    expect((await it.state())["new"]).toEqual([it.id, at("kept")]);
    await consistent(it);

    // Both names: two for one are refused.
    await again();
    it.declared = { ...declared, old: { url: at("elsewhere") } };
    refused(await it.stack.preview(), it.id, "Remove one of the two from the program");

    // The end of both.
    await again();
    const destroyed = succeeded(await it.stack.destroy());
    expect(destroyed.output).toContain(`${it.id} (${at("kept")}) was gone already`);
    expect(it.account()).toEqual({});
    expect(await it.state()).toEqual({});
  });
});

test("an endpoint whose takeover could not be read back stays too, and the next up completes it", async () => {
  await using it = await renamed(false);
  await it.stack.stack.setConfig("kompliant:operationTimeoutSeconds", { value: "3" });
  it.declared = { new: { url: at("new"), import: it.id }, other: { url: at("other") } };
  it.emulator.setFaults([{ method: "list", nth: 2, times: "all", effect: "status", status: 503 }]);
  refused(await it.stack.up(), `${it.id} has ${at("new")}, and is kept in state`);
  expect(Object.keys(await it.state()).sort()).toEqual(["new", "old", "other"]);
  it.emulator.setFaults([]);
  expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
  expect(it.account()[at("new")]).toBe(it.id);
  expect(callsOf(it.emulator)).toMatchObject({ create: 0, update: 1, delete: 0 });
  await consistent(it);
  await settled(it);
});

test("--target on the old name alone cannot know of the new one: the next refresh shows it, up puts it right", async () => {
  await using it = await renamed(false);
  it.emulator.setFaults([{ method: "update", effect: "status", status: 403, times: "all" }]);
  refused(await it.stack.up(), "HTTP 403");
  it.emulator.setFaults([]);
  const old = (await it.stack.resources()).find(({ urn }) => urn.endsWith("::old"));
  const cutOff = await it.stack.stack.exportStack();

  expect(succeeded(await it.stack.up({ target: [old?.urn ?? ""] })).changes).toMatchObject({ delete: 1 });
  expect(Object.keys(it.account())).toEqual([at("other")]);
  expect(succeeded(await it.stack.refresh()).changes).toMatchObject({ delete: 1 });
  succeeded(await it.stack.up());
  expect(Object.keys(it.account()).sort()).toEqual([at("kept"), at("moved")]);
  await consistent(it);

  // The documented way: first a deployment of everything.
  await it.stack.stack.importStack(cutOff);
  for (const id of Object.values(it.account())) it.emulator.remove(id);
  it.emulator.put(at("kept"), { configId: it.id });
  const other = Object.values(await it.state()).find(([, url]) => url === at("other"));
  it.emulator.put(at("other"), { configId: other?.[0] ?? "" });
  succeeded(await it.stack.up());
  expect(it.account()[at("kept")]).toBe(it.id);
  await consistent(it);
});

test("--target on the new name alone hands over too, when everything is deployed", async () => {
  await using it = await renamed(false);
  const [old] = await it.stack.resources();
  const urn = old?.urn.replace(/::[^:]+$/, "::new") ?? "";
  succeeded(await it.stack.up({ target: [urn] }));
  expect(Object.keys(await it.state()).sort()).toEqual(["new", "old", "other"]);
  expect(succeeded(await it.stack.up()).output).toContain(HANDED_OVER);
  expect((await it.state())["new"]).toEqual([it.id, at("kept")]);
  await consistent(it);
});

test("a replacement deletes its old configuration first, unless another resource adopts it, in any order", async () => {
  for (const order of ["adopter first", "replacement first", "at once"]) {
    await using it = await scene(
      { moving: { url: at("kept"), accountId: HERE } },
      { accountIds: [HERE, THERE] },
    );
    succeeded(await it.stack.up());
    const id = it.account(HERE)[at("kept")];
    const moving = { url: at("kept"), accountId: THERE };
    const adopter = { url: at("kept"), accountId: HERE, adoptExisting: true };
    it.declared =
      order === "adopter first"
        ? { adopter, moving: { ...moving, after: "adopter" } }
        : { moving, adopter: { ...adopter, ...(order === "at once" ? {} : { after: "moving" }) } };
    succeeded(await it.stack.up());
    expect(Object.keys(it.account(HERE)), order).toEqual([at("kept")]);
    expect(Object.keys(it.account(THERE)), order).toEqual([at("kept")]);
    if (order === "adopter first") expect(it.account(HERE)[at("kept")]).toBe(id);
    expect(await it.state()).toEqual({
      adopter: [it.account(HERE)[at("kept")], at("kept")],
      moving: [it.account(THERE)[at("kept")], at("kept")],
    });
    await settled(it);
  }
});
