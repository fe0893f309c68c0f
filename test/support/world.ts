import { type Network, networkIn } from "./network.js";
import { seed } from "./seed.js";
import { type ShellCalls, shellCalls } from "./shellCalls.js";
import { virtualTime } from "./virtualTime.js";

/** An emulated API and the provider processes that use it, all in this process and in a virtual time of their own. */
export interface World {
  readonly emulator: Network;
  /** A provider process, with this stack config besides what the emulator asks for. */
  process(config?: Readonly<Record<string, string>>): Promise<ShellCalls>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Lets time pass until the promise is settled. */
  until<T>(promise: Promise<T>): Promise<T>;
}

/** @param number two worlds with one number are alike, but for the seed of the run */
export function worldOf(number: number, accountIds?: readonly string[]): World {
  const { runtime, until } = virtualTime(seed + number);
  const emulator = networkIn(runtime, seed + number, accountIds === undefined ? {} : { accountIds });
  const { dispatcher } = emulator;
  return {
    emulator,
    process: (config = {}) => shellCalls({ ...runtime, dispatcher }, config, emulator.env),
    now: runtime.date,
    until,
  };
}
