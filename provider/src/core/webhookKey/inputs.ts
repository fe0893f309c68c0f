/** What state keeps as inputs of a `WebhookKey`. */
export interface Inputs {
  readonly accountId: string;
  /** Absent where the program gives none. */
  readonly keepers?: Readonly<Record<string, string>>;
}

/** What state keeps as outputs of a `WebhookKey`. */
export interface Outputs extends Inputs {
  /** Base64. Kompliant tells it once, in the answer to the create. */
  readonly sharedSecret: string;
  readonly createdAt: string;
}

/** What state keeps as inputs of a `WebhookKeyActivation`. */
export interface ActivationInputs {
  readonly keyId: string;
}

/** What state keeps as outputs of a `WebhookKeyActivation`. */
export interface ActivationOutputs extends ActivationInputs {
  /** Absent where Kompliant has not said it. */
  readonly activatedAt?: string;
}
