import { isConfigId } from "../core/api/schemas.js";
import { REMEMBERED_CHANGES } from "./faults.js";
import { openFile } from "./file.js";
import { type Store, type StoredConfig, token, type World } from "./rules.js";

/** The accounts of one emulator: what they hold, what they held, and the file that keeps them. */
export interface Accounts {
  readonly store: Store;
  /** @returns whether `next` differs from what was there */
  commit(next: Store): boolean;
  /** The accounts as each was that many of its own changes ago, or as long ago as is remembered. */
  past(changes: number): Store;
  configs(accountId?: string): readonly StoredConfig[];
  put(url: string, options?: { readonly accountId?: string; readonly configId?: string }): string;
  change(configId: string, url: string, accountId?: string): void;
  remove(configId: string, accountId?: string): void;
  /** Leaves the file to whoever comes next. */
  close(): void;
}

/**
 * @throws TypeError if there is no account or one without a name; Error if the file cannot be read or written, or another
 * emulator has it
 */
export function openAccounts(
  accountIds: readonly string[],
  file: string | undefined,
  { now, random }: Pick<World, "now" | "random">,
): Accounts {
  const [firstAccount] = accountIds;
  if (firstAccount === undefined || accountIds.includes(""))
    throw new TypeError(
      `accountIds must be one or more non-empty strings, got ${JSON.stringify(accountIds)}`,
    );

  // Accounts that this emulator does not serve stay in the file for one that does.
  const opened = file === undefined ? undefined : openFile(file);
  const kept = opened?.content ?? {};
  let store: Store = Object.fromEntries(
    accountIds.map((id) => [id, Object.hasOwn(kept, id) ? (kept[id] ?? []) : []]),
  );
  const history = new Map<string, (readonly StoredConfig[])[]>(accountIds.map((id) => [id, []]));
  const keep = (next: Store) => opened?.save({ ...kept, ...next });
  try {
    keep(store);
  } catch (error) {
    opened?.close();
    throw error;
  }

  const commit = (next: Store): boolean => {
    if (next === store) return false;
    keep(next);
    for (const [id, configs] of Object.entries(store)) {
      if (next[id] !== configs)
        history.set(id, [...(history.get(id) ?? []), configs].slice(-REMEMBERED_CHANGES));
    }
    store = next;
    return true;
  };
  const configs = (accountId = firstAccount): readonly StoredConfig[] => {
    const found = Object.hasOwn(store, accountId) ? store[accountId] : undefined;
    if (found === undefined)
      throw new Error(`the emulator has no account ${accountId}; it has ${accountIds.join(", ")}`);
    return found;
  };
  const find = (configId: string, accountId?: string): StoredConfig => {
    const found = configs(accountId).find(({ config_id }) => config_id === configId);
    if (found === undefined)
      throw new Error(`account ${accountId ?? firstAccount} has no configuration ${configId}`);
    return found;
  };
  const replace = (accountId: string | undefined, next: readonly StoredConfig[]) =>
    commit({ ...store, [accountId ?? firstAccount]: next });
  const free = (url: string, others: readonly StoredConfig[]) => {
    const holder = others.find((config) => config.url === url);
    if (holder !== undefined) throw new Error(`${holder.config_id} has the URL ${url} already`);
  };

  return {
    get store() {
      return store;
    },
    commit,
    past: (changes) =>
      Object.fromEntries(
        Object.entries(store).map(([id, current]) => {
          const past = history.get(id) ?? [];
          return [id, past.at(-changes) ?? past[0] ?? current];
        }),
      ),
    configs,
    put: (url, { accountId, configId = `whc_${token(random, 22)}` } = {}) => {
      const active = configs(accountId);
      if (!isConfigId(configId)) throw new TypeError(`${configId} is not whc_ and alphanumerics`);
      if (active.some(({ config_id }) => config_id === configId))
        throw new Error(`${configId} exists already`);
      free(url, active);
      replace(accountId, [...active, { config_id: configId, url, created_at: now().toISOString() }]);
      return configId;
    },
    change: (configId, url, accountId) => {
      const config = find(configId, accountId);
      const active = configs(accountId);
      free(
        url,
        active.filter((other) => other !== config),
      );
      const changed = { ...config, url, updated_at: now().toISOString() };
      replace(
        accountId,
        active.map((other) => (other === config ? changed : other)),
      );
    },
    remove: (configId, accountId) => {
      const config = find(configId, accountId);
      replace(
        accountId,
        configs(accountId).filter((other) => other !== config),
      );
    },
    close: () => opened?.close(),
  };
}
