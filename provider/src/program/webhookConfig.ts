import * as pulumi from "@pulumi/pulumi";
import type { DeclaredConflict } from "../lifecycle/contract.js";
import { WEBHOOK_CONFIG_TEXT, WEBHOOK_CONFIG_TYPE } from "../lifecycle/text.js";
import { declare } from "./declarations.js";
import { accountOf, providerOf } from "./provider.js";

export interface WebhookConfigArgs {
  /**
   * Where Kompliant delivers: an https URL, unique in its account, compared character by character. Changing it
   * updates the configuration in place.
   */
  readonly url: pulumi.Input<string>;
  /**
   * The account that the configuration belongs to; changing it replaces the configuration.
   * Default: the provider's account, then `kompliant:accountId`, then `KOMPLIANT_ACCOUNT_ID`.
   */
  readonly accountId?: pulumi.Input<string> | undefined;
  /**
   * Take over the configuration that has this URL, if there is one, instead of failing because the URL exists.
   * Matters only when the resource is created, and is not kept in state. Default: false.
   */
  readonly adoptExisting?: pulumi.Input<boolean> | undefined;
}

/**
 * A webhook configuration of a Kompliant account: an https endpoint that payloads are sent to.
 *
 * Fails in preview if the URL is not https, if the program declares it twice, or if it declares more than 20 in one
 * account. The option `import: "whc_…"` takes over an existing configuration instead of creating one.
 *
 * @example
 * const orders = new WebhookConfig("orders", { url: "https://example.com/kompliant/orders" });
 * export const ordersId = orders.id; // whc_2K9mPxR7N4jL8hS6TdWfY3
 */
export class WebhookConfig extends pulumi.CustomResource {
  declare readonly url: pulumi.Output<string>;
  declare readonly accountId: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly createdAt: pulumi.Output<string>;
  /** ISO 8601; equal to `createdAt` until the first update. */
  declare readonly updatedAt: pulumi.Output<string>;

  /**
   * Reads a configuration that something else manages. It is never changed or deleted.
   *
   * @param id the configuration's `whc_…` id
   * @example
   * const theirs = WebhookConfig.get("theirs", "whc_2K9mPxR7N4jL8hS6TdWfY3");
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: { readonly accountId?: pulumi.Input<string> | undefined } = {},
    opts: pulumi.CustomResourceOptions = {},
  ): WebhookConfig {
    return new WebhookConfig(name, state as WebhookConfigArgs, { ...opts, id });
  }

  constructor(name: string, args: WebhookConfigArgs, opts: pulumi.CustomResourceOptions = {}) {
    // The engine would hand `import` to the runtime, which cannot do it; our own check and create can.
    const { import: takeOver, ...options } = opts;
    const outputs = { url: undefined, accountId: undefined, createdAt: undefined, updatedAt: undefined };
    const inputs =
      options.id === undefined
        ? {
            ...args,
            conflict: conflictOf(name, args, options),
            ...(takeOver === undefined ? {} : { import: takeOver }),
          }
        : args;
    super(
      WEBHOOK_CONFIG_TYPE,
      name,
      { ...outputs, ...inputs, __provider: WEBHOOK_CONFIG_TEXT },
      // For `--target-replace` the engine asks for no diff, so this is the only place to say that two cannot coexist.
      { deleteBeforeReplace: true, ...options },
    );
  }

  /** Whether a value is a `WebhookConfig`, of whichever copy of this package. */
  static override isInstance(value: unknown): value is WebhookConfig {
    return (
      pulumi.Resource.isInstance(value) &&
      (value as { __pulumiType?: string }).__pulumiType === WEBHOOK_CONFIG_TYPE
    );
  }
}

/** The conflict with another resource of this program, if there is one. */
function conflictOf(
  name: string,
  { url, accountId }: WebhookConfigArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<DeclaredConflict | undefined> {
  const provider = providerOf(options, WEBHOOK_CONFIG_TYPE);
  return pulumi
    .all([url, accountId ?? accountOf(provider)])
    .apply(([knownUrl, account = ""]) => declare(provider, account, [{ name, url: knownUrl }]));
}
