import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { at, consistent, scene, succeeded } from "../support/takeover.js";

test("a new name by another provider, so in another process, takes over what the old one's removal leaves alone", async () => {
  await using it = await scene({ old: { url: at("kept") }, other: { url: at("other") } });
  succeeded(await it.stack.up());
  const id = it.account()[at("kept")] ?? "";
  it.declared = {
    new: { url: at("kept"), adoptExisting: true, explicit: true },
    other: { url: at("moved"), after: "new" },
  };
  it.emulator.clearRequests();
  const up = succeeded(await it.stack.up());
  expect(up.changes).toMatchObject({ delete: 1, update: 1 });
  expect(up.output).toContain(
    `${id} (${at("kept")}) was handed over to another resource of this stack: it is not deleted`,
  );
  expect(callsOf(it.emulator)).toMatchObject({ create: 0, update: 1, delete: 0 });
  expect((await it.state())["new"]).toEqual([id, at("kept")]);
  await consistent(it);
  it.emulator.clearRequests();
  succeeded(await it.stack.destroy());
  expect(callsOf(it.emulator)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 2 });
  expect(it.account()).toEqual({});
});
