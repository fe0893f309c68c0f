import type { FaultPlan } from "./faults.js";
import type { RequestLogEntry } from "./requestLog.js";
import type { Credentials } from "./rules.js";
import type { StoredConfig, StoredKey } from "./store.js";

/** What an emulator is like. All of it can be left out. */
export interface EmulatorOptions {
  /** Port on 127.0.0.1. Default: 0, a free one. */
  readonly port?: number;
  /** The accounts that exist and belong to the credentials. Default: `["lv_4K8mPxR9N2jL7hS5TdWfY1"]`. */
  readonly accountIds?: readonly string[];
  /** The only ones that are accepted. Default: the sample credentials of Kompliant's documentation, which are not live. */
  readonly credentials?: Credentials;
  /**
   * Keeps the accounts in this file, whatever kills the process. One emulator at a time can have it; a link is followed.
   * Default: they are gone with the emulator.
   */
  readonly file?: string;
  /** What goes wrong, and when; can be replaced later. Default: nothing. */
  readonly faults?: FaultPlan;
  /** The time that configurations, keys and the log get. Default: the real time. */
  readonly clock?: () => Date;
  /** Gives 0 up to, but not including, 1. Ids, secrets, trace ids and the order of lists come from it. Default: `Math.random`. */
  readonly random?: () => number;
  /** Called after every request, when its outcome is known and its answer is about to be sent. */
  readonly onRequest?: (entry: RequestLogEntry) => void;
}

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The credentials that it accepts. */
  readonly credentials: Credentials;
  /** The accounts that exist. */
  readonly accountIds: readonly string[];
  /** The `KOMPLIANT_…` environment variables that lead to this emulator and its first account. */
  readonly env: Readonly<Record<string, string>>;
  /** Every request to the API since the log was cleared, oldest first; not those to the control interface. */
  readonly requests: readonly RequestLogEntry[];
  /** Empties the log; the next request is number 1. */
  clearRequests(): void;
  /**
   * An account's active configurations, oldest first.
   *
   * @param accountId default: the first account
   * @throws Error if there is no such account
   */
  configs(accountId?: string): readonly StoredConfig[];
  /**
   * Registers a URL behind everybody's back, even beyond the limit of 20.
   *
   * @param url any text
   * @param options where, and with which config_id
   * @returns its config_id
   * @throws Error if there is no such account, or the account has the URL or the id already
   */
  put(
    url: string,
    options?: {
      /** Default: the first account. */
      readonly accountId?: string;
      /** Default: a new one. */
      readonly configId?: string;
    },
  ): string;
  /**
   * Changes a URL behind everybody's back.
   *
   * @param configId which configuration
   * @param url any text
   * @param accountId default: the first account
   * @throws Error if there is no such account or configuration, or another one has the URL
   */
  change(configId: string, url: string, accountId?: string): void;
  /**
   * Deletes a configuration behind everybody's back.
   *
   * @param configId which configuration
   * @param accountId default: the first account
   * @throws Error if there is no such account or configuration
   */
  remove(configId: string, accountId?: string): void;
  /**
   * All keys of an account with their secrets, oldest first.
   *
   * @param accountId default: the first account
   * @throws Error if there is no such account
   */
  keys(accountId?: string): readonly StoredKey[];
  /**
   * Makes a new key active behind everybody's back. The key that was active is `DELETED`.
   *
   * @param accountId default: the first account
   * @returns the new key's key_id
   * @throws Error if there is no such account, or all accounts together have had 99 new keys on this day in UTC
   */
  rotateKey(accountId?: string): string;
  /** The fault plan, with its defaults filled in. */
  readonly faults: FaultPlan;
  /**
   * Replaces the fault plan, and counts calls anew.
   *
   * @param plan an empty one ends all faults
   * @throws TypeError that lists what is wrong with the plan
   */
  setFaults(plan: FaultPlan): void;
  /** Ends it, open connections too. A call that a fault is still holding back does not take effect any more. */
  close(): Promise<void>;
  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
