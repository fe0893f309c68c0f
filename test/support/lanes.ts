import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { type ProviderOptions, type ProviderProcess, startProvider } from "./providerProcess.js";

/** An emulator, since a fault hits whichever account is called, and what works with it. */
export interface Lane {
  readonly emulator: Emulator;
  readonly provider: ProviderProcess;
  /** The provider process of the next run. */
  readonly next: ProviderProcess;
}

/** Lanes that tests which run side by side take turns with. */
export interface Lanes {
  open(): Promise<void>;
  /** Works on a lane as soon as one is free, which has no faults after it. */
  on(work: (lane: Lane) => Promise<void>): Promise<void>;
  /** @param look what is to be seen to before a lane is gone */
  close(look: (lane: Lane) => void): Promise<void>;
}

/**
 * @param accountIds an account of its own for each test makes a process as good as new for it
 * @param operationSeconds what an operation may last; one attempt may last two
 */
export function createLanes(
  count: number,
  accountIds: readonly string[],
  operationSeconds: number,
  options: ProviderOptions = {},
): Lanes {
  const all: Lane[] = [];
  const free: Lane[] = [];
  const waiting: ((lane: Lane) => void)[] = [];
  const times = {
    "kompliant:requestTimeoutSeconds": "2",
    "kompliant:operationTimeoutSeconds": String(operationSeconds),
  };
  const open = async (): Promise<Lane> => {
    const emulator = await startEmulator({ accountIds });
    // A machine away from Greenwich, where a date without a zone is not read as local time.
    const provider = await startProvider(times, { ...emulator.env, TZ: "Asia/Tokyo" }, options);
    const next = await startProvider({}, { ...emulator.env }, options);
    return { emulator, provider, next };
  };
  return {
    open: async () => {
      all.push(...(await Promise.all(Array.from({ length: count }, open))));
      free.push(...all);
    },
    on: async (work) => {
      const lane = free.pop() ?? (await new Promise<Lane>((resolve) => waiting.push(resolve)));
      try {
        await work(lane);
      } finally {
        lane.emulator.setFaults([]);
        const first = waiting.shift();
        if (first === undefined) free.push(lane);
        else first(lane);
      }
    },
    close: async (look) => {
      for (const lane of all) {
        await lane.provider.close();
        await lane.next.close();
        await lane.emulator.close();
        look(lane);
      }
    },
  };
}
