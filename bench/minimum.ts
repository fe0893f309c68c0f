import type { Counts } from "../test/support/calls.js";
import type { Operation } from "./deployment.js";

/**
 * The fewest calls that can do it. Creates, updates and deletes have no batch form. The answer to a create or an update
 * holds no times, so each account is listed after its last one; and before its first create, or a create whose answer is
 * lost could not be told from what was there already.
 */
export function fewestCalls(operation: Operation, size: number, accounts: number): Counts {
  const none: Counts = { create: 0, get: 0, list: 0, update: 0, delete: 0 };
  switch (operation) {
    case "up":
      return { ...none, create: size, list: 2 * accounts };
    case "no-op up":
      return none;
    case "update":
      return { ...none, update: size, list: accounts };
    case "refresh":
      return { ...none, list: accounts };
    case "destroy":
      return { ...none, delete: size };
  }
}
