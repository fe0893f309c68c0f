/**
 * The program text that every resource keeps in state instead of its provider's code.
 *
 * The engine runs the text found in state to refresh and to delete, for as long as a resource lives. So these
 * strings, and the module path in them, can never change.
 */
export const WEBHOOK_CONFIG_TEXT = 'exports.handler=()=>require("pulumi-kompliant/dynamic").provider';
export const WEBHOOK_CONFIG_TYPE = "pulumi-nodejs:dynamic/kompliant:WebhookConfig";

/** What the program's side tells check of a conflict inside the program. Ends there: it never reaches state. */
export type DeclaredConflict =
  /** The resources with these names ask for one URL of one account. */
  | { readonly kind: "same-url"; readonly url: string; readonly names: readonly string[] }
  /** The program declares so many configurations in one account. */
  | { readonly kind: "limit"; readonly declared: number };
