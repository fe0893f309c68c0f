import * as pulumi from "@pulumi/pulumi";
import type { Foreign } from "../core/webhookConfigSet/inputs.js";
import { WEBHOOK_CONFIG_SET_TEXT, WEBHOOK_CONFIG_SET_TYPE } from "../shells/dynamic/text.js";
import { declaration, isOfType } from "./declaration.js";

/** What a program says of all webhook configurations of an account. */
export interface WebhookConfigSetArgs {
  /**
   * Where Kompliant delivers: a name of your choice to an https URL. A name keeps its configuration when its URL
   * changes. At most 20 in an account (Kompliant's limit of active ones), each URL once.
   */
  readonly urls: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>>;
  /**
   * The account that the set belongs to; changing it replaces the set.
   * Default: the provider's account, then `kompliant:accountId`, then `KOMPLIANT_ACCOUNT_ID`.
   */
  readonly accountId?: pulumi.Input<string> | undefined;
  /**
   * What becomes of configurations of the account that the set does not declare: `keep` leaves them alone and only
   * reports them when it is refreshed; `remove` deletes them, with a warning in the preview. A configuration whose URL
   * the set declares is taken over in either case. Default: `keep`.
   */
  readonly foreign?: pulumi.Input<Foreign> | undefined;
}

/**
 * All webhook configurations of a Kompliant account as one resource. Unlike single resources it can remove before it
 * adds, so that an account that is full stays manageable, and it hands a configuration over when only its name changes.
 *
 * A set that keeps what is foreign may share its account with other sets and single resources of the program; one that
 * removes it must be alone there. Destroying a set deletes the configurations that it has declared, never foreign ones.
 * Its `id` is the account's id.
 *
 * The preview fails for the same reasons as that of `WebhookConfig`, and if a set with `foreign: "remove"` is not alone
 * in its account, as far as the same provider goes. It warns of everything that will be taken over or removed without
 * having been in the set before. Without a preview (`--skip-preview`) a set with `foreign: "remove"` may remove the endpoint
 * of a resource that the engine shows only later.
 *
 * @example
 * import { WebhookConfigSet } from "pulumi-kompliant";
 *
 * const prod = new WebhookConfigSet("prod", {
 *   urls: {
 *     orders: "https://example.com/kompliant/orders",
 *     payments: "https://example.com/kompliant/payments",
 *   },
 * });
 * export const ids = prod.ids; // { orders: "whc_…", payments: "whc_…" }
 */
export class WebhookConfigSet extends pulumi.CustomResource {
  /** Where Kompliant delivers: name to URL. */
  declare readonly urls: pulumi.Output<Readonly<Record<string, string>>>;
  /** The account that the set belongs to. */
  declare readonly accountId: pulumi.Output<string>;
  /** What becomes of configurations that the set does not declare. */
  declare readonly foreign: pulumi.Output<Foreign>;
  /** Name to config_id (`whc_…`). */
  declare readonly ids: pulumi.Output<Readonly<Record<string, string>>>;
  /**
   * Configurations of the account that nothing in the program stands for, as the set last saw them: config_id to URL.
   * A secret, since their URLs may be secrets of whoever has registered them.
   */
  declare readonly others: pulumi.Output<Readonly<Record<string, string>>>;

  /**
   * @param name the resource's name in the program
   * @param args the URLs, and what becomes of the rest of the account
   * @param opts Pulumi's resource options, such as `provider`; `import` is refused, since a set takes over by itself
   * what has its URLs, and `customTimeouts` does nothing
   */
  constructor(name: string, args: WebhookConfigSetArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { inputs, options } = declaration(WEBHOOK_CONFIG_SET_TEXT, name, args, opts);
    const outputs = { ids: undefined, others: undefined, accountId: undefined, foreign: undefined };
    super(
      WEBHOOK_CONFIG_SET_TYPE,
      name,
      { ...outputs, ...inputs },
      {
        deleteBeforeReplace: true,
        ...options,
        additionalSecretOutputs: ["others", ...(options.additionalSecretOutputs ?? [])],
      },
    );
  }

  /**
   * Whether a value is a `WebhookConfigSet`, of whichever copy of this package.
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is WebhookConfigSet {
    return isOfType(value, WEBHOOK_CONFIG_SET_TYPE);
  }
}
