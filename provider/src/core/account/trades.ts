/**
 * URLs of one account are unique, so an endpoint can only take a URL once its holder has given it up. This module
 * decides who moves next; it knows nothing of calls, clocks or Pulumi.
 */

/** What is known of an account at one moment. */
export interface Board {
  /** Which configuration has a URL. */
  holderOf(url: string): string | undefined;
  /** The new URL of a configuration that this run moves. No other configuration may be moved. */
  targetOf(id: string): string | undefined;
  /** Ids and URLs that calls under way are about to change. */
  readonly busy: ReadonlySet<string>;
  /** The holders come from a list, not only from what state says. */
  readonly isListed: boolean;
}

/** What is to be done next so that a configuration gets a URL. */
export type Step =
  | { readonly kind: "reached" }
  /** Move `id` to `url`, where it belongs; without id: create a configuration there. */
  | { readonly kind: "move"; readonly id: string | undefined; readonly url: string }
  /** Each of these has the URL that the one before it is to get, the first that of the last. */
  | { readonly kind: "rotate"; readonly ids: readonly [string, ...string[]] }
  /** List the account first: what state says is no reason to park a configuration. */
  | { readonly kind: "list" }
  /** A call under way will change what is known. */
  | { readonly kind: "wait" }
  /** `holder` has a URL that is needed, and nothing in this run has said that it moves. */
  | { readonly kind: "blocked"; readonly holder: string };

/**
 * Follows the chain of holders until one of them can move.
 *
 * @param id the configuration that is to get the URL; absent if a configuration is to be created there
 * @returns the one step that brings it nearer
 */
export function nextStep(id: string | undefined, url: string, board: Board): Step {
  if (id !== undefined && board.busy.has(id)) return { kind: "wait" };
  const waiting: string[] = id === undefined ? [] : [id];
  let mover = id;
  let wanted = url;
  for (;;) {
    if (board.busy.has(wanted)) return { kind: "wait" };
    const holder = board.holderOf(wanted);
    if (holder === undefined) return { kind: "move", id: mover, url: wanted };
    if (holder === id && mover === id) return { kind: "reached" };
    if (board.busy.has(holder)) return { kind: "wait" };
    const [first, ...rest] = waiting.slice(waiting.indexOf(holder));
    if (first === holder)
      return board.isListed ? { kind: "rotate", ids: [first, ...rest] } : { kind: "list" };
    const target = board.targetOf(holder);
    if (target === undefined || target === wanted) return { kind: "blocked", holder };
    waiting.push(holder);
    mover = holder;
    wanted = target;
  }
}

/** The query parameter that marks a parked configuration. */
export const PARKING = "kompliant-parked";

/**
 * The URL on which a configuration waits while others rotate: its own, with one more query parameter, so that the
 * payloads of that moment still reach the receiver they always went to.
 *
 * @param url the configuration's present URL
 */
export function parkingUrl(url: string, id: string): string {
  const [address = "", ...fragment] = url.split("#");
  const joint = !address.includes("?") ? "?" : /[?&]$/.test(address) ? "" : "&";
  return [`${address}${joint}${PARKING}=${id}`, ...fragment].join("#");
}

/** Whether a URL is one that `parkingUrl` makes. */
export function isParkingUrl(url: string): boolean {
  return new RegExp(`[?&]${PARKING}=`).test(url);
}
