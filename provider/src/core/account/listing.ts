import type { Client } from "../api/client.js";
import { KompliantError } from "../api/errors.js";
import { announceWait, type Operation } from "../api/operation.js";
import { backoff } from "../api/retry.js";
import type { Runtime } from "../api/runtime.js";
import { type Config, configIn, isSameConfig } from "../api/schemas.js";
import type { Configuration } from "./configuration.js";
import type { Events } from "./events.js";

/**
 * The configurations of an account. A list and a write never overlap. So a list shows every write of this process, and
 * one list answers all operations that ask between two writes.
 */
export interface Listing {
  /** By id: as last listed, with what this process has written since; before the first list as state has it. */
  readonly configs: ReadonlyMap<string, Config>;
  /** The last list, which own writes may have overtaken; absent before the first. */
  readonly last: ReadonlyMap<string, Configuration> | undefined;
  /** The id of the configuration that has a URL. */
  holderOf(url: string): string | undefined;
  /** Notes what state has for a configuration; ignored after the first list. */
  assume(id: string, config: Config): void;
  /**
   * Sends a call that changes the account, never during a list.
   *
   * @param id the configuration that it changes; absent if it makes one
   */
  write<T>(id: string | undefined, call: () => Promise<T>): Promise<T>;
  /** Notes what a write has made of a configuration; undefined if the configuration is gone. */
  wrote(id: string, config: Config | undefined): void;
  /** An operation that joins the list of another asks again when only the time of the other is over. */
  list(op: Operation): Promise<ReadonlyMap<string, Configuration>>;
}

/**
 * One list after the last write answers for all. So a list waits as long as nothing happens, in milliseconds, by whether
 * the engine is going to begin more: it asks for one thing a few milliseconds after the other.
 */
const GATHER_MS = { no: 2, maybe: 20, yes: 50 } as const;
/** Whatever else happens, a list waits no longer than this for further writes. */
const GATHER_MOST_MS = 500;

/**
 * Every list has at least this long, even if the time of its operation is over: a write whose answer was lost may have
 * taken effect, and no other operation would look.
 */
const LEAST_MS = 1_000;

/** How often a list that does not show what this process has written is asked again before it is believed. */
const STALE_LISTS = 3;

export function createListing(client: Client, runtime: Runtime, events: Events): Listing {
  let configs = new Map<string, Config>();
  let last: ReadonlyMap<string, Configuration> | undefined;
  /** Nothing has been written since `last`. */
  let isCurrent = false;
  /** Writes of this process that no list has shown yet: by id; undefined for a deleted configuration. */
  const unseen = new Map<string, Config | undefined>();
  const writes = new Set<Promise<unknown>>();
  /** Something has been written since the last list began. */
  let hasWritten = false;
  /** The list that is under way. */
  let reading: Promise<void> | undefined;
  /** The list that all waiting operations share. */
  let coming: Promise<ReadonlyMap<string, Configuration>> | undefined;

  async function write<T>(id: string | undefined, call: () => Promise<T>): Promise<T> {
    while (reading !== undefined) await reading;
    isCurrent = false;
    const written = call().finally(() => {
      writes.delete(written);
      hasWritten = true;
    });
    writes.add(written);
    return written.catch((error) => {
      // After a failed call it is not known what the configuration has.
      if (id !== undefined) unseen.delete(id);
      throw error;
    });
  }

  /** What a list waits for: the writes that are under way, and the writes that the engine is about to ask for. */
  function writesOver(asked: number): Promise<unknown> | undefined {
    if (writes.size > 0) return Promise.allSettled(writes);
    const until = Math.min(events.last + GATHER_MS[events.willBegin], asked + GATHER_MOST_MS);
    return hasWritten && until > runtime.now() ? events.next(until) : undefined;
  }

  async function ask(op: Operation): Promise<ReadonlyMap<string, Configuration>> {
    const least = runtime.now() + LEAST_MS;
    const due = op.deadline < least ? { ...op, deadline: least } : op;
    const listed = await client.list(due).finally(() => {
      op.attempts = due.attempts;
    });
    return new Map(
      listed.map(({ config_id: id, created_at: createdAt, updated_at: updatedAt, ...rest }) => [
        id,
        { id, ...configIn(rest), createdAt, updatedAt: updatedAt ?? createdAt },
      ]),
    );
  }

  /** @param isBelieved whether a list counts that lacks a write of this process @returns undefined if it does not count */
  async function listOnce(op: Operation, isBelieved: boolean): Promise<typeof last> {
    let end = () => {};
    reading = new Promise<void>((resolve) => {
      end = resolve;
    });
    hasWritten = false;
    try {
      const listed = await ask(op);
      const isStale = [...unseen].some(([id, config]) => !isSameConfig(listed.get(id), config));
      if (isStale && !isBelieved) return undefined;
      unseen.clear();
      configs = new Map(listed);
      last = listed;
      isCurrent = true;
      return listed;
    } finally {
      reading = undefined;
      end();
    }
  }

  async function fetch(op: Operation): Promise<ReadonlyMap<string, Configuration>> {
    for (let attempt = 1; ; attempt++) {
      const asked = runtime.now();
      for (let wait = writesOver(asked); wait !== undefined; wait = writesOver(asked)) await wait;
      const pause = backoff(attempt, runtime.random);
      const listed = await listOnce(op, attempt > STALE_LISTS || runtime.now() + pause >= op.deadline);
      if (listed !== undefined) return listed;
      announceWait(runtime, op, pause, "the list does not show yet what was just written");
      await runtime.sleep(pause);
    }
  }

  return {
    get configs() {
      return configs;
    },
    get last() {
      return last;
    },
    holderOf: (url) => [...configs].find(([, held]) => held.url === url)?.[0],
    assume: (id, config) => {
      if (last === undefined) configs.set(id, config);
    },
    write,
    wrote: (id, config) => {
      unseen.set(id, config);
      if (config === undefined) configs.delete(id);
      else configs.set(id, config);
    },
    list: async (op) => {
      for (;;) {
        if (isCurrent && last !== undefined) return last;
        const joins = coming !== undefined;
        coming ??= fetch(op).finally(() => {
          coming = undefined;
        });
        try {
          return await coming;
        } catch (error) {
          const isOutOfTime = error instanceof KompliantError && error.gaveUp !== undefined;
          if (!joins || !isOutOfTime || runtime.now() >= op.deadline) throw error;
        }
      }
    },
  };
}
