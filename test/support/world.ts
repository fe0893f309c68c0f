import { type Network, networkIn } from "./network.js";
import { seed } from "./seed.js";
import { type ShellCalls, shellCalls } from "./shellCalls.js";
import { virtualTime } from "./virtualTime.js";

/** An emulated API and the provider processes that use it, all in this process and in a virtual time of their own. */
export interface World {
  readonly emulator: Network;
  /**
   * A provider process, with this stack config, and this in its environment besides what the emulator asks for.
   *
   * @param dispatcher what stands between it and the emulator. Default: nothing
   */
  process(
    config?: Readonly<Record<string, string>>,
    env?: Readonly<Record<string, string>>,
    dispatcher?: Network["dispatcher"],
  ): Promise<ShellCalls>;
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Lets time pass until the promise is settled. */
  until<T>(promise: Promise<T>): Promise<T>;
}

/** @param number two worlds with one number are alike, but for the seed of the run */
export function worldOf(number: number, options?: Parameters<typeof networkIn>[2]): World {
  const { runtime, until } = virtualTime(seed + number);
  const emulator = networkIn(runtime, seed + number, options);
  return {
    emulator,
    process: (config = {}, env = {}, dispatcher = emulator.dispatcher) =>
      shellCalls({ ...runtime, dispatcher }, config, { ...emulator.env, ...env }),
    now: runtime.date,
    sleep: runtime.sleep,
    until,
  };
}

/** The body of a test that has a world of its own. */
export function inWorld<T extends readonly unknown[]>(
  work: (world: World, ...each: T) => Promise<void>,
  options?: Parameters<typeof networkIn>[2],
): (...each: T) => Promise<void> {
  return (...each) => {
    const world = worldOf(0, options);
    return world.until(work(world, ...each));
  };
}
