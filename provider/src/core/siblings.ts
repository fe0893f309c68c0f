import { homedir } from "node:os";
import { join } from "node:path";
import { engineOf } from "../shells/engineWatch.js";
import { UserError } from "./session.js";
import { ask, listenForSiblings, pidOf } from "./siblingSockets.js";
import { wordFilesOf } from "./wordFiles.js";

/** What a process means to do with a configuration: keep it for a resource of the program, or delete it. */
export type Word = "keep" | "lose" | "nothing";

/**
 * The other provider processes of the same run. Each provider of a stack has a process of its own, so a resource that
 * goes may belong to another process than the one that has taken its configuration over.
 */
export interface Siblings {
  /**
   * Has the others write down what they have noted so far. Whoever is about to delete or to take over a configuration
   * calls it first: from then on all of them read what the others note.
   *
   * @throws UserError if one of them does not answer or cannot write
   */
  askOthers(): Promise<void>;
  /**
   * Notes for the others what this process means to do with a configuration.
   *
   * @returns false if it had to be written down, and could not
   */
  note(id: string, word: Word): boolean;
  /** What the others have written down about a configuration; `keep` before `lose`. */
  noteOfOthers(id: string): Word;
}

/** Where there are no others. */
export const alone: Siblings = { askOthers: async () => {}, note: () => true, noteOfOthers: () => "nothing" };

/**
 * Processes that the same engine has started tell each other by files, one for each, in a folder of Pulumi's own: it
 * is there for the engine to write to, and for nobody but its user. A file counts unless its process has ended.
 *
 * Most runs have one provider process, and it writes nothing: a process writes down what it has noted only when another
 * one asks. Of two processes at least one finds the other, since each listens before it looks; and the one that is
 * found writes down all it has noted before the other decides.
 *
 * @returns `alone` in a process that no engine has started
 */
export function siblingsOf(own: Pick<NodeJS.Process, "argv" | "pid" | "env">): Siblings {
  const engine = engineOf(own);
  if (engine === undefined) return alone;
  const folder = join(own.env["PULUMI_HOME"] || join(homedir(), ".pulumi"), "kompliant-runs");
  const files = wordFilesOf(folder, engine, own.pid);
  const noted = new Map<string, Word>();
  let text = "";
  let writes = false;

  const write = () => {
    writes = true;
    return files.write(text);
  };
  const socketsOfOthers = listenForSiblings(engine, own.pid, () => (write() ? "yes" : "no"), write);

  return {
    askOthers: async () => {
      const sockets = await socketsOfOthers();
      if (sockets.length === 0) return;
      write();
      await Promise.all(sockets.map((socket) => askToWrite(socket, folder)));
    },
    note: (id, word) => {
      if ((noted.get(id) ?? "nothing") !== word) text += `${word} ${id}\n`;
      noted.set(id, word);
      return !writes || write();
    },
    noteOfOthers: (id) => {
      // Its file may have been removed meanwhile.
      if (writes) write();
      const words = files.wordsOfOthers(id);
      return words.includes("keep") ? "keep" : words.includes("lose") ? "lose" : "nothing";
    },
  };
}

/** @throws UserError if what the process has noted is not in its file */
async function askToWrite(socket: string, folder: string): Promise<void> {
  const reason = await ask(socket).then(
    (answer) =>
      answer === "no"
        ? "cannot write there. Make the folder writable, or name another one by PULUMI_HOME, and deploy again."
        : undefined,
    (error: Error) => `does not answer (${error.message}). Deploy again.`,
  );
  if (reason === undefined) return;
  throw new UserError(
    `nothing was deleted or taken over: the processes of this deployment's providers tell each other by files in ${folder} what they stand for, and process ${pidOf(socket)} ${reason}`,
  );
}
