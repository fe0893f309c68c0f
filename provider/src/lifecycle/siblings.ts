import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type EndingProcess, engineOf } from "./engineWatch.js";

/** What a process means to do with a configuration: keep it for a resource of the program, or delete it. */
export type Word = "keep" | "lose" | "nothing";

/**
 * The other provider processes of the same run. Each provider of a stack has a process of its own, so a resource that
 * goes may belong to another process than the one that has taken its configuration over.
 */
export interface Siblings {
  /**
   * Tells the others what this process means to do with a configuration.
   *
   * @returns whether they can hear it
   */
  tell(id: string, word: Word): boolean;
  /** What the others have told; `keep` before `lose`. */
  say(id: string): Word;
}

/** Where nobody else can be. */
export const alone: Siblings = { tell: () => true, say: () => "nothing" };

/**
 * Processes that the same engine has started find each other by files, one for each, in a folder of Pulumi's own: it
 * is there for the engine to write to, and for nobody but its user. A file counts only while its process runs.
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
  const run = `${engine.replace(/[^\w.]/g, "_")}-`;
  const file = join(folder, `${run}${own.pid}`);
  const told = new Map<string, Word>();

  let begun = false;
  const begin = () => {
    mkdirSync(folder, { recursive: true });
    // What an earlier process with the same number has left.
    rmSync(file, { force: true });
    process.once("exit", () => tidy(file));
    begun = true;
  };
  return {
    tell: (id, word) => {
      if ((told.get(id) ?? "nothing") === word) return true;
      try {
        if (!begun) begin();
        appendFileSync(file, `${word} ${id}\n`);
        told.set(id, word);
        return true;
      } catch {
        return false;
      }
    },
    say: (id) => {
      const words = others(folder, run, own.pid).map((name) => lastWord(join(folder, name), id));
      return words.find((word) => word === "keep") ?? words.find((word) => word === "lose") ?? "nothing";
    },
  };
}

/** The files of the run's other processes. Removes those of processes that have ended, of whichever run. */
function others(folder: string, run: string, self: number): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.filter((name) => {
    const pid = Number(/-(\d+)$/.exec(name)?.[1]);
    if (isRunning(pid)) return pid !== self && name.startsWith(run);
    tidy(join(folder, name));
    return false;
  });
}

/** What cannot be removed, because somebody else has left it, is in nobody's way. */
function tidy(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function lastWord(file: string, id: string): Word {
  let word: Word = "nothing";
  for (const line of read(file).split("\n")) {
    const [said, about] = line.split(" ");
    if (about === id) word = said as Word;
  }
  return word;
}

/** @returns nothing if the process that has written the file removes it at this moment */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
