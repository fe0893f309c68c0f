import { openAccounts } from "./accounts.js";
import { type Delivery, deliveryOf } from "./delivery.js";
import type { Emulator, EmulatorOptions } from "./emulator.js";
import { faultFor, type Hit, parsePlan, reachesAccount } from "./faults.js";
import { configHandles, keyHandles } from "./handles.js";
import { methodOf } from "./methods.js";
import { logEntry, type RequestLogEntry } from "./requestLog.js";
import { answer, type Credentials, type Request } from "./rules.js";

/** The API without a network: its accounts, its faults and its log. */
export interface Service {
  /** @throws Error if it is closed while a fault holds the call back, or if the accounts' file cannot be written */
  serve(request: Request): Promise<Delivery>;
  /** Aborted by `close`. */
  readonly closing: AbortSignal;
  /** A call that a fault is still holding back takes no effect any more. */
  close(): void;
  /** The handles of whoever has started it. @param close ends what makes it reachable, and the service */
  handles(url: string, close: () => Promise<void>): Emulator;
}

const SAMPLE: Credentials = {
  apiKey: "sb_3eY9UJuj09636NVPlgmhfa",
  secretKey: "xBeain5pFnPyQkl98qzA+BG+Cjzskpqq9fGKDbDoXNP5",
  authToken: "7F2Av26rUgtzJYgUG9IilG1W6ZMLnt7Dak3Gyht220KLpkBLSJRMOzhBYd",
};

/**
 * @param wait resolves after so many milliseconds; rejects if the signal comes first
 * @throws as `startEmulator`, except for the port
 */
export function openService(
  options: Omit<EmulatorOptions, "port">,
  wait: (ms: number, signal: AbortSignal) => Promise<unknown>,
): Service {
  const { accountIds = ["lv_4K8mPxR9N2jL7hS5TdWfY1"], credentials = SAMPLE } = options;
  const world = {
    accountIds,
    credentials,
    now: options.clock ?? (() => new Date()),
    random: options.random ?? Math.random,
  };
  let plan: readonly Hit[] = parsePlan(options.faults ?? []);
  let counts = new Map<string, number>();
  let requests: readonly RequestLogEntry[] = [];
  const accounts = openAccounts(accountIds, options.file);
  const closing = new AbortController();

  function nextFault(path: string): Hit | undefined {
    const method = methodOf(path);
    if (method === undefined) return undefined;
    const n = (counts.get(method) ?? 0) + 1;
    counts.set(method, n);
    return faultFor(plan, method, n);
  }

  return {
    serve: async (request) => {
      const hit = nextFault(request.path);
      if (hit?.effect === "latency") await wait(hit.ms, closing.signal);
      closing.signal.throwIfAborted();
      // From here on nothing waits, so that calls take effect one after the other.
      const seen = hit?.effect === "stale" ? accounts.past(hit.behind) : accounts.store;
      const said = reachesAccount(hit) ? answer(seen, request, world) : undefined;
      const committed = said !== undefined && said.store !== seen && accounts.commit(said.store);
      const entry = logEntry(requests.length + 1, world.now(), request, hit, said, committed);
      requests = [...requests, entry];
      options.onRequest?.(entry);
      return deliveryOf(hit, said);
    },
    closing: closing.signal,
    close: () => {
      closing.abort();
      accounts.close();
    },
    handles: (url, close) => ({
      url,
      credentials,
      accountIds,
      env: {
        KOMPLIANT_BASE_URL: url,
        KOMPLIANT_ACCOUNT_ID: accountIds[0] ?? "",
        KOMPLIANT_API_KEY: credentials.apiKey,
        KOMPLIANT_SECRET_KEY: credentials.secretKey,
        KOMPLIANT_AUTH_TOKEN: credentials.authToken,
      },
      get requests() {
        return requests;
      },
      get faults() {
        return plan;
      },
      clearRequests: () => {
        requests = [];
      },
      setFaults: (faults) => {
        plan = parsePlan(faults);
        counts = new Map();
      },
      ...configHandles(accounts, world),
      ...keyHandles(accounts, world),
      close,
      [Symbol.asyncDispose]: close,
    }),
  };
}
