import { fileURLToPath } from "node:url";
import { type Output, output, type Resource } from "@pulumi/pulumi";
import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import { type Emulator, type FaultPlan, startEmulator } from "pulumi-kompliant/emulator";
import { type EngineStack, engineStack } from "../support/engine.js";
import { shellUnderTest } from "../support/shellUnderTest.js";
import { type HeardCall, listenToProviders, nameOf, OPERATIONS } from "./listener.js";
import { type Live, type RecordedRun, type Recording, recorded, TIME } from "./recording.js";

/** A plugin that the engine starts with the tap. */
const PLUGIN = fileURLToPath(new URL("plugin", import.meta.url));

export const ACCOUNT = "lv_first";
export const SECOND = "lv_second";

/**
 * Declares a resource of this name. `when` gives it an input that is known when the engine has been asked for the
 * operation of the one before, or has done without: the order of those that are known at once is that of the engine's
 * threads.
 */
export type InTurn = (name: string, make: (when: (value: string) => Output<string>) => Resource) => void;

export interface Recorder {
  readonly emulator: Emulator;
  readonly stack: EngineStack;
  /** Waits for a fault at the API. */
  reaches(fault: string): Promise<void>;
  setProgram(program: (inTurn: InTurn) => void): void;
  /** Records what is asked during a run. `name` is what the user types. */
  record<T extends { readonly ok: boolean }>(
    name: string,
    run: () => Promise<T>,
    faults?: FaultPlan,
  ): Promise<T>;
}

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
  let program: (inTurn: InTurn) => void = () => {};
  const inTurnOf = (): InTurn => {
    let turn = Promise.resolve();
    return (name, make) => {
      const mine = turn;
      const resource = make((value) => output(mine.then(() => value)));
      const isOperation = (call: HeardCall) => nameOf(call) === name && OPERATIONS.has(call.method);
      const registered = new Promise<void>((resolve) => {
        resource.urn.apply(() => resolve());
      });
      turn = mine.then(() => Promise.race([listener.next(isOperation), registered]));
    };
  };
  await using stack = await engineStack({
    env: { ...emulator.env, ...listener.env },
    program: async () => program(inTurnOf()),
    ...(config === undefined ? {} : { config }),
    ...(shellUnderTest === "plugin"
      ? { settings: { plugins: { providers: [{ name: "kompliant", path: PLUGIN }] } } }
      : {}),
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
      const before = liveIn(emulator);
      emulator.setFaults(faults ?? []);
      listener.clear();
      const done = await run();
      emulator.setFaults([]);
      const calls = recorded(listener.calls, emulator.url);
      const faulty = faults === undefined ? {} : { faults };
      runs.push({ run: name, ok: done.ok, before, ...faulty, calls, after: liveIn(emulator) });
      return done;
    },
  });
  return { scenario, runs };
}

/** Sorted, since a list has no order. */
export function liveIn(emulator: Emulator): Live {
  return Object.fromEntries(
    emulator.accountIds.flatMap((account) => {
      const byUrl = emulator.configs(account).map(({ config_id, url }) => [config_id, url] as const);
      byUrl.sort(([, a], [, b]) => (a < b ? -1 : 1));
      return byUrl.length === 0 ? [] : [[account, Object.fromEntries(byUrl)]];
    }),
  );
}
