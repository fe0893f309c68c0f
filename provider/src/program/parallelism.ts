import type { AsyncLocalStorage } from "node:async_hooks";

/** The part of the SDK's own store that matters here; of whichever version, so anything may be absent. */
interface Store {
  readonly settings?: { readonly options?: { readonly parallel?: unknown } };
}

/**
 * How many resources the engine works on at a time. It tells the SDK, which keeps this to itself: in its settings where
 * the Automation API runs a program in its own process, in the environment where the language host does.
 *
 * @returns nothing where it cannot be found out: it saves time, and nothing depends on it
 */
export function parallelism(): number | undefined {
  const { asyncLocalStorage } = globalThis as { asyncLocalStorage?: AsyncLocalStorage<Store | undefined> };
  const { parallel: told } = asyncLocalStorage?.getStore()?.settings?.options ?? {};
  const parallel = Number(told ?? process.env["PULUMI_NODEJS_PARALLEL"]);
  return Number.isInteger(parallel) && parallel > 0 ? parallel : undefined;
}
