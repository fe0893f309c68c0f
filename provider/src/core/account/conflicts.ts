import type { KompliantError } from "../api/errors.js";
import type { Configuration } from "./configuration.js";

/** Why an account as a whole cannot take what one of its endpoints asks for. */
export type Conflict =
  /** Another configuration has the URL and does not give it up in this run. */
  | {
      readonly kind: "url-taken";
      readonly url: string;
      /** Its id. Absent where the API says that the URL exists, but lists nobody with exactly this URL. */
      readonly holder: string | undefined;
      /** With so many operations at a time, the engine shows every trade inside the account whole. */
      readonly parallel: number;
    }
  /** The account has as many active configurations as Kompliant allows. */
  | { readonly kind: "limit"; readonly url: string; readonly active: readonly Configuration[] }
  /** A create was sent, its answer was lost, and the account could not be made to say whether it took effect. */
  | { readonly kind: "unsettled"; readonly url: string }
  /** A configuration was written, but the account's list does not show it, or not as it was written. */
  | { readonly kind: "not-listed"; readonly configId: string; readonly url: string };

/** A conflict between an endpoint and its account. `cause` is the API's own answer, where there was one. */
export class AccountConflict extends Error {
  override readonly name = "AccountConflict";

  constructor(
    readonly conflict: Conflict,
    readonly accountId: string,
    override readonly cause?: KompliantError,
  ) {
    super(`${conflict.kind} in account ${accountId}`);
  }
}
