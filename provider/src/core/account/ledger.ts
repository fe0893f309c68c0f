import type { Client } from "../api/client.js";
import { announceWait, type Operation } from "../api/operation.js";
import { backoff } from "../api/retry.js";
import type { Runtime } from "../api/runtime.js";
import type { Activity } from "./activity.js";

/** A webhook configuration as the account lists it. */
export interface Configuration {
  readonly id: string;
  readonly url: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; equal to `createdAt` until the first update. */
  readonly updatedAt: string;
}

/**
 * The reads and writes of one account. A list and a write never overlap, so what a list answers is exact with
 * respect to everything this process has done, and everybody who asks between two writes shares one call.
 */
export interface Ledger {
  /** Which URL each configuration has, by id: hearsay until `verified`, then exact as far as this process can know. */
  readonly urls: ReadonlyMap<string, string>;
  /** A list has been had. */
  readonly verified: boolean;
  /** The last list, which own writes may have overtaken. */
  readonly lastListed: ReadonlyMap<string, Configuration> | undefined;
  /** Notes what the stack's state says of a configuration; ignored once `verified`. */
  suppose(id: string, url: string): void;
  /** Notes that the API does not know a configuration. */
  forget(id: string): void;
  /** Those who join a list that somebody else asked for share its time: it was asked for no later than theirs. */
  list(op: Operation): Promise<ReadonlyMap<string, Configuration>>;
  create(url: string, op: Operation): Promise<string>;
  update(id: string, url: string, op: Operation): Promise<void>;
  delete(id: string, op: Operation): Promise<void>;
}

/**
 * Every list has at least this long, even if the time of its operation is over: a write whose answer was lost may have
 * taken effect, and nobody else would ever look.
 */
const LEAST_MS = 1_000;

/** How often a list that does not show what this process has written is asked again before it is believed. */
const STALE_LISTS = 3;

/** @param activity the run that the reads and writes are part of: one list answers for all that it writes together */
export function createLedger(client: Client, runtime: Runtime, activity: Activity): Ledger {
  let urls = new Map<string, string>();
  let lastListed: ReadonlyMap<string, Configuration> | undefined;
  /** Nothing has been written since `lastListed`. */
  let current = false;
  /** What this process has written and no list has shown yet: id to URL, or to nothing for a deleted one. */
  const unseen = new Map<string, string | undefined>();

  let writing = 0;
  let hasWritten = false;
  let writesOver: Promise<void> = Promise.resolve();
  let endWrites = () => {};
  let listing: Promise<void> | undefined;
  let coming: Promise<ReadonlyMap<string, Configuration>> | undefined;

  /** @param id the configuration whose state is unknown if the call fails */
  async function write<T>(id: string | undefined, call: () => Promise<T>): Promise<T> {
    while (listing !== undefined) await listing;
    if (writing++ === 0) {
      writesOver = new Promise((resolve) => {
        endWrites = resolve;
      });
    }
    current = false;
    try {
      return await call();
    } catch (error) {
      if (id !== undefined) unseen.delete(id);
      throw error;
    } finally {
      hasWritten = true;
      if (--writing === 0) endWrites();
    }
  }

  /** @returns the account's configurations, or nothing if the list does not show what this process has written */
  async function attemptList(op: Operation, believe: boolean): Promise<typeof lastListed> {
    let over = () => {};
    listing = new Promise((resolve) => {
      over = resolve;
    });
    try {
      const least = runtime.now() + LEAST_MS;
      const due = op.deadline < least ? { ...op, deadline: least } : op;
      const configs = await client.list(due).finally(() => {
        op.attempts = due.attempts;
      });
      const listed = new Map(
        configs.map(({ config_id: id, url, created_at: createdAt, updated_at: updatedAt }) => [
          id,
          { id, url, createdAt, updatedAt: updatedAt ?? createdAt },
        ]),
      );
      const stale = [...unseen].some(([id, url]) => listed.get(id)?.url !== url);
      if (stale && !believe) return undefined;
      unseen.clear();
      urls = new Map([...listed.values()].map(({ id, url }) => [id, url]));
      lastListed = listed;
      current = true;
      return listed;
    } finally {
      listing = undefined;
      over();
    }
  }

  async function fetch(op: Operation): Promise<ReadonlyMap<string, Configuration>> {
    for (let attempt = 1; ; attempt++) {
      // The engine starts its operations in waves: one list after the last write of a wave answers for all of them.
      while (writing > 0 || hasWritten) {
        hasWritten = false;
        await (writing > 0 ? writesOver : activity.settle());
      }
      const wait = backoff(attempt, runtime.random);
      const lastChance = attempt > STALE_LISTS || runtime.now() + wait >= op.deadline;
      const listed = await attemptList(op, lastChance);
      if (listed !== undefined) return listed;
      announceWait(runtime, op, wait, "the list does not show yet what was just written");
      await runtime.sleep(wait);
    }
  }

  function wrote(id: string, url: string | undefined): void {
    unseen.set(id, url);
    if (url === undefined) urls.delete(id);
    else urls.set(id, url);
  }

  return {
    get urls() {
      return urls;
    },
    get verified() {
      return lastListed !== undefined;
    },
    get lastListed() {
      return lastListed;
    },
    suppose: (id, url) => {
      if (lastListed === undefined) urls.set(id, url);
    },
    forget: (id) => wrote(id, undefined),
    list: async (op) => {
      if (current && lastListed !== undefined) return lastListed;
      coming ??= fetch(op).finally(() => {
        coming = undefined;
      });
      return coming;
    },
    create: (url, op) =>
      write(undefined, async () => {
        const id = await client.create(url, op);
        wrote(id, url);
        return id;
      }),
    update: (id, url, op) =>
      write(id, async () => {
        await client.update(id, url, op);
        wrote(id, url);
      }),
    delete: (id, op) =>
      write(id, async () => {
        await client.delete(id, op);
        wrote(id, undefined);
      }),
  };
}
