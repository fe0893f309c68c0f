import * as pulumi from "@pulumi/pulumi";
import { WEBHOOK_KEY_TEXT, WEBHOOK_KEY_TYPE } from "../shells/dynamic/text.js";
import { declaration, isOfType } from "./declaration.js";

/** What a program says of one webhook key. */
export interface WebhookKeyArgs {
  /**
   * The account that the key belongs to; changing it makes a new key.
   * Default: the provider's account, then `kompliant:accountId`, then `KOMPLIANT_ACCOUNT_ID`.
   */
  readonly accountId?: pulumi.Input<string> | undefined;
  /**
   * Whatever a new key is to be made for, such as the month: any change makes a new key, before the old one goes. Kompliant
   * is not told. Default: none.
   */
  readonly keepers?: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>> | undefined;
}

/**
 * A webhook key of a Kompliant account, with the secret that payloads are encrypted with. Its `id` is the key's `whk_…` id.
 * A new key is inactive: `WebhookKeyActivation` makes it the one that Kompliant delivers with, once whoever receives the
 * payloads has the secret.
 *
 * Kompliant tells the secret once, when it creates the key. So a key cannot be imported, and where the answer to a create
 * is lost, another key is made; the one that is left over is inactive and harmless, and a warning says so.
 *
 * Kompliant has no call that deletes a key: destroying this resource makes no call. A key is deleted there as soon as
 * another one of its account becomes active. A refresh finds such a key gone, and the next `up` makes a new one.
 *
 * @example
 * import { WebhookKey, WebhookKeyActivation } from "pulumi-kompliant";
 *
 * const key = new WebhookKey("main", { keepers: { rotated: "2026-11" } });
 * // Here goes whatever puts `key.sharedSecret` where the receiver reads it.
 * new WebhookKeyActivation("main", { keyId: key.id });
 */
export class WebhookKey extends pulumi.CustomResource {
  /** The account that the key belongs to. */
  declare readonly accountId: pulumi.Output<string>;
  /** What the program has said that the key is made for. */
  declare readonly keepers: pulumi.Output<Readonly<Record<string, string>> | undefined>;
  /** What payloads are encrypted with, in Base64: a secret, known to nobody but Kompliant and the stack's state. */
  declare readonly sharedSecret: pulumi.Output<string>;
  /** When Kompliant created it: ISO 8601, for example `2025-10-21T15:42:33.109Z`. */
  declare readonly createdAt: pulumi.Output<string>;

  /**
   * @param name the resource's name in the program
   * @param args what is asked for
   * @param opts Pulumi's resource options, such as `provider`; `import` is refused, since the secret cannot be read, and
   * `customTimeouts` does nothing
   */
  constructor(name: string, args: WebhookKeyArgs = {}, opts: pulumi.CustomResourceOptions = {}) {
    const { inputs, options } = declaration(WEBHOOK_KEY_TEXT, name, args, opts);
    const outputs = { accountId: undefined, sharedSecret: undefined, createdAt: undefined };
    super(
      WEBHOOK_KEY_TYPE,
      name,
      { ...outputs, ...inputs },
      {
        ...options,
        additionalSecretOutputs: ["sharedSecret", ...(options.additionalSecretOutputs ?? [])],
      },
    );
  }

  /**
   * Whether a value is a `WebhookKey`, of whichever copy of this package.
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is WebhookKey {
    return isOfType(value, WEBHOOK_KEY_TYPE);
  }
}
