/** An expected failure: its message is all that a user needs, and a trace of our code would only hide what matters. */
export class UserError extends Error {
  override readonly name = "UserError";

  constructor(
    message: string,
    /** The input that it is about, if it is about one. */
    readonly property = "",
  ) {
    super(message);
    // Pulumi's dynamic runtime prints both of most errors.
    this.stack = message.split("\n")[0] ?? "";
  }

  override toString(): string {
    return "kompliant";
  }
}

/**
 * The failure of an operation after which the resource exists all the same: Pulumi keeps `id` and `properties` in
 * state, and the next `up` calls update, even if nothing differs.
 */
export class PartialFailure extends UserError {
  readonly reasons: readonly string[];

  constructor(
    message: string,
    readonly id: string,
    readonly properties: Readonly<Record<string, unknown>>,
  ) {
    super(message);
    this.reasons = [message];
  }
}
