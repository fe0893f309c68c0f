import { expect } from "vitest";
import type { FaultPlan } from "../../provider/src/emulator/index.js";
import { type Counts, callsOf } from "./calls.js";
import type { Declared, Played } from "./engineModel.js";
import { type ModelScene, sceneOf, succeeded } from "./modelScene.js";

export const at = (place: number | string) => `https://host-${place}.example.com/hook`;

/** A deployed stack of one account, for faults at the API. */
export interface Deployed extends ModelScene {
  /** What the program declares. Change it, then `up`. */
  readonly declared: Map<string, Declared>;
  /** Sets faults and does something. */
  under(faults: FaultPlan, work: (stack: ModelScene["stack"]) => Promise<Played>): Promise<Played>;
  /** The account: URL to id. */
  live(): Map<string, string>;
  /** State: URL to id. */
  known(): Map<string, string>;
}

/** A stack with `n` endpoints, `hook-0` at `at(0)` and so on, and one in the account that is not its own. */
export async function deployed(n: number): Promise<Deployed> {
  const declared = new Map(Array.from({ length: n }, (_, i) => [`hook-${i}`, { url: at(i) } as Declared]));
  const it = sceneOf(Object.fromEntries(declared));
  const { stack, network } = it;
  succeeded(await stack.up());
  network.put(at("foreign"));
  return {
    ...it,
    declared,
    under: async (faults, work) => {
      stack.program = Object.fromEntries(declared);
      network.setFaults(faults);
      network.clearRequests();
      const run = await work(stack);
      network.setFaults([]);
      expect(run.output).not.toMatch(/^\s+at .*:\d+:\d+/m);
      return run;
    },
    live: () => new Map(network.configs().map(({ config_id, url }) => [url, config_id])),
    known: () => new Map(stack.resources().map(({ id, outputs }) => [String(outputs["url"]), id])),
  };
}

/** Deploys once more, without faults: the account and state are what is declared, and the calls are these. */
export async function expectPutRight(on: Deployed, calls: Partial<Counts> = {}): Promise<Played> {
  const { network, stack, declared } = on;
  const run = succeeded(await on.under([], (it) => it.up()));
  expect(callsOf(network)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 0, ...calls });
  expectAsDeclared(on);
  expect(stack.resources().length).toBe(declared.size);
  return run;
}

export function expectAsDeclared({ declared, live, known }: Deployed): void {
  const account = live();
  expect(account.delete(at("foreign"))).toBe(true);
  expect([...account.keys()].sort()).toEqual([...declared.values()].map(({ url }) => url).sort());
  expect(known()).toEqual(account);
}

/** State as the engine keeps it: ids, inputs and outputs. */
export const stored = ({ stack }: Deployed) =>
  stack.resources().map(({ id, inputs, outputs }) => ({ id, inputs, outputs }));
