/** Lets a limited number of calls through at a time, the others in the order in which they came. */
export interface Gate {
  /**
   * @param signal ends the wait
   * @returns whether the way is free; then `leave` must follow
   */
  enter(signal: AbortSignal): Promise<boolean>;
  leave(): void;
}

export function createGate(most: number): Gate {
  let inside = 0;
  const queue = new Set<() => void>();
  return {
    enter: async (signal) => {
      if (signal.aborted) return false;
      if (inside < most) {
        inside++;
        return true;
      }
      return new Promise((resolve) => {
        const giveUp = () => {
          queue.delete(goOn);
          resolve(false);
        };
        const goOn = () => {
          signal.removeEventListener("abort", giveUp);
          resolve(true);
        };
        queue.add(goOn);
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
    leave: () => {
      const [next] = queue;
      if (next === undefined) inside--;
      else {
        queue.delete(next);
        next();
      }
    },
  };
}
