/** What the provider takes from the outside world besides the network: injected, so that tests need no waiting. */
export interface Runtime {
  /** Milliseconds since some moment, by a clock that nobody sets: for how long something lasts. */
  now(): number;
  /** Milliseconds since the epoch, by the system's clock: for what is shown, and for what others say of time. */
  date(): number;
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
  /** Shows one line to the user as information. */
  info(message: string): void;
  /** Shows one line to the user as a warning. */
  warn(message: string): void;
}

/** The real clock and random; `info` and `warn` print, which Pulumi shows below the stack. */
export const systemRuntime: Runtime = {
  now: () => performance.now(),
  date: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: () => Math.random(),
  info: (message) => console.log(message),
  warn: (message) => console.warn(`warning: ${message}`),
};
