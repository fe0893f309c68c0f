import type { Account } from "./account/account.js";
import { type Config, isSameConfig } from "./api/schemas.js";
import type { Call } from "./call.js";
import { shownUrl } from "./messages/shown.js";
import type { Owner } from "./ownership.js";
import type { Run } from "./run.js";

/**
 * Deletes a configuration in the name of a resource that goes, or leaves it to another one that stands for it.
 *
 * @param config what the resource that goes has given it
 * @throws UserError
 */
export async function removeConfiguration(
  run: Run,
  call: Call,
  account: Account,
  id: string,
  config: Config,
): Promise<void> {
  const owner = await run.owners.giveUp(call, id);
  if (owner !== undefined) return handOver(run, call, account, id, config, owner);
  const shown = shownUrl(config.url);
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
  config: Config,
  owner: Owner,
): Promise<void> {
  call.log.info(
    `${id} (${shownUrl(config.url)}) was handed over to another resource of this stack: it is not deleted`,
  );
  if (owner.by !== "state" || owner.config === undefined || isSameConfig(owner.config, config)) return;
  // Both have stood for it, and the one that goes may have been the last to move it.
  const op = run.operation(call, account.accountId, `leave ${id} at ${owner.config.url}`);
  try {
    const listed = await account.list(op);
    if (listed.has(id) && !isSameConfig(account.configOf(id), owner.config))
      await account.move(id, owner.config, op);
  } catch (error) {
    throw run.failure(error, op);
  }
}
