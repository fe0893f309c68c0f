import { expect } from "vitest";
import type { EmulatorOptions } from "../../provider/src/emulator/index.js";
import { type ModelStack, modelWorld, type Played, type Program, type StackOptions } from "./engineModel.js";
import type { Network } from "./network.js";
import { seed } from "./seed.js";
import type { VirtualTime } from "./virtualTime.js";

/** A stack that the model of the engine deploys, and the account that it is held against. */
export interface ModelScene {
  readonly network: Network;
  readonly time: VirtualTime;
  readonly stack: ModelStack;
  /** Another stack of the same API. */
  another(program: Program, options?: StackOptions): ModelStack;
  /** The account as it is: URL to id. */
  account(accountId?: string): Record<string, string>;
  /** The stack's state: name to id and URL. */
  state(): Record<string, readonly [id: string, url: string]>;
}

export const at = (path: number | string) => `https://example.com/${path}`;

/** An explicit provider of another process, for the same account. */
const providers = { eu: {} };

export function sceneOf(
  program: Program,
  options: Omit<EmulatorOptions, "port" | "file"> = {},
  its: StackOptions = {},
): ModelScene {
  const { network, time, stack } = modelWorld(seed, options);
  const made = stack(program, { providers, ...its });
  return {
    network,
    time,
    stack: made,
    another: stack,
    account: (accountId) =>
      Object.fromEntries(network.configs(accountId).map(({ config_id, url }) => [url, config_id])),
    state: () =>
      Object.fromEntries(
        made.resources().map(({ name, id, outputs }) => [name, [id, String(outputs["url"])] as const]),
      ),
  };
}

/** A run that has done what it was to do. */
export function succeeded(run: Played): Played {
  expect(run.ok, run.output).toBe(true);
  return run;
}

/** A run that has said why it could not, in words for its user. */
export function refused(run: Played, ...said: readonly string[]): Played {
  expect(run.ok, run.output).toBe(false);
  for (const part of said) expect(run.output).toContain(part);
  expect(run.output).not.toMatch(/^\s+at .*:\d+:\d+/m);
  return run;
}

/** Nothing is left to do: neither a preview nor a deployment asks the account for anything, or changes anything. */
export async function settled({ stack, network }: ModelScene): Promise<void> {
  network.clearRequests();
  for (const run of [await stack.preview(), await stack.up()]) {
    succeeded(run);
    expect(Object.keys(run.changes).filter((change) => change !== "same")).toEqual([]);
  }
  expect(network.requests).toEqual([]);
}

/** State and account say the same of every endpoint, and there are no others. */
export function consistent(it: ModelScene): void {
  const stated = Object.values(it.state()).map(([id, url]) => [url, id] as const);
  expect(Object.fromEntries(stated)).toEqual(it.account());
  expect(stated).toHaveLength(Object.keys(it.account()).length);
}
