import type { Runtime } from "../api/runtime.js";

/**
 * What happens in a run, as far as somebody waits for it. Who waits for another resource cannot know whether the engine
 * still comes to that one: it can only see that nothing happens any more.
 */
export interface Events {
  /** Something has happened: a call of the engine has come, or the answer to one of ours. */
  happened(): void;
  /** When something has last happened, by the runtime's `now`. */
  readonly last: number;
  /** Does what the engine asks for to change a resource. */
  operation<T>(work: Promise<T>): Promise<T>;
  /** As many operations are under way as the engine has ever been seen to work on: the next comes when one has ended. */
  readonly isFull: boolean;
  /** Counts as happening for as long as it lasts. */
  during<T>(work: Promise<T>): Promise<T>;
  /** When it will have been quiet for so long, by the runtime's `now`, if nothing happens; never while something is under way. */
  quietAt(ms: number): number;
  /** Waits until something happens, but no longer than until a time by the runtime's `now`. */
  next(until: number): Promise<void>;
}

export function createEvents(runtime: Runtime): Events {
  let last = runtime.now();
  let underWay = 0;
  let operations = 0;
  let most = 1;
  let ring = () => {};
  let event = new Promise<void>((resolve) => {
    ring = resolve;
  });
  const happened = () => {
    last = runtime.now();
    ring();
    event = new Promise<void>((resolve) => {
      ring = resolve;
    });
  };
  return {
    happened,
    get last() {
      return last;
    },
    operation: async (work) => {
      operations++;
      most = Math.max(most, operations);
      happened();
      try {
        return await work;
      } finally {
        operations--;
      }
    },
    get isFull() {
      return operations >= most;
    },
    during: async (work) => {
      underWay++;
      try {
        return await work;
      } finally {
        underWay--;
        happened();
      }
    },
    quietAt: (ms) => (underWay > 0 ? Number.POSITIVE_INFINITY : last + ms),
    next: async (until) => {
      let stop = () => {};
      const timeUp = new Promise<void>((resolve) => {
        stop = runtime.after(Math.max(1, until - runtime.now()), resolve);
      });
      await Promise.race([event, timeUp]);
      stop();
    },
  };
}
