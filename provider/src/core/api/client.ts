import type { Calls } from "./calls.js";
import type { Operation } from "./operation.js";
import type { Config, Data } from "./schemas.js";
import type { Settings } from "./settings.js";

/** The `webhook.config.*` methods of one account. */
export interface Client {
  readonly accountId: string;
  readonly settings: Settings;
  /**
   * @param config its URL is an https URL that no configuration of the account has
   * @returns the new configuration's id
   */
  create(config: Config, op: Operation): Promise<string>;
  get(configId: string, op: Operation): Promise<Data<"webhook.config.get">>;
  /** The active configurations, in no order. */
  list(op: Operation): Promise<Data<"webhook.config.list">["configs"]>;
  /** @param config what it lacks, the configuration shall lack too */
  update(configId: string, config: Config, op: Operation): Promise<void>;
  delete(configId: string, op: Operation): Promise<void>;
}

/**
 * @throws KompliantError from every method: refused, not reachable, not answered, or out of time
 * @example
 * const accountId = "lv_4K8mPxR9N2jL7hS5TdWfY1";
 * const client = createClient(accountId, createCalls(settings, accountId, systemRuntime));
 * const id = await client.create({ url: "https://example.com/kompliant" }, op);
 */
export function createClient(accountId: string, { settings, call }: Calls): Client {
  return {
    accountId,
    settings,
    create: async (config, op) => {
      const params = { account_id: accountId, config };
      return (await call("webhook.config.create", params, { url: config.url }, op)).data.config_id;
    },
    get: async (configId, op) => {
      const params = { account_id: accountId, config_id: configId };
      return (await call("webhook.config.get", params, { configId }, op)).data;
    },
    list: async (op) => (await call("webhook.config.list", { account_id: accountId }, {}, op)).data.configs,
    update: async (configId, config, op) => {
      const params = { account_id: accountId, config_id: configId, config };
      await call("webhook.config.update", params, { configId, url: config.url }, op);
    },
    delete: async (configId, op) => {
      await call("webhook.config.delete", { account_id: accountId, config_id: configId }, { configId }, op);
    },
  };
}
