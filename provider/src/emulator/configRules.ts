import * as z from "zod";
import { isConfigId } from "../core/api/schemas.js";
import type { ConfigMethod } from "./methods.js";
import { account_id, withParams } from "./params.js";
import { shuffled, token } from "./random.js";
import { accountOf, type Outcome, type Rule, refused, unknownAccount, type World } from "./rule.js";
import type { Store, StoredAccount, StoredConfig } from "./store.js";
import { writable } from "./writable.js";

const LIMIT = 20;

const config_id = z.string().refine(isConfigId, "is malformed");
const config = writable.refine(({ url }) => url.startsWith("https://") && URL.canParse(url), {
  path: ["url"],
  message: "must be an https URL",
});

/** The rules of `webhook.config.*`. */
export const configRules: Readonly<Record<ConfigMethod, Rule>> = {
  "webhook.config.create": withParams(z.object({ account_id, config }), create),
  "webhook.config.get": withParams(z.object({ account_id, config_id }), (store, params, world) =>
    withConfig(store, params, world, (found) => ({ data: found, store })),
  ),
  "webhook.config.list": withParams(z.object({ account_id }), (store, params, world) => {
    const account = accountOf(store, params.account_id, world);
    if (account === undefined) return unknownAccount(params.account_id);
    return { data: { configs: shuffled(account.configs, world.random) }, store };
  }),
  "webhook.config.update": withParams(z.object({ account_id, config_id, config }), (store, params, world) =>
    withConfig(store, params, world, (found, account) => {
      if (isHeld(account, params.config.url)) return urlExists;
      const updated = { ...found, ...params.config, updated_at: world.now().toISOString() };
      const configs = account.configs.map((other) => (other === found ? updated : other));
      return { data: {}, store: { ...store, [params.account_id]: { ...account, configs } } };
    }),
  ),
  "webhook.config.delete": withParams(z.object({ account_id, config_id }), (store, params, world) =>
    withConfig(store, params, world, (found, account) => {
      const configs = account.configs.filter((other) => other !== found);
      return { data: {}, store: { ...store, [params.account_id]: { ...account, configs } } };
    }),
  ),
};

function create(
  store: Store,
  params: { readonly account_id: string; readonly config: z.infer<typeof writable> },
  world: World,
): Outcome {
  const account = accountOf(store, params.account_id, world);
  if (account === undefined) return unknownAccount(params.account_id);
  if (isHeld(account, params.config.url)) return urlExists;
  if (account.configs.length >= LIMIT)
    return refused(
      "SYSTEM_RULE_VIOLATION",
      `An account can have at most ${LIMIT} active webhook configurations.`,
      { sub_code: "MAX_WEBHOOK_URL_LIMIT" },
    );
  const id = newConfigId(world.random);
  const created = { config_id: id, ...params.config, created_at: world.now().toISOString() };
  const configs = [...account.configs, created];
  return { data: { config_id: id }, store: { ...store, [params.account_id]: { ...account, configs } } };
}

export function newConfigId(random: () => number): string {
  return `whc_${token(random, 22)}`;
}

/** In an account that does not exist, a configuration is as unknown as that of another account. */
function withConfig(
  store: Store,
  params: { readonly account_id: string; readonly config_id: string },
  world: World,
  apply: (found: StoredConfig, account: StoredAccount) => Outcome,
): Outcome {
  const account = accountOf(store, params.account_id, world);
  const found = account?.configs.find((each) => each.config_id === params.config_id);
  return account === undefined || found === undefined
    ? refused("ENTITY_NOT_FOUND", `Webhook configuration ${params.config_id} does not exist.`, {
        status: 404,
      })
    : apply(found, account);
}

function isHeld({ configs }: StoredAccount, url: string): boolean {
  return configs.some((each) => each.url === url);
}

const urlExists = refused("SYSTEM_RULE_VIOLATION", "A webhook configuration with this URL already exists.", {
  sub_code: "URL_ALREADY_EXISTS",
});
