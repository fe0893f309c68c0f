import type { Runtime } from "../api/runtime.js";

/**
 * Tells waiting operations when something happens in the run. The engine does not say whether it will still show the
 * resource that an operation waits for: the operation can only see that nothing happens any more.
 */
export interface Events {
  /** Something has happened: a call of the engine has come, or the answer to one of ours. */
  happened(): void;
  /** When something has last happened, by the runtime's `now`. */
  readonly last: number;
  /** Does what the engine asks for to change a resource. */
  operation<T>(work: Promise<T>): Promise<T>;
  /**
   * Whether the engine begins another operation before one of those under way has ended: not if it works on as many as
   * ever, and one has ended then. Unknown while it works on as many as ever for the first time.
   */
  readonly willBegin: "no" | "maybe" | "yes";
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
  /** The engine works on no more than `most`: so it has waited until one ended. */
  let isMost = false;
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
      if (operations > most) {
        most = operations;
        isMost = false;
      }
      happened();
      try {
        return await work;
      } finally {
        if (operations === most) isMost = true;
        operations--;
      }
    },
    get willBegin() {
      if (operations < most) return "yes";
      return isMost ? "no" : "maybe";
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
