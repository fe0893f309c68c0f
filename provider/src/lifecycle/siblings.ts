import { homedir } from "node:os";
import { join } from "node:path";
import { type EndingProcess, engineOf } from "./engineWatch.js";
import { identityOf } from "./processIdentity.js";
import { UserError } from "./session.js";
import { knock, openDoor } from "./siblingDoor.js";
import { wordFilesOf } from "./wordFiles.js";

/** What a process means to do with a configuration: keep it for a resource of the program, or delete it. */
export type Word = "keep" | "lose" | "nothing";

/**
 * The other provider processes of the same run. Each provider of a stack has a process of its own, so a resource that
 * goes may belong to another process than the one that has taken its configuration over.
 */
export interface Siblings {
  /**
   * Has the others write down what they have told so far. Whoever is about to delete or to take over a configuration
   * calls it first: only then do `tell` and `say` reach all of them.
   *
   * @throws UserError if one of them cannot be heard
   */
  meet(): Promise<void>;
  /**
   * Tells the others what this process means to do with a configuration.
   *
   * @returns whether the others can hear it
   */
  tell(id: string, word: Word): boolean;
  /** What the others have written down; `keep` before `lose`. */
  say(id: string): Word;
}

/** Where nobody else can be. */
export const alone: Siblings = { meet: async () => {}, tell: () => true, say: () => "nothing" };

/**
 * Processes that the same engine has started tell each other by files, one for each, in a folder of Pulumi's own: it
 * is there for the engine to write to, and for nobody but its user. A file counts unless its process has ended.
 *
 * Most runs have one provider process, and it writes nothing: a process writes down what it has told only when another
 * one knocks. Of two processes at least one finds the other, since each listens before it looks; and the one that is
 * found writes down all it has told before the other decides.
 *
 * @returns `alone` in a process that no engine has started
 */
export function siblingsOf(
  own: Pick<EndingProcess, "argv"> & { readonly pid: number },
  env: Readonly<Record<string, string | undefined>>,
): Siblings {
  const engine = engineOf(own);
  if (engine === undefined) return alone;
  const folder = join(env["PULUMI_HOME"] || join(homedir(), ".pulumi"), "kompliant-runs");
  const files = wordFilesOf(folder, engine, own.pid);
  const told = new Map<string, Word>();
  let text = "";
  let speaks = false;

  const speak = () => {
    speaks = true;
    return files.hold(text);
  };
  const { namespace } = identityOf(own.pid);
  const door = openDoor(engine, `${namespace} ${own.pid}`, () => (speak() ? "yes" : "no"), speak);

  return {
    meet: async () => {
      const others = (await door?.others()) ?? [];
      if (others.length === 0) return;
      speak();
      await Promise.all(others.map((name) => hear(name, folder)));
    },
    tell: (id, word) => {
      if ((told.get(id) ?? "nothing") !== word) text += `${word} ${id}\n`;
      told.set(id, word);
      return !speaks || speak();
    },
    say: (id) => {
      if (speaks) speak();
      const words = files.lastWords(id);
      return words.includes("keep") ? "keep" : words.includes("lose") ? "lose" : "nothing";
    },
  };
}

/** @throws UserError if what the process has told is not in its file */
async function hear(name: string, folder: string): Promise<void> {
  const reason = await knock(name).then(
    (answer) =>
      answer === "no"
        ? "cannot write there. Make the folder writable, or name another one by PULUMI_HOME, and deploy again."
        : undefined,
    (error: Error) => `does not answer (${error.message}). Deploy again.`,
  );
  if (reason === undefined) return;
  throw new UserError(
    `nothing was deleted or taken over: the processes of this deployment's providers tell each other by files in ${folder} what they stand for, and process ${name.split(" ").at(-1)} ${reason}`,
  );
}
