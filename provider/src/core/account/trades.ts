/**
 * URLs of one account are unique, so an endpoint can only take a URL once its holder has given it up. This module
 * decides who moves next; it knows nothing of calls, clocks or Pulumi.
 */

/** A URL that somebody waits for: an update (with the configuration's id), or a create (without). */
export interface Goal {
  readonly id: string | undefined;
  readonly url: string;
  /** An operation of the engine waits for it. Otherwise it is a parked configuration whose own turn is to come. */
  readonly claimed: boolean;
}

/** What is known of an account at one moment. */
export interface Board {
  /** Which configuration holds a URL: url to id. */
  readonly holders: ReadonlyMap<string, string>;
  /** Where each configuration goes that this run moves: id to url. Nobody else may ever be moved. */
  readonly targets: ReadonlyMap<string, string>;
  /** Ids and URLs that calls under way are about to change. */
  readonly busy: ReadonlySet<string>;
  /** Configurations that were moved out of the way and have not arrived yet. */
  readonly parked: ReadonlySet<string>;
  /** URLs that configurations have given up in this run. */
  readonly vacated: ReadonlySet<string>;
  /** `holders` comes from a list, not only from what the stack's state says. */
  readonly verified: boolean;
  /**
   * The engine has shown all it can while operations wait: those that can be let through by parking a holder whose
   * own way is not clear yet shall be, so that the engine shows more.
   */
  readonly makeRoom: boolean;
}

/** What is to be done about one goal now. */
export type Step =
  | { readonly kind: "reached" }
  /** Move `id` to `url`, where it belongs; without id: create a configuration there. */
  | { readonly kind: "move"; readonly id: string | undefined; readonly url: string }
  /** Move `id` out of the way, to a URL of the same receiver. */
  | { readonly kind: "park"; readonly id: string }
  /** Look at the account first: nobody is parked on hearsay. */
  | { readonly kind: "look" }
  /** A call under way will change the picture. */
  | { readonly kind: "wait" }
  /** Nothing can be done before `holder`, which nothing in this run has said will move, gives its URL up. */
  | { readonly kind: "blocked"; readonly holder: string };

/**
 * Follows a goal from holder to holder until one can move.
 *
 * @returns the one step that brings the goal nearer
 */
export function nextStep(goal: Goal, board: Board): Step {
  const givingWay: string[] = [];
  let mover = goal.id;
  let url = goal.url;
  if (mover !== undefined && board.busy.has(mover)) return { kind: "wait" };
  for (;;) {
    if (board.busy.has(url)) return { kind: "wait" };
    const holder = board.holders.get(url);
    if (holder === undefined) {
      // Where URLs are being traded, one that seems free is likely held by somebody who has not been seen yet.
      if (!board.verified && isTrading(board)) return { kind: "look" };
      const debtor = mover === undefined ? owedTo(url, board) : undefined;
      return debtor === undefined ? { kind: "move", id: mover, url } : { kind: "blocked", holder: debtor };
    }
    if (holder === mover) return { kind: "reached" };
    if (board.busy.has(holder)) return { kind: "wait" };
    const closesCycle = holder === goal.id || givingWay.includes(holder);
    if (closesCycle) return board.verified ? { kind: "park", id: holder } : { kind: "look" };
    const target = board.targets.get(holder);
    if (target === undefined || target === url) {
      const [first] = givingWay;
      const helps = board.makeRoom && goal.claimed && goal.id !== undefined && first !== undefined;
      if (!helps) return { kind: "blocked", holder };
      return board.verified ? { kind: "park", id: first } : { kind: "look" };
    }
    givingWay.push(holder);
    mover = holder;
    url = target;
  }
}

function isTrading({ holders, targets }: Board): boolean {
  return [...targets.values()].some((target) => holders.has(target));
}

/**
 * A new configuration may not take the last vacated URLs while others are parked: those must have somewhere to go
 * back to if the run gets stuck. (A move gives up a URL for the one it takes, so moves need no such rule.)
 */
function owedTo(url: string, board: Board): string | undefined {
  if (!board.vacated.has(url)) return undefined;
  const free = [...board.vacated].filter((vacated) => !board.holders.has(vacated)).length;
  const [debtor] = board.parked;
  return free <= board.parked.size ? debtor : undefined;
}

/** The query parameter that marks a parked configuration. */
export const PARKING = "kompliant-parked";

/**
 * The URL on which a configuration waits for its turn: its own, with one more query parameter, so that the payloads
 * of that moment still reach the receiver they always went to.
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

/**
 * Where a parked configuration goes when its own URL stays out of reach: to one that was given up in this run,
 * of the same receiver if there is one. The account then sends to the same URLs as before, and nothing is parked.
 */
export function refuge(url: string, board: Board): string | undefined {
  const free = [...board.vacated].filter(
    (vacated) => !board.holders.has(vacated) && !board.busy.has(vacated),
  );
  const host = URL.canParse(url) ? new URL(url).host : undefined;
  return free.find((candidate) => URL.canParse(candidate) && new URL(candidate).host === host) ?? free[0];
}
