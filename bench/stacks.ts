import { type EngineStack, engineStack } from "../test/support/engine.js";
import { accountsOf, endpointsOf, expectDone, type Operation, perform } from "./deployment.js";
import { startEmulatorProcess } from "./emulatorProcess.js";
import { programOf, type Variant } from "./variants.js";

/** The two that a fleet's owner waits for. */
const IN_STACKS: readonly Operation[] = ["up", "refresh"];

/** All the stacks of one fleet, from the first one's start of an operation to the last one's end. */
export interface FleetSample {
  readonly variant: Variant;
  readonly stacks: number;
  readonly size: number;
  /** How many stacks were under way at a time. */
  readonly sideBySide: number;
  readonly operation: Operation;
  readonly ms: number;
}

/** Deploys endpoints as stacks of equal size in one backend, several at a time. */
export async function liveInStacks(
  { variant, stacks, size, sideBySide }: Omit<FleetSample, "operation" | "ms">,
  backend: string,
): Promise<FleetSample[]> {
  const endpoints = endpointsOf(size);
  const each = size / stacks;
  await using emulator = await startEmulatorProcess(accountsOf(endpoints), 0);
  const fleet: EngineStack[] = [];
  const samples: FleetSample[] = [];
  try {
    const parts = Array.from({ length: stacks }, (_, i) => endpoints.slice(i * each, (i + 1) * each));
    await sharedOut(sideBySide, parts, async (part, i) => {
      const env = emulator.env;
      const stackName = `${variant}-${stacks}-${i}`;
      fleet.push(await engineStack({ env, program: programOf(variant, part), stackName, backend }));
    });
    for (const operation of IN_STACKS) {
      const started = performance.now();
      await sharedOut(sideBySide, fleet, async (stack) => {
        expectDone(await perform(stack, operation), { variant, size: each }, operation);
      });
      samples.push({ variant, stacks, size, sideBySide, operation, ms: performance.now() - started });
    }
  } finally {
    for (const stack of fleet) await stack.dispose();
  }
  return samples;
}

/** Works on at most so many items at a time. */
async function sharedOut<T>(
  workers: number,
  items: readonly T[],
  work: (item: T, i: number) => Promise<void>,
): Promise<void> {
  const rest = items.entries();
  const worker = async () => {
    for (const [i, item] of rest) await work(item, i);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}
