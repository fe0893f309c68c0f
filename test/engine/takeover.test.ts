import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { at, consistent, refused, scene, succeeded } from "../support/takeover.js";

test("the option import takes over an endpoint with another URL by one update, which the engine calls a create", async () => {
  await using it = await scene({});
  const id = it.emulator.put(at("old"));
  it.declared = { orders: { url: at("new"), import: id } };
  const up = succeeded(await it.stack.up());
  expect(up.changes).toEqual({ create: 2 });
  expect(up.output).toContain(`took over ${id} with ${at("new")}`);
  expect(callsOf(it.emulator)).toMatchObject({ create: 0, update: 1, delete: 0, get: 0 });
  await consistent(it);
});

test("an import of what a resource of another process stands for is refused", async () => {
  const owner = { url: at("owned") };
  await using it = await scene({ owner });
  succeeded(await it.stack.up());
  const id = it.account()[at("owned")] ?? "";
  it.declared = { owner, thief: { url: at("stolen"), import: id, explicit: true, after: "owner" } };
  const refusal = `cannot take over ${id}: another resource of this program stands for it`;
  refused(await it.stack.up(), refusal);
  expect(it.account()).toEqual({ [at("owned")]: id });
});
