import { UserError } from "../failures.js";
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
  /** @returns when it became active */
  activate(keyId: string, op: Operation): Promise<string>;
  get(keyId: string, op: Operation): Promise<Data<"webhook.key.get">>;
}

export function createKeyClient({ call }: Calls): KeyClient {
  return {
    create: async (accountId, op) => {
      const { data, isRepeated } = await call("webhook.key.create", { account_id: accountId }, {}, op);
      return { ...data, isRepeated };
    },
    activate: async (keyId, op) => {
      const { data } = await call("webhook.key.activate", { key_id: keyId }, { keyId }, op);
      return sameKey(keyId, data).activated_at;
    },
    get: async (keyId, op) =>
      sameKey(keyId, (await call("webhook.key.get", { key_id: keyId }, { keyId }, op)).data),
  };
}

/** What is said of another key proves nothing of this one. */
function sameKey<T extends { readonly key_id: string }>(keyId: string, data: T): T {
  if (data.key_id === keyId) return data;
  throw new UserError(
    `the Kompliant API was asked about ${keyId} and answered about ${data.key_id}: nothing was concluded from that`,
  );
}
