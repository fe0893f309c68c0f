import type { Directory } from "./account/directory.js";
import type { Rival } from "./memory.js";
import { shownUrl } from "./messages/shown.js";
import type { Session } from "./session.js";

/**
 * Deletes a configuration in the name of a resource that goes, or leaves it to another one that has it now.
 *
 * @param url the URL that the resource that goes has given it
 * @throws UserError
 */
export async function letGo(session: Session, directory: Directory, id: string, url: string): Promise<void> {
  const { memory, runtime } = session;
  await memory.askOthers();
  const heir = memory.giveUp(id);
  if (heir !== undefined) return handOver(session, directory, id, url, heir);
  const shown = shownUrl(url);
  const op = session.operation(directory.accountId, `delete ${id} (${shown})`);
  try {
    const outcome = await directory.remove(id, op);
    if (outcome === "gone")
      runtime.info(`${id} (${shown}) was gone already from account ${directory.accountId}`);
  } catch (error) {
    memory.spare(id);
    throw session.failure(error, op);
  }
}

async function handOver(
  session: Session,
  directory: Directory,
  id: string,
  url: string,
  heir: Rival,
): Promise<void> {
  session.runtime.info(
    `${id} (${shownUrl(url)}) was handed over to another resource of this stack: it is not deleted`,
  );
  if (heir.how !== "stands" || heir.url === undefined || heir.url === url) return;
  // Both have stood for it, and the one that goes may have been the last to move it.
  const op = session.operation(directory.accountId, `leave ${id} at ${heir.url}`);
  try {
    const listed = await directory.list(op);
    if (listed.has(id) && directory.urlOf(id) !== heir.url) await directory.update(id, heir.url, op);
  } catch (error) {
    throw session.failure(error, op);
  }
}
