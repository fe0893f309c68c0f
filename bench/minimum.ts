import type { Counts } from "../test/support/calls.js";
import type { Operation } from "./deployment.js";

/**
 * The fewest calls that can do it. Creates, updates and deletes have no batch form. The answer to a create or an update
 * holds no times, so each account is listed after its last one. It is also listed before the first one. A create whose
 * answer is lost could otherwise not be told from what was there already. And a diff may be that of a preview, which warns
 * of URLs that are taken: the runtime does not say.
 */
export function fewestCalls(operation: Operation, size: number, accounts: number): Counts {
  const none: Counts = { create: 0, get: 0, list: 0, update: 0, delete: 0 };
  switch (operation) {
    case "up":
      return { ...none, create: size, list: 2 * accounts };
    case "no-op up":
      return none;
    case "update":
      return { ...none, update: size, list: 2 * accounts };
    case "refresh":
      return { ...none, list: accounts };
    case "destroy":
      return { ...none, delete: size };
  }
}
