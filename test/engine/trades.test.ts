import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { at, refused, scene, succeeded } from "../support/takeover.js";

const ENDPOINTS = 20;
const declaring = (urlOf: (i: number) => string) =>
  Object.fromEntries(Array.from({ length: ENDPOINTS }, (_, i) => [`hook-${i}`, { url: urlOf(i) }]));

test("20 endpoints rotate their URLs and keep their ids, and so with --refresh --run-program; a swap one at a time says what to do", async () => {
  await using it = await scene(declaring(at));
  succeeded(await it.stack.up());
  const before = await it.state();
  const arrived = async () => {
    const state = await it.state();
    for (const [name, [id]] of Object.entries(before)) expect(state[name]?.[0], name).toBe(id);
    for (const [name, { url }] of Object.entries(it.declared))
      expect(it.account()[url]).toBe(state[name]?.[0]);
  };

  it.declared = declaring((i) => at((i + 1) % ENDPOINTS));
  it.emulator.clearRequests();
  succeeded(await it.stack.up({ parallel: ENDPOINTS }));
  expect(callsOf(it.emulator)).toMatchObject({ create: 0, get: 0, update: ENDPOINTS + 1, delete: 0 });
  await arrived();

  // Some are looked at while others trade already.
  it.declared = declaring((i) => at((i + 2) % ENDPOINTS));
  succeeded(await it.stack.up({ refresh: true, runProgram: true, parallel: ENDPOINTS }));
  await arrived();

  const [first, second] = [it.declared["hook-0"], it.declared["hook-1"]];
  if (first === undefined || second === undefined) throw new Error("there are not two");
  it.declared = { ...it.declared, "hook-0": second, "hook-1": first };
  refused(await it.stack.up({ parallel: 1 }), "URL_ALREADY_EXISTS", "pulumi up --parallel 2");
  succeeded(await it.stack.up());
  await arrived();
});
