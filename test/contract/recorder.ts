import type { Resource } from "@pulumi/pulumi";
import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import { type Emulator, type FaultPlan, startEmulator } from "pulumi-kompliant/emulator";
import { type EngineStack, engineStack } from "../support/engine.js";
import { listenToProviders, nameOf } from "./listener.js";
import { type RecordedRun, type Recording, recorded, TIME } from "./recording.js";

export const ACCOUNT = "lv_first";
export const SECOND = "lv_second";

/** Declares one resource, and waits until the engine has seen what it is to do for it. */
export type Declare = (resource: Resource, name: string) => Promise<void>;

export interface Recorder {
  readonly emulator: Emulator;
  readonly stack: EngineStack;
  /** Waits for a fault at the API. */
  reaches(fault: string): Promise<void>;
  setProgram(program: (declare: Declare) => Promise<void>): void;
  /** Records what is asked during a run. `name` is what the user types. */
  record<T extends { readonly ok: boolean }>(
    name: string,
    run: () => Promise<T>,
    faults?: FaultPlan,
  ): Promise<T>;
}

const OPERATIONS = ["create", "read", "update", "delete"];

/** Records the runs of a new stack with an emulated API of its own. */
export async function recordScenario(
  scenario: string,
  work: (recorder: Recorder) => Promise<void>,
  config?: ConfigMap,
): Promise<Recording> {
  using listener = await listenToProviders();
  const reached = new Map<string, () => void>();
  await using emulator = await startEmulator({
    accountIds: [ACCOUNT, SECOND],
    clock: () => TIME,
    onRequest: ({ fault }) => reached.get(fault ?? "")?.(),
  });
  let program: (declare: Declare) => Promise<void> = async () => {};
  // The order of resources that are declared at once is that of the engine's threads: so one is declared when the
  // engine has asked for the operation of the one before, or has done without.
  const declare: Declare = (resource, name) =>
    Promise.race([
      listener.next((call) => nameOf(call) === name && OPERATIONS.includes(call.method)),
      new Promise<void>((resolve) => {
        resource.urn.apply(() => resolve());
      }),
    ]);
  await using stack = await engineStack({
    env: { ...emulator.env, ...listener.env },
    program: () => program(declare),
    ...(config === undefined ? {} : { config }),
  });
  const runs: RecordedRun[] = [];
  await work({
    emulator,
    stack,
    reaches: (fault) =>
      new Promise((resolve) => {
        reached.set(fault, resolve);
      }),
    setProgram: (next) => {
      program = next;
    },
    record: async (name, run, faults) => {
      const accounts = liveIn(emulator);
      emulator.setFaults(faults ?? []);
      listener.clear();
      const done = await run();
      emulator.setFaults([]);
      const calls = recorded(listener.calls);
      runs.push({ run: name, ok: done.ok, accounts, ...(faults === undefined ? {} : { faults }), calls });
      return done;
    },
  });
  return { scenario, runs };
}

function liveIn(emulator: Emulator): RecordedRun["accounts"] {
  return Object.fromEntries(
    emulator.accountIds.flatMap((account) => {
      const byUrl = emulator.configs(account).map(({ config_id, url }) => [config_id, url] as const);
      byUrl.sort(([, a], [, b]) => (a < b ? -1 : 1));
      return byUrl.length === 0 ? [] : [[account, Object.fromEntries(byUrl)]];
    }),
  );
}
