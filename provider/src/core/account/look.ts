import { createCalls } from "../api/calls.js";
import { createClient } from "../api/client.js";
import { LIST, startOperation } from "../api/operation.js";
import type { Runtime } from "../api/runtime.js";
import type { Settings } from "../api/settings.js";
import { withoutControls } from "../messages/shown.js";
import { byAge, type Configuration } from "./configuration.js";
import { createEvents } from "./events.js";
import { explain } from "./explain.js";
import { createListing } from "./listing.js";

/**
 * The active configurations of an account, oldest first, for whoever only wants to look.
 *
 * @throws Error with everything the user needs to know, and the call's own error as its cause
 */
export async function listAccount(
  settings: Settings,
  accountId: string,
  runtime: Runtime,
): Promise<readonly Configuration[]> {
  const op = startOperation(runtime, runtime, accountId, LIST, settings.operationTimeoutMs);
  try {
    const client = createClient(accountId, createCalls(settings, accountId, runtime));
    const listed = await createListing(client, runtime, createEvents(runtime)).list(op);
    return [...listed.values()].sort(byAge);
  } catch (error) {
    const text = explain(error, { op, settings, active: undefined, now: runtime.date() });
    throw new Error(withoutControls(settings.hide(text)), { cause: error });
  }
}
