import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { oneLine } from "../core/messages/shown.js";
import { identityOf, statusOf } from "./identity.js";

/** What a process has while nobody else can have it. */
export interface Lock {
  /** A name beside the file that nobody else uses. */
  readonly scratch: string;
  release(): void;
}

const mark = z.object({
  pid: z.number().int().positive(),
  place: z.string(),
  started: z.string(),
  since: z.string(),
});
type Mark = z.infer<typeof mark>;

/** Removed when the process ends without having released them. A kill leaves them to whoever comes next. */
const own = new Set<string>();
let removesAtExit = false;

/**
 * Sees to it that nobody else has the file. Each puts a mark of its own beside the file, and only then looks for those
 * of others: so of two that come at the same time, one at least sees the other. The marks of processes that have ended
 * are removed.
 *
 * @param file its real path, so that it has one name
 * @throws Error that names the process that has it
 */
export function lock(file: string): Lock {
  const beginning = `${basename(file)}.lock-`;
  const name = `${beginning}${process.pid}-${randomBytes(8).toString("hex")}`;
  const path = join(dirname(file), name);
  const release = () => {
    remove(path);
    own.delete(path);
  };
  const since = new Date().toISOString();
  try {
    writeFileSync(path, JSON.stringify({ ...identityOf(process.pid), since }), { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new Error(`the emulator cannot write ${file}: ${(error as Error).message}`);
  }
  own.add(path);
  if (!removesAtExit) process.once("exit", () => own.forEach(remove));
  removesAtExit = true;
  try {
    for (const other of readdirSync(dirname(file)))
      if (other.startsWith(beginning) && other !== name) giveWay(file, join(dirname(file), other));
  } catch (error) {
    release();
    throw error;
  }
  return { scratch: scratchOf(path), release };
}

/** @throws Error if the mark is that of a process that may be running */
function giveWay(file: string, path: string): void {
  const other = read(path);
  if (other === undefined) return;
  const status = statusOf(other);
  if (status !== "ended") throw new Error(takenBy(other, status, file, path));
  remove(path);
}

function takenBy(
  { pid, place, since }: Mark,
  status: "running" | "unknown",
  file: string,
  path: string,
): string {
  const who = `another emulator has the file ${file} since ${oneLine(since)}: process ${pid}`;
  return status === "running"
    ? `${who}. End it, or name another file.`
    : `${who} of another machine or container (${oneLine(place)}), which cannot be seen from here. End it there, or name another file; if it has ended, delete ${path}.`;
}

/** @returns nothing for what is no mark, or not a whole one yet: who writes it has still to look for this process's own */
function read(path: string): Mark | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return mark.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function remove(path: string): void {
  rmSync(path, { force: true });
  rmSync(scratchOf(path), { force: true });
}

function scratchOf(path: string): string {
  return `${path}.new`;
}
