import type { Store, StoredAccount } from "./store.js";

/** What the rules of a method take from the outside world. */
export interface World {
  /** The accounts that belong to the credentials. The store may hold others. */
  readonly accountIds: readonly string[];
  now(): Date;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** Why a request is refused. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly sub_code?: string;
  readonly details?: readonly { readonly field: string; readonly message: string }[];
}

/** What a request comes to: a refusal, or `data` and the store as it is afterwards. */
export type Outcome =
  | { readonly problem: Problem }
  | { readonly problem?: undefined; readonly data: unknown; readonly store: Store };

/** The rules of one method. */
export type Rule = (store: Store, params: unknown, world: World) => Outcome;

export function refused(
  code: string,
  message: string,
  more: Partial<Pick<Problem, "status" | "sub_code" | "details">> = {},
): Outcome {
  return { problem: { status: 400, code, message, ...more } };
}

export function accountOf(store: Store, id: string, { accountIds }: World): StoredAccount | undefined {
  return accountIds.includes(id) ? store[id] : undefined;
}

export function unknownAccount(id: string): Outcome {
  return refused("ENTITY_NOT_FOUND", `Account ${id} does not exist.`);
}
