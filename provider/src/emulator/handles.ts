import { isConfigId } from "../core/api/schemas.js";
import type { Accounts } from "./accounts.js";
import { newConfigId } from "./configRules.js";
import type { Emulator } from "./emulator.js";
import { activated, newKey } from "./keyRules.js";
import { accountOf, type World } from "./rule.js";
import type { StoredAccount, StoredConfig } from "./store.js";

/** Looks at configurations, and changes them behind everybody's back. */
export function configHandles(
  accounts: Accounts,
  world: World,
): Pick<Emulator, "configs" | "put" | "change" | "remove"> {
  const { account, replace } = accountsOf(accounts, world);
  const configs = (accountId?: string) => account(accountId).configs;
  const find = (configId: string, accountId?: string): StoredConfig => {
    const found = configs(accountId).find(({ config_id }) => config_id === configId);
    if (found === undefined)
      throw new Error(`account ${accountId ?? world.accountIds[0]} has no configuration ${configId}`);
    return found;
  };
  return {
    configs,
    put: (url, { accountId, configId = newConfigId(world.random) } = {}) => {
      const active = configs(accountId);
      if (!isConfigId(configId)) throw new TypeError(`${configId} is not whc_ and alphanumerics`);
      if (active.some(({ config_id }) => config_id === configId))
        throw new Error(`${configId} exists already`);
      checkFree(url, active);
      const created = { config_id: configId, url, created_at: world.now().toISOString() };
      replace(accountId, { configs: [...active, created] });
      return configId;
    },
    change: (configId, url, accountId) => {
      const config = find(configId, accountId);
      const active = configs(accountId);
      checkFree(
        url,
        active.filter((other) => other !== config),
      );
      const changed = { ...config, url, updated_at: world.now().toISOString() };
      replace(accountId, { configs: active.map((other) => (other === config ? changed : other)) });
    },
    remove: (configId, accountId) => {
      const config = find(configId, accountId);
      replace(accountId, { configs: configs(accountId).filter((other) => other !== config) });
    },
  };
}

/** Looks at keys, and rotates them behind everybody's back. */
export function keyHandles(accounts: Accounts, world: World): Pick<Emulator, "keys" | "rotateKey"> {
  const { account, replace } = accountsOf(accounts, world);
  return {
    keys: (accountId) => account(accountId).keys,
    rotateKey: (accountId) => {
      const { keys } = account(accountId);
      const key = newKey(accounts.store, world);
      if (key === undefined) throw new Error("the day's numbers for webhook keys, 01 to 99, are used up");
      replace(accountId, { keys: activated([...keys, key], key.key_id, key.created_at) });
      return key.key_id;
    },
  };
}

function accountsOf(accounts: Accounts, world: World) {
  const [first = ""] = world.accountIds;
  const account = (accountId = first): StoredAccount => {
    const found = accountOf(accounts.store, accountId, world);
    if (found === undefined)
      throw new Error(`the emulator has no account ${accountId}; it has ${world.accountIds.join(", ")}`);
    return found;
  };
  const replace = (accountId = first, changed: Partial<StoredAccount>) =>
    accounts.commit({ ...accounts.store, [accountId]: { ...account(accountId), ...changed } });
  return { account, replace };
}

function checkFree(url: string, others: readonly StoredConfig[]): void {
  const holder = others.find((config) => config.url === url);
  if (holder !== undefined) throw new Error(`${holder.config_id} has the URL ${url} already`);
}
