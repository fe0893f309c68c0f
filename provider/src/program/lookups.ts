import * as pulumi from "@pulumi/pulumi";
import type { Wanted } from "../core/account/explain.js";
import type { WebhookConfigQuery } from "./errors.js";
import type { LookupOptions, WebhookConfigResult } from "./lookupTypes.js";
import type { Provider } from "./provider.js";

type Inputs<T> = T extends unknown ? { [K in keyof T]: pulumi.Input<T[K]> } : never;
/** @inline */
type OutputOptions = {
  /** Default: the provider's account, then `kompliant:accountId`, then `KOMPLIANT_ACCOUNT_ID`. */
  readonly accountId?: pulumi.Input<string> | undefined;
  /** Whose credentials to use, as in `LookupOptions`. */
  readonly provider?: Provider | undefined;
};

/**
 * Looks a configuration up, whoever manages it. All lookups of a program in one account share one list call.
 *
 * @param query its id or its URL
 * @param options the account, and whose credentials to use
 * @returns the configuration as the account lists it
 * @throws NotFoundError if there is none (the message lists those that there are)
 * @throws KompliantError if the account cannot be listed
 * @throws pulumi.RunError if settings or what is asked are missing or malformed
 * @example
 * import { getWebhookConfig } from "pulumi-kompliant";
 *
 * const theirs = getWebhookConfig({ url: "https://example.com/kompliant" });
 * export const theirsId = theirs.then(({ id }) => id);
 */
export async function getWebhookConfig(
  query: WebhookConfigQuery,
  options: LookupOptions = {},
): Promise<WebhookConfigResult> {
  const wanted = wantedBy(query);
  return find(wanted, options, false);
}

/**
 * The same as `getWebhookConfig`, for a query that is known only when something else is: asks once that is so.
 *
 * @param query its id or its URL
 * @param options the account, and whose credentials to use
 * @returns the configuration as the account lists it; the deployment fails where `getWebhookConfig` would throw
 * @example
 * import { getWebhookConfigOutput, WebhookConfig } from "pulumi-kompliant";
 *
 * const orders = new WebhookConfig("orders", { url: "https://example.com/kompliant/orders" });
 * export const registeredAt = getWebhookConfigOutput({ id: orders.id }).createdAt;
 */
export function getWebhookConfigOutput(
  query: Inputs<WebhookConfigQuery>,
  { accountId, provider }: OutputOptions = {},
): pulumi.Output<WebhookConfigResult> {
  const waits = [...Object.values(query), accountId].some(pulumi.Output.isInstance);
  return pulumi
    .all([pulumi.output<Inputs<WebhookConfigQuery>>(query), accountId])
    .apply(async ([known, id]) => {
      const wanted = wantedBy(known);
      return find(wanted, { accountId: id, provider }, waits);
    });
}

/**
 * All active configurations of an account, oldest first. All lookups of a program in one account share one list call.
 *
 * @param options the account, and whose credentials to use
 * @returns none to 20 configurations
 * @throws KompliantError if the account cannot be listed
 * @throws pulumi.RunError if settings or the account's id are missing or malformed
 * @example
 * import { listWebhookConfigs } from "pulumi-kompliant";
 *
 * export const urls = listWebhookConfigs().then((all) => all.map(({ url }) => url));
 */
export async function listWebhookConfigs(
  options: LookupOptions = {},
): Promise<readonly WebhookConfigResult[]> {
  return listed(options, false);
}

/**
 * The same as `listWebhookConfigs`, for an account that is known only when something else is.
 *
 * @param options the account, and whose credentials to use
 * @returns none to 20 configurations; the deployment fails where `listWebhookConfigs` would throw
 * @example
 * import { listWebhookConfigsOutput, WebhookConfig } from "pulumi-kompliant";
 *
 * const orders = new WebhookConfig("orders", { url: "https://example.com/kompliant/orders" });
 * export const all = listWebhookConfigsOutput({ accountId: orders.accountId });
 */
export function listWebhookConfigsOutput({
  accountId,
  provider,
}: OutputOptions = {}): pulumi.Output<readonly WebhookConfigResult[]> {
  const waits = pulumi.Output.isInstance(accountId);
  return pulumi.output(accountId).apply((id) => listed({ accountId: id, provider }, waits));
}

/** Loads what asks the API only when a program does: few programs look anything up, and each run would load it. */
async function find(wanted: Wanted, options: LookupOptions, waits: boolean): Promise<WebhookConfigResult> {
  const { accountOf, pick } = await import("./accounts.js");
  return pick(wanted, await accountOf(options, waits));
}

async function listed(options: LookupOptions, waits: boolean): Promise<readonly WebhookConfigResult[]> {
  const { accountOf } = await import("./accounts.js");
  return (await accountOf(options, waits)).configurations;
}

/** @throws pulumi.RunError if the query asks for nothing, which only types forbid */
function wantedBy(query: WebhookConfigQuery): Wanted {
  const { id, url }: { readonly id?: string | undefined; readonly url?: string | undefined } = { ...query };
  if (id) return { key: "id", value: id };
  if (url) return { key: "url", value: url };
  throw new pulumi.RunError("getWebhookConfig needs to know which one: pass `id` or `url`");
}
