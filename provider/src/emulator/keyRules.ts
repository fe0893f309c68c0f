import * as z from "zod";
import type { KeyMethod } from "./methods.js";
import { account_id, withParams } from "./params.js";
import { base64 } from "./random.js";
import { accountOf, type Outcome, type Rule, refused, unknownAccount, type World } from "./rule.js";
import type { Store, StoredAccount, StoredKey } from "./store.js";

/** Two digits count the keys of a day. */
const MOST_A_DAY = 99;

const key_id = z.string().regex(/^whk_\d{8}_\d{2}$/, "is malformed");

/** The rules of `webhook.key.*`. */
export const keyRules: Readonly<Record<KeyMethod, Rule>> = {
  "webhook.key.create": withParams(z.object({ account_id }), (store, params, world) => {
    const account = accountOf(store, params.account_id, world);
    if (account === undefined) return unknownAccount(params.account_id);
    const key = newKey(store, world);
    if (key === undefined)
      return refused("SYSTEM_RULE_VIOLATION", `At most ${MOST_A_DAY} webhook keys can be created in a day.`);
    const keys = [...account.keys, key];
    return { data: key, store: { ...store, [params.account_id]: { ...account, keys } } };
  }),
  "webhook.key.activate": withParams(z.object({ key_id }), (store, params, world) =>
    withKey(store, params.key_id, world, 400, (key, account, id) => {
      if (key.status !== "INACTIVE")
        return refused("SYSTEM_RULE_VIOLATION", `Webhook key ${key.key_id} is ${key.status}, not INACTIVE.`);
      const activated_at = world.now().toISOString();
      const keys = activated(account.keys, key.key_id, activated_at);
      return {
        data: { key_id: key.key_id, status: "ACTIVE", activated_at },
        store: { ...store, [id]: { ...account, keys } },
      };
    }),
  ),
  "webhook.key.get": withParams(z.object({ key_id }), (store, params, world) =>
    withKey(store, params.key_id, world, 404, ({ shared_secret: _, ...shown }) => ({ data: shown, store })),
  ),
};

/** @returns undefined if the day's numbers are used up: all accounts share them, since an id names no account */
export function newKey(store: Store, { now, random }: Pick<World, "now" | "random">): StoredKey | undefined {
  const created_at = now().toISOString();
  const day = created_at.slice(0, "YYYY-MM-DD".length).replaceAll("-", "");
  const ids = Array.from({ length: MOST_A_DAY }, (_, i) => `whk_${day}_${String(i + 1).padStart(2, "0")}`);
  const taken = new Set(Object.values(store).flatMap(({ keys }) => keys.map((key) => key.key_id)));
  const free = ids.find((id) => !taken.has(id));
  return free === undefined
    ? undefined
    : { key_id: free, shared_secret: base64(random, 32), status: "INACTIVE", created_at };
}

/** The keys of an account when one of them has taken the place of the active one. */
export function activated(keys: readonly StoredKey[], keyId: string, at: string): readonly StoredKey[] {
  return keys.map((key) => {
    if (key.key_id === keyId) return { ...key, status: "ACTIVE", activated_at: at };
    return key.status === "ACTIVE" ? { ...key, status: "DELETED", deleted_at: at } : key;
  });
}

/** @param unknown the HTTP status for a key that is not there, which differs between the methods */
function withKey(
  store: Store,
  keyId: string,
  world: World,
  unknown: 400 | 404,
  apply: (key: StoredKey, account: StoredAccount, accountId: string) => Outcome,
): Outcome {
  for (const id of world.accountIds) {
    const account = store[id];
    const key = account?.keys.find((each) => each.key_id === keyId);
    if (account !== undefined && key !== undefined) return apply(key, account, id);
  }
  return refused("ENTITY_NOT_FOUND", `Webhook key ${keyId} does not exist.`, { status: unknown });
}
