import type { Runtime } from "../../provider/src/core/api/runtime.js";

/** A clock that jumps to the next event as soon as nothing else is left to do. */
export interface VirtualTime {
  readonly runtime: Runtime;
  /** Everything that was shown to the user. */
  readonly said: string[];
  /** Lets time pass until the promise is settled. */
  until<T>(promise: Promise<T>): Promise<T>;
}

/** @param seed of the generator behind `random` */
export function virtualTime(seed: number): VirtualTime {
  const epoch = Date.parse("2026-01-01T00:00:00.000Z");
  let now = 0;
  let timers: { at: number; ring: () => void }[] = [];
  const said: string[] = [];
  const runtime: Runtime = {
    now: () => now,
    date: () => epoch + now,
    sleep: (ms) =>
      new Promise((ring) => {
        timers.push({ at: now + Math.max(0, ms), ring });
      }),
    after: (ms, ring) => {
      const timer = { at: now + Math.max(0, ms), ring };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    random: mulberry32(seed),
    info: (message) => said.push(`info: ${message}`),
    warn: (message) => said.push(`warning: ${message}`),
  };
  return {
    runtime,
    said,
    until: async (promise) => {
      let settled = false;
      const mark = () => {
        settled = true;
      };
      promise.then(mark, mark);
      while (!settled) {
        // A turn of the event loop runs every promise reaction that is due.
        await new Promise((resolve) => setImmediate(resolve));
        if (settled) break;
        const next = timers.reduce<(typeof timers)[number] | undefined>(
          (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
          undefined,
        );
        if (next === undefined) throw new Error("nothing is left that could happen");
        timers = timers.filter((timer) => timer !== next);
        now = Math.max(now, next.at);
        next.ring();
      }
      return promise;
    },
  };
}

/** A small generator with a seed: the same sequence in every run. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
