import { REMEMBERED_CHANGES } from "./faults.js";
import { openFile } from "./file.js";
import type { Store, StoredConfig } from "./store.js";

/** The accounts of one emulator: what they hold, what they held, and the file that keeps them. */
export interface Accounts {
  /** Accounts that this emulator does not serve are in it too: they stay in the file for one that does. */
  readonly store: Store;
  /** @returns whether `next` differs from what was there */
  commit(next: Store): boolean;
  /** The configurations of each account as they were that many of their changes ago, or as long ago as is remembered. */
  past(changes: number): Store;
  /** Leaves the file to whoever comes next. */
  close(): void;
}

/**
 * @throws TypeError if there is no account or one without a name; Error if the file cannot be read or written, or another
 * emulator has it
 */
export function openAccounts(accountIds: readonly string[], file: string | undefined): Accounts {
  if (accountIds.length === 0 || accountIds.includes(""))
    throw new TypeError(
      `accountIds must be one or more non-empty strings, got ${JSON.stringify(accountIds)}`,
    );

  const opened = file === undefined ? undefined : openFile(file);
  const empty = accountIds.map((id) => [id, { configs: [], keys: [] }] as const);
  let store: Store = { ...Object.fromEntries(empty), ...opened?.content };
  const history = new Map<string, readonly (readonly StoredConfig[])[]>();
  try {
    opened?.save(store);
  } catch (error) {
    opened?.close();
    throw error;
  }

  return {
    get store() {
      return store;
    },
    commit: (next) => {
      if (next === store) return false;
      opened?.save(next);
      for (const [id, { configs }] of Object.entries(store)) {
        if (next[id]?.configs !== configs)
          history.set(id, [...(history.get(id) ?? []), configs].slice(-REMEMBERED_CHANGES));
      }
      store = next;
      return true;
    },
    past: (changes) =>
      Object.fromEntries(
        Object.entries(store).map(([id, account]) => {
          const past = history.get(id) ?? [];
          return [id, { ...account, configs: past.at(-changes) ?? past[0] ?? account.configs }];
        }),
      ),
    close: () => opened?.close(),
  };
}
