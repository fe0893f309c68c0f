import type { Account } from "./account/account.js";
import type { Call } from "./call.js";
import { shownUrl } from "./messages/shown.js";
import type { Owner } from "./ownership.js";
import type { Run } from "./run.js";

/**
 * Deletes a configuration in the name of a resource that goes, or leaves it to another one that stands for it.
 *
 * @param url the URL that the resource that goes has given it
 * @throws UserError
 */
export async function removeConfiguration(
  run: Run,
  call: Call,
  account: Account,
  id: string,
  url: string,
): Promise<void> {
  const owner = await run.owners.giveUp(call, id);
  if (owner !== undefined) return handOver(run, call, account, id, url, owner);
  const shown = shownUrl(url);
  const op = run.operation(call, account.accountId, `delete ${id} (${shown})`);
  try {
    const outcome = await account.remove(id, op);
    if (outcome === "gone")
      call.log.info(`${id} (${shown}) was gone already from account ${account.accountId}`);
  } catch (error) {
    run.owners.keeps(id);
    throw run.failure(error, op);
  }
}

async function handOver(
  run: Run,
  call: Call,
  account: Account,
  id: string,
  url: string,
  owner: Owner,
): Promise<void> {
  call.log.info(
    `${id} (${shownUrl(url)}) was handed over to another resource of this stack: it is not deleted`,
  );
  if (owner.by !== "state" || owner.url === undefined || owner.url === url) return;
  // Both have stood for it, and the one that goes may have been the last to move it.
  const op = run.operation(call, account.accountId, `leave ${id} at ${owner.url}`);
  try {
    const listed = await account.list(op);
    if (listed.has(id) && account.urlOf(id) !== owner.url) await account.move(id, owner.url, op);
  } catch (error) {
    throw run.failure(error, op);
  }
}
