/** What the program's side and the provider process agree on, besides the frozen text. */

/**
 * Kompliant's limit of active configurations in one account.
 *
 * @see kompliant documentation, "webhook.config.create": the error MAX_WEBHOOK_URL_LIMIT
 */
export const LIMIT = 20;

/** What the program's side tells check of the program around a resource. Ends there: it never reaches state. */
export interface Surroundings {
  /** How many resources have been declared through the same provider up to now; absent if that was said before. */
  readonly resources?: number;
  /** How many of them the engine works on at a time; absent if that is not known, or was said before. */
  readonly parallel?: number;
  /** Whether this run is a preview; absent if that was said before. */
  readonly preview?: boolean;
  readonly conflict?: DeclaredConflict;
}

/** A conflict inside the program. */
export type DeclaredConflict =
  /** The resources with these names ask for one URL of one account. */
  | { readonly kind: "same-url"; readonly url: string; readonly names: readonly string[] }
  /** The program declares so many configurations in one account. */
  | { readonly kind: "limit"; readonly declared: number }
  /** A set removes whatever it does not declare, and another resource of the program is in the same account. */
  | { readonly kind: "not-alone"; readonly owner: string; readonly rival: string };

/** What a set does about configurations of its account that nothing in the program declares: leave or delete them. */
export type Foreign = "keep" | "remove";
