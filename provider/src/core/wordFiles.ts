import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { identityOf, type ProcessIdentity, statusOf } from "../emulator/identity.js";

const DAY_MS = 86_400_000;
/** Windows has neither. */
const NO_LINK = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The files of a run's processes: each writes its own, and reads those of the others. */
export interface WordFiles {
  /**
   * Brings the own file to hold a text, which may only grow from call to call. Writes what is new, or the whole text if
   * the file has vanished.
   *
   * @param text lines of a word, a blank, and what it is about
   * @returns whether the file holds it
   */
  write(text: string): boolean;
  /** The word in the last line about something in each file of the run's other processes, in no order. */
  wordsOfOthers(about: string): readonly string[];
}

/** @param run what all processes of the run have in common, and no others of this host */
export function wordFilesOf(folder: string, run: string, pid: number): WordFiles {
  const self = identityOf(pid);
  const own = nameOf(run, self);
  const file = join(folder, own);
  let written = 0;
  let tidied = false;
  const readings = new Map<string, Reading>();
  process.once("exit", () => remove(file));

  const bringTo = (text: Buffer) => {
    const present = regular(file);
    if (written > 0 && present?.size === written) {
      if (text.length > written) put(file, APPEND, text.subarray(written));
    } else if (text.length > 0) {
      makeFolder(folder);
      rmSync(file, { force: true });
      put(file, CREATE, text);
    }
    written = text.length;
  };

  /** The files of the run's other processes. */
  const others = (): readonly string[] => {
    if (!isFolder(folder)) return [];
    const names = readdirSync(folder).filter((name) => name !== own);
    // Once: a question for each resource must not look at the files of all other runs.
    if (!tidied) for (const name of names) removeIfOver(join(folder, name), identityIn(name, self));
    tidied = true;
    const prefix = nameOf(run);
    return names.filter((name) => {
      const identity = name.startsWith(prefix) ? identityIn(name, self) : undefined;
      return identity !== undefined && statusOf(identity) !== "ended";
    });
  };

  return {
    write: (text) => {
      try {
        bringTo(Buffer.from(text));
        return true;
      } catch {
        written = 0;
        return false;
      }
    },
    wordsOfOthers: (about) =>
      others().flatMap((name) => {
        const reading = readAdded(join(folder, name), readings.get(name));
        if (reading === undefined) return [];
        readings.set(name, reading);
        return reading.words.get(about) ?? [];
      }),
  };
}

const APPEND = constants.O_WRONLY | constants.O_APPEND | NO_LINK;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_LINK;

function put(file: string, flags: number, text: Buffer): void {
  const descriptor = openSync(file, flags, 0o600);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** What has been read of a file so far. */
interface Reading {
  readonly inode: number;
  /** Up to the end of the last whole line. */
  readonly bytes: number;
  readonly words: Map<string, string>;
}

/** Reads what has been added to a file, or all of it if it is another one now. */
function readAdded(file: string, before: Reading | undefined): Reading | undefined {
  const present = regular(file);
  if (present === undefined) return undefined;
  const isSame = before?.inode === present.ino && before.bytes <= present.size;
  const { bytes, words } = isSame ? before : { bytes: 0, words: new Map<string, string>() };
  const added = present.size > bytes ? read(file, bytes) : Buffer.alloc(0);
  const whole = added.lastIndexOf("\n") + 1;
  for (const line of added.toString("utf8", 0, whole).split("\n")) {
    const blank = line.indexOf(" ");
    if (blank > 0) words.set(line.slice(blank + 1), line.slice(0, blank));
  }
  return { inode: present.ino, bytes: bytes + whole, words };
}

/** @returns nothing if its process removes the file at this moment, or if it is somebody else's */
function read(file: string, from: number): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | NO_LINK);
    const stats = fstatSync(descriptor);
    const buffer = Buffer.alloc(stats.isFile() ? Math.max(0, stats.size - from) : 0);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, from));
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The process's number comes last. Without an identity: what the names of all files of the run begin with. */
function nameOf(run: string, identity?: ProcessIdentity): string {
  const prefix = `${encodeURIComponent(run)},`;
  if (identity === undefined) return prefix;
  return `${prefix}${hashOf(identity.place)},${identity.started}-${identity.pid}`;
}

/** The process that a file is named after, if it is such a file. */
function identityIn(name: string, self: ProcessIdentity): ProcessIdentity | undefined {
  const [, hash, started = "", pid] = /^[^,]+,([\da-f]{16}),([\w-]*)-(\d{1,10})$/.exec(name) ?? [];
  if (hash === undefined) return undefined;
  // Of another place nothing more need be known than that it is another one.
  return { pid: Number(pid), place: hash === hashOf(self.place) ? self.place : hash, started };
}

/** A host's name may be as long as a file's name may be, and hold what a file's name may not. */
function hashOf(place: string): string {
  return createHash("sha256").update(place).digest("hex").slice(0, 16);
}

/** Removes a file that nobody will miss: its process has ended, or may be running elsewhere and no run takes a day. */
function removeIfOver(file: string, by: ProcessIdentity | undefined): void {
  if (by === undefined) return;
  const status = statusOf(by);
  if (status === "running") return;
  const present = regular(file);
  if (present === undefined) return;
  if (status === "ended" || Date.now() - present.mtimeMs > DAY_MS) remove(file);
}

/** A file that cannot be removed does no harm. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}

/** @throws if it is not a folder of this user */
function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isFolder(folder)) throw new Error(`${folder} is not a folder`);
  chmodSync(folder, 0o700);
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** What is known of a file; nothing of a folder, a link, or what is not there. */
function regular(file: string): Stats | undefined {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true ? stats : undefined;
}
