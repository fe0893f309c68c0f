import type { Counts } from "../test/support/calls.js";
import type { EngineStack, Run } from "../test/support/engine.js";
import { startEmulatorProcess } from "./emulatorProcess.js";
import { type Taken, watching } from "./processes.js";
import { checkoutOf, type Endpoint, programOf, settingsOf, type Variant } from "./variants.js";

/** Kompliant's limit, and so what a full account has. */
const PER_ACCOUNT = 20;

export const OPERATIONS = ["up", "no-op up", "update", "refresh", "destroy"] as const;
export type Operation = (typeof OPERATIONS)[number];
/** Refresh and destroy work from state alone. */
const RUNS_PROGRAM: ReadonlySet<Operation> = new Set(["up", "no-op up", "update"]);

/** What is deployed, and how far away the API is. */
export interface Case {
  readonly variant: Variant;
  /** Endpoints, 20 an account. */
  readonly size: number;
  readonly latencyMs: number;
  /** What `up` works on at a time. Default: the engine's, 4 for each core. */
  readonly parallel?: number;
  /** Where the earlier build is, if one is compared. */
  readonly before?: string;
}

/** One operation of one deployment. */
export interface Sample extends Case {
  readonly operation: Operation;
  readonly ms: number;
  readonly calls: Counts;
  /** Absent where the system does not tell. */
  readonly taken: Taken | undefined;
}

/** One deployment from its first `up` to its end. */
export interface Life {
  readonly samples: readonly Sample[];
  /** What one resource takes in state, on average, as JSON without blanks. */
  readonly stateBytes: number;
}

/** @param size endpoints, 20 an account */
export function endpointsOf(size: number): Endpoint[] {
  return Array.from({ length: size }, (_, i) => ({
    name: `hook-${String(i).padStart(4, "0")}`,
    accountId: `lv_bench${String(Math.floor(i / PER_ACCOUNT)).padStart(17, "0")}`,
    url: `https://example.com/kompliant/${String(i).padStart(4, "0")}`,
  }));
}

export function accountsOf(endpoints: readonly Endpoint[]): string[] {
  return [...new Set(endpoints.map(({ accountId }) => accountId))];
}

/** The same endpoints, each with another URL. */
export function movedOf(endpoints: readonly Endpoint[]): Endpoint[] {
  return endpoints.map((endpoint) => ({ ...endpoint, url: `${endpoint.url}/moved` }));
}

/** Deploys, leaves alone, changes every URL, refreshes and destroys. */
export async function live(what: Case, operations: readonly Operation[] = OPERATIONS): Promise<Life> {
  const endpoints = endpointsOf(what.size);
  await using emulator = await startEmulatorProcess(accountsOf(endpoints), what.latencyMs);
  const checkout = await checkoutOf(what.variant, what.before);
  const programFor = (declared: readonly Endpoint[]) => programOf(what.variant, declared, checkout);
  await using stack = await checkout.engineStack({
    env: emulator.env,
    program: programFor(endpoints),
    ...settingsOf(what.variant),
  });
  const samples: Sample[] = [];
  let stateBytes = 0;
  for (const operation of operations) {
    if (operation === "update") stack.setProgram(programFor(movedOf(endpoints)));
    const { result, taken } = await watching(RUNS_PROGRAM.has(operation), () =>
      perform(stack, operation, what.parallel),
    );
    expectDone(result, what, operation);
    samples.push({ ...what, operation, ms: result.ms, calls: await emulator.takeCalls(), taken });
    if (operation === "up") stateBytes = await bytesEach(stack);
  }
  return { samples, stateBytes };
}

export function perform(stack: EngineStack, operation: Operation, parallel?: number): Promise<Run> {
  switch (operation) {
    case "up":
    case "no-op up":
    case "update":
      return stack.up(parallel === undefined ? {} : { parallel });
    case "refresh":
      return stack.refresh();
    case "destroy":
      return stack.destroy();
  }
}

/** A time means nothing if the engine has not done what was asked. */
export function expectDone(
  { ok, changes, output }: Run,
  { variant, size }: Pick<Case, "variant" | "size">,
  operation: Operation,
): void {
  const did = { up: "create", "no-op up": "same", update: "update", refresh: "same", destroy: "delete" }[
    operation
  ];
  // The stack is a resource too, which nothing updates.
  if (ok && changes[did] === (operation === "update" ? size : size + 1)) return;
  throw new Error(`${operation} of ${size} (${variant}) did ${JSON.stringify(changes)}:\n${output}`);
}

async function bytesEach(stack: EngineStack): Promise<number> {
  const resources = await stack.resources();
  const sizes = resources.map((resource) => {
    // Where the program declares it is the SDK's own record; it depends on the program's path.
    const { stackTrace: _, ...stored } = resource as typeof resource & { stackTrace?: unknown };
    return JSON.stringify(stored).length;
  });
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}
