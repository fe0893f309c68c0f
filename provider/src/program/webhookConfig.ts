import * as pulumi from "@pulumi/pulumi";
import { WEBHOOK_CONFIG_TEXT, WEBHOOK_CONFIG_TYPE } from "../shells/dynamic/text.js";
import { declaration, isOfType } from "./declaration.js";
import { recover } from "./sdk.js";

/** What a program says of one webhook configuration. */
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
 * A webhook configuration of a Kompliant account: an https endpoint that payloads are sent to. Its `id` is the
 * configuration's `whc_…` id, which stays when the URL changes.
 *
 * The preview fails if the URL is not https or has blanks around it, if settings are missing or malformed, or if an input
 * or option fails. It also fails if the program declares the URL twice in one account, or more than 20 configurations there
 * (Kompliant's limit of active ones), all by the same provider.
 *
 * The option `import: "whc_…"` takes over this very configuration instead of creating one, and fails if the account
 * does not have it. Like `adoptExisting` it matters only when the resource is created.
 *
 * @example
 * import { WebhookConfig } from "pulumi-kompliant";
 *
 * const orders = new WebhookConfig("orders", { url: "https://example.com/kompliant/orders" });
 * export const ordersId = orders.id; // whc_2K9mPxR7N4jL8hS6TdWfY3
 */
export class WebhookConfig extends pulumi.CustomResource {
  /** Where Kompliant delivers. */
  declare readonly url: pulumi.Output<string>;
  /** The account that the configuration belongs to. */
  declare readonly accountId: pulumi.Output<string>;
  /** When Kompliant created it: ISO 8601, for example `2025-10-21T15:42:33.109Z`. */
  declare readonly createdAt: pulumi.Output<string>;
  /** When its URL was last changed: ISO 8601; equal to `createdAt` until the first change. */
  declare readonly updatedAt: pulumi.Output<string>;

  /**
   * Reads a configuration that something else manages. It is never changed or deleted. The deployment fails if the
   * account does not have it.
   *
   * @param name the resource's name in the program
   * @param id the configuration's `whc_…` id
   * @param state the account that has it
   * @param opts Pulumi's resource options, such as `provider`
   * @example
   * import { WebhookConfig } from "pulumi-kompliant";
   *
   * const theirs = WebhookConfig.get("theirs", "whc_2K9mPxR7N4jL8hS6TdWfY3");
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: {
      /** Default: the provider's account, then `kompliant:accountId`, then `KOMPLIANT_ACCOUNT_ID`. */
      readonly accountId?: pulumi.Input<string> | undefined;
    } = {},
    opts: pulumi.CustomResourceOptions = {},
  ): WebhookConfig {
    // Without the account, the engine would read from another one: so the id waits until both are known.
    const account = recover(state.accountId, undefined).value;
    const known = pulumi.all([id, account]).apply(([known]) => known);
    return new WebhookConfig(name, state as WebhookConfigArgs, { ...opts, id: known });
  }

  /**
   * @param name the resource's name in the program: another name is another resource, unless `aliases` says otherwise
   * @param args the URL, and what else is asked for
   * @param opts Pulumi's resource options; `import`, `provider`, `aliases` and `protect` work as usual, but
   * `customTimeouts` does nothing
   */
  constructor(name: string, args: WebhookConfigArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { inputs, options } = declaration(WEBHOOK_CONFIG_TEXT, name, args, opts);
    const outputs = { url: undefined, accountId: undefined, createdAt: undefined, updatedAt: undefined };
    super(
      WEBHOOK_CONFIG_TYPE,
      name,
      { ...outputs, ...inputs },
      // For `--target-replace` the engine asks for no diff, so this is the only place to say that two cannot coexist.
      { deleteBeforeReplace: true, ...options, ...readId(options.id) },
    );
  }

  /**
   * Whether a value is a `WebhookConfig`, of whichever copy of this package.
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is WebhookConfig {
    return isOfType(value, WEBHOOK_CONFIG_TYPE);
  }
}

/** The engine reads nothing without an id; where it has failed, read says so, whatever the id is. */
function readId(id: pulumi.Input<pulumi.ID> | undefined): { readonly id?: pulumi.Output<pulumi.ID> } {
  return id === undefined ? {} : { id: pulumi.output(id).apply((known) => known ?? "none") };
}
