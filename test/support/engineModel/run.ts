import type { Runtime } from "../../../provider/src/core/api/runtime.js";
import type { Ask } from "./processes.js";
import type { State, Stated } from "./state.js";

export type Change = "same" | "create" | "update" | "replace" | "delete" | "import";

export interface RunOptions {
  /** Default: 16, the engine's on a machine with 4 cores. */
  readonly parallel?: number;
  /** Names of the only resources that are looked at. */
  readonly target?: readonly string[];
  /** Names of resources that are replaced whatever differs. */
  readonly targetReplace?: readonly string[];
  readonly refresh?: boolean;
  /** The refresh goes by the program, and in the midst of it. */
  readonly runProgram?: boolean;
  /** Resources that need nothing of each other come in any order, as the engine's threads have it; default: as declared. */
  readonly shuffled?: boolean;
}

/** One run of the engine, from its first call to its last. */
export interface Run {
  readonly ask: Ask;
  readonly runtime: Runtime;
  readonly options: RunOptions;
  readonly isPreview: boolean;
  /** What is known of the stack; a preview has a copy of its own. */
  readonly state: State;
  readonly slots: Slots;
  /** How many resources were created, updated, … */
  readonly changes: Partial<Record<Change, number>>;
  readonly failed: boolean;
  fail(name: string, reason: string): void;
  count(change: Change): void;
}

/** What the engine works on at the same time. */
export interface Slots {
  /** Waits for a free slot, and begins then, unless the run has failed. @returns once it has begun or will not */
  start(work: () => Promise<void>): Promise<void>;
  /** Waits until one that is under way has ended. */
  next(): Promise<void>;
  /** Waits until all have ended. */
  all(): Promise<void>;
  readonly isIdle: boolean;
}

export function createSlots(count: number, hasFailed: () => boolean): Slots {
  const underWay = new Set<Promise<void>>();
  return {
    start: async (work) => {
      while (underWay.size >= count) await Promise.race(underWay);
      if (hasFailed()) return;
      const task: Promise<void> = work().finally(() => underWay.delete(task));
      underWay.add(task);
      task.catch(() => {});
    },
    next: () => Promise.race(underWay),
    all: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    get isIdle() {
      return underWay.size === 0;
    },
  };
}

/** Does one call, and notes why it has failed. @returns nothing then */
export async function attempt<T>(run: Run, name: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    run.fail(name, (error as Error).message);
    return undefined;
  }
}

/** What an error says of a resource that exists all the same. */
export function partialOf(
  error: unknown,
): { readonly id: string; readonly properties: Stated["outputs"] } | undefined {
  const { id, properties = {} } = error as { id?: string; properties?: Stated["outputs"] };
  return id === undefined ? undefined : { id, properties };
}

export function isTarget({ options: { target } }: Run, name: string): boolean {
  return target === undefined || target.includes(name);
}
