import * as pulumi from "@pulumi/pulumi";
import { WEBHOOK_KEY_ACTIVATION_TEXT, WEBHOOK_KEY_ACTIVATION_TYPE } from "../shells/dynamic/text.js";
import { declaration, isOfType } from "./declaration.js";

/** What a program says of which webhook key is active. */
export interface WebhookKeyActivationArgs {
  /**
   * The key that Kompliant is to deliver with: `id` of a `WebhookKey`. Changing it activates the new key in place, and
   * Kompliant deletes the old one in the same step.
   */
  readonly keyId: pulumi.Input<string>;
}

/**
 * Makes a webhook key the active one of its account, with which Kompliant encrypts what it delivers. An account has one
 * active key, so a program has one activation for each account: the preview fails if it has two by the same provider. Its `id`
 * is the id of the key that it has activated first.
 *
 * Let it depend on whatever gives the receiver the key's secret, with `dependsOn`: from the activation on, payloads can be
 * read with that secret alone.
 *
 * Destroying it makes no call, since Kompliant has none for that: the key stays active. A refresh finds the activation gone
 * if the key is not active any more, and the next `up` activates the program's key again, or a new one in its place.
 *
 * @example
 * import { WebhookKey, WebhookKeyActivation } from "pulumi-kompliant";
 *
 * const key = new WebhookKey("main");
 * new WebhookKeyActivation("main", { keyId: key.id });
 */
export class WebhookKeyActivation extends pulumi.CustomResource {
  /** The key that is active. */
  declare readonly keyId: pulumi.Output<string>;
  /** When it became active: ISO 8601, for example `2025-10-21T15:42:33.109Z`; absent where Kompliant does not say. */
  declare readonly activatedAt: pulumi.Output<string | undefined>;

  /**
   * @param name the resource's name in the program
   * @param args which key
   * @param opts Pulumi's resource options, such as `dependsOn` and `provider`; `import` is refused, since an activation of
   * the key that is active already changes nothing, and `customTimeouts` does nothing
   */
  constructor(name: string, args: WebhookKeyActivationArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { inputs, options } = declaration(WEBHOOK_KEY_ACTIVATION_TEXT, name, args, opts);
    super(WEBHOOK_KEY_ACTIVATION_TYPE, name, { activatedAt: undefined, ...inputs }, options);
  }

  /**
   * Whether a value is a `WebhookKeyActivation`, of whichever copy of this package.
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is WebhookKeyActivation {
    return isOfType(value, WEBHOOK_KEY_ACTIVATION_TYPE);
  }
}
