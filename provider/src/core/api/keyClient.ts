import type { Calls } from "./calls.js";
import type { Operation } from "./operation.js";
import type { Data } from "./schemas.js";

/** A key that was just made. Its secret is told this once. */
export interface MadeKey extends Data<"webhook.key.create"> {
  /** An answer was lost before, so the account may have one more that nobody knows. */
  readonly isRepeated: boolean;
}

/**
 * The `webhook.key.*` methods.
 *
 * @throws KompliantError from every method: refused, not reachable, not answered, or out of time
 */
export interface KeyClient {
  create(accountId: string, op: Operation): Promise<MadeKey>;
  activate(keyId: string, op: Operation): Promise<Data<"webhook.key.activate">>;
  get(keyId: string, op: Operation): Promise<Data<"webhook.key.get">>;
}

export function createKeyClient({ call }: Calls): KeyClient {
  return {
    create: async (accountId, op) => {
      const { data, isRepeated } = await call("webhook.key.create", { account_id: accountId }, {}, op);
      return { ...data, isRepeated };
    },
    activate: async (keyId, op) =>
      (await call("webhook.key.activate", { key_id: keyId }, { keyId }, op)).data,
    get: async (keyId, op) => (await call("webhook.key.get", { key_id: keyId }, { keyId }, op)).data,
  };
}
