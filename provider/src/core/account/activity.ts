import type { Runtime } from "../api/runtime.js";

/**
 * How far the engine has come with its run, as far as its provider process can tell. One for all accounts: what the
 * engine works on for one of them, it cannot ask for another.
 *
 * Waiting for company saves calls, and costs time where nobody comes any more. How many resources there are, and how
 * many of them the engine works on at a time, the engine does not say: the program does. Where that is not enough,
 * because others hold the engine up or one waits for another, it shows.
 */
export interface Activity {
  /** The last moment that anything happened: milliseconds since the epoch. */
  readonly last: number;
  /** Something has happened. */
  touch(): void;
  /**
   * A resource of the program has been looked at.
   *
   * @param declared how many the program has declared up to now, if that is news
   * @param parallel how many of them the engine works on at a time, if that is known
   */
  checked(declared: number | undefined, parallel: number | undefined): void;
  /** The resource with this key is going to be written. */
  expect(key: string): void;
  /** Does what the engine asks for about the resource with this key. */
  operation<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Waits until no other operation can begin before one of those under way has ended. */
  settle(): Promise<void>;
}

/** Where it cannot be told whether others come: the engine needs a few milliseconds from one to the next. */
const QUIET_MS = 250;

export function createActivity(runtime: Runtime): Activity {
  let last = runtime.now();
  let declared: number | undefined;
  let checks = 0;
  const expected = new Set<string>();
  let underWay = 0;
  /** How many operations the engine works on at a time, as far as has been said or has shown. */
  let capacity = Number.POSITIVE_INFINITY;
  let happen = () => {};
  let happening = nextEvent();

  function nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      happen = resolve;
    });
  }

  function touch(): void {
    last = runtime.now();
    happen();
    happening = nextEvent();
  }

  function isSettled(): boolean {
    const isLast = declared !== undefined && checks >= declared && expected.size === 0;
    return isLast || underWay >= capacity;
  }

  return {
    get last() {
      return last;
    },
    touch,
    checked: (count, parallel) => {
      checks++;
      if (count !== undefined) declared = Math.max(declared ?? 0, count);
      if (parallel !== undefined) capacity = Math.min(capacity, parallel);
      touch();
    },
    expect: (key) => {
      expected.add(key);
    },
    operation: async (key, work) => {
      expected.delete(key);
      underWay++;
      if (capacity < underWay) capacity = underWay;
      touch();
      try {
        return await work();
      } finally {
        underWay--;
        touch();
      }
    },
    settle: async () => {
      while (!isSettled()) {
        const rest = last + QUIET_MS - runtime.now();
        if (rest <= 0) {
          if (underWay > 0) capacity = underWay;
          return;
        }
        await Promise.race([happening, runtime.sleep(rest)]);
      }
    },
  };
}
