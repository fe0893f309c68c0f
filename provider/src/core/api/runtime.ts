import { setMaxListeners } from "node:events";
import type { Dispatcher } from "undici";

/** Where messages to the user go, a line or more each. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  /** Says what is going on right now; only what comes next replaces it. Absent where nobody would see it. */
  status?(message: string): void;
}

/** What the provider takes from the outside world: injected, so that tests need neither time nor a network. */
export interface Runtime extends Log {
  /** Milliseconds since some moment, by a clock that nobody sets: for how long something lasts. */
  now(): number;
  /** Milliseconds since the epoch, by the system's clock: for what is shown, and for what others say of time. */
  date(): number;
  /** Resolves after `ms` milliseconds, or soon after `cancelled`. */
  sleep(ms: number): Promise<void>;
  /** Calls `ring` after `ms` milliseconds, unless what it returns is called before. */
  after(ms: number, ring: () => void): () => void;
  /** Sends all requests. Default: one for the settings, over the network. */
  readonly dispatcher?: Dispatcher;
  /** Aborted when the user ends the deployment: what is under way ends then. Absent where nobody can. */
  readonly cancelled?: AbortSignal;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** The real clock and random; `info` and `warn` print, which Pulumi shows below the stack. */
export const systemRuntime: Runtime = {
  now: () => performance.now(),
  date: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  after: (ms, ring) => {
    const timer = setTimeout(ring, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  info: (message) => console.log(message),
  warn: (message) => console.warn(`warning: ${message}`),
};

/** Between two looks at what has become of things, once all that is under way is to end. */
const ENDING_MS = 20;

/** A runtime that a signal ends. */
export function cancellable(runtime: Runtime, cancelled: AbortSignal): Runtime {
  // As many as wait listen to it, which is no leak.
  setMaxListeners(0, cancelled);
  return {
    ...runtime,
    cancelled,
    sleep: async (ms) => {
      if (cancelled.aborted) return runtime.sleep(Math.min(ms, ENDING_MS));
      let wake = () => {};
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      cancelled.addEventListener("abort", wake, { once: true });
      await Promise.race([runtime.sleep(ms), woken]);
      cancelled.removeEventListener("abort", wake);
    },
  };
}
