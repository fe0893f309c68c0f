import type * as pulumi from "@pulumi/pulumi";
import type { Directory } from "../account/directory.js";
import { line } from "../account/explain.js";
import { foresee } from "../foresight.js";
import type { Wish } from "../memory.js";
import { MAYBE_ANOTHER_ACCOUNT } from "../messages/nothingListed.js";
import { shownUrl } from "../messages/shown.js";
import type { Session } from "../session.js";
import { hasAnother } from "./rivals.js";

interface Inputs {
  readonly accountId: string;
  readonly url: string;
}

/** Compares a new resource with the live account: what cannot work fails, what may not work is a warning. */
export async function preview(
  session: Session,
  { accountId, url }: Inputs,
  wish: Wish,
): Promise<pulumi.dynamic.CheckFailure[]> {
  const { runtime, memory, forewarnings } = session;
  const directory = session.directory(accountId);
  if (wish.import !== undefined || wish.adopt) await memory.askOthers();
  if (wish.import !== undefined) {
    const rival = memory.rivalOf(wish.import, accountId, url);
    if (rival !== undefined) return [{ property: "import", reason: hasAnother(wish.import, rival) }];
  }
  if (!(await canSee(session, accountId))) return [];
  const holder = directory.holderOf(url);
  if (wish.import !== undefined) {
    const present = directory.urlOf(wish.import);
    if (present === undefined)
      return [{ property: "import", reason: importedUnknown(session, directory, wish.import) }];
    if (present !== url)
      runtime.warn(`taking over ${wish.import} will change its URL from ${shownUrl(present)} to ${url}`);
    memory.wants(wish.import, accountId, url, "import");
    return [];
  }
  if (wish.adopt && holder !== undefined && !directory.moves(holder)) {
    const rival = memory.rivalOf(holder, accountId, url);
    if (rival !== undefined) return [{ property: "adoptExisting", reason: hasAnother(holder, rival) }];
    memory.wants(holder, accountId, url, "adopt");
    return [];
  }
  forewarnings.wants(accountId, { url });
  return [];
}

/** Whether the live account can be seen. If it cannot, that is said once. */
async function canSee(session: Session, accountId: string): Promise<boolean> {
  if (session.directory(accountId).lastListed() !== undefined) return true;
  const otherwise = "Conflicts with what is live cannot be seen in advance.";
  return (await foresee(session, accountId, otherwise)) !== undefined;
}

/** Compares a resource that is to have another URL, or to be in another account, with the live account. */
export async function previewChange(
  session: Session,
  id: string,
  olds: Inputs,
  { accountId, url }: Inputs,
): Promise<void> {
  if (session.acting || session.deploys || !(await canSee(session, accountId))) return;
  session.forewarnings.wants(accountId, { url, ...(olds.accountId === accountId ? { id } : {}) });
}

/** Why a configuration cannot be taken over by its id, and what to do. */
export function importedUnknown(session: Session, directory: Directory, id: string): string {
  return `cannot take over ${id}: ${unknownId(session, directory)}\n  If it was deleted since this resource has taken it over, remove the option \`import\`: \`pulumi up\` then creates a new one.`;
}

/** That an account does not have a configuration, and what it has. */
export function unknownId(session: Session, directory: Directory): string {
  const active = [...(directory.lastListed()?.values() ?? [])];
  const listed = active.map((configuration) => `\n  ${line(configuration, session.runtime.date())}`).join("");
  return `account ${directory.accountId} has no such configuration. ${active.length === 0 ? `It has none at all. ${MAYBE_ANOTHER_ACCOUNT}` : `It has:${listed}`}`;
}
