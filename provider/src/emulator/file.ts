import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { lock } from "./lock.js";
import type { Store } from "./store.js";
import { writable } from "./writable.js";

const account = z.object({
  configs: z.array(
    writable.extend({
      config_id: z.string(),
      created_at: z.string(),
      updated_at: z.string().optional(),
    }),
  ),
  keys: z.array(
    z.object({
      key_id: z.string(),
      shared_secret: z.string(),
      status: z.enum(["INACTIVE", "ACTIVE", "DELETED"]),
      created_at: z.string(),
      activated_at: z.string().optional(),
      deleted_at: z.string().optional(),
    }),
  ),
});

/** Files from before there were keys hold only the list of configurations of each account. */
const stored = z.record(
  z.string(),
  z.preprocess((value) => (Array.isArray(value) ? { configs: value, keys: [] } : value), account),
);

/** The file that keeps the accounts of one emulator, which nobody else has meanwhile. */
export interface StoreFile {
  /** What was in it; nothing if there was none. */
  readonly content: Store;
  /** @throws Error if the file cannot be written; it is then as it was */
  save(store: Store): void;
  close(): void;
}

/**
 * @param file a link is followed, and stays
 * @throws Error if the file is there and is not one that the emulator has written, if another emulator has it, or if
 * nothing can be written beside it
 */
export function openFile(file: string): StoreFile {
  const target = targetOf(file);
  const { scratch, release } = lock(target);
  try {
    const content = load(file);
    let isOpen = true;
    return {
      content,
      save: (store) => {
        if (!isOpen) throw new Error(`the emulator that had ${file} is closed`);
        save(target, scratch, store);
      },
      close: () => {
        isOpen = false;
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

function targetOf(file: string): string {
  if (existsSync(file)) {
    if (!statSync(file).isFile()) throw new Error(`${file} is no regular file: name another one.`);
    return realpathSync(file);
  }
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new Error(`${file} is a link to a file that is not there: name that file, or remove the link.`);
  const folder = dirname(file);
  return existsSync(folder) ? join(realpathSync(folder), basename(file)) : file;
}

function load(file: string): Store {
  if (!existsSync(file)) return {};
  try {
    const { data, error } = stored.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (error === undefined) return data as Store;
    throw new Error(problemOf(error));
  } catch (error) {
    throw new Error(
      `${file} is not a file of the emulator: ${(error as Error).message}. Move it away, delete it, or name another one.`,
    );
  }
}

/** A file of something else can have any number of problems, and the first tells enough. */
function problemOf({ issues }: z.ZodError): string {
  const [first] = issues;
  const more = issues.length === 1 ? "" : ` (the first of ${issues.length} problems)`;
  return `${first?.path.join(".") || "the whole"}: ${first?.message}${more}`;
}

/** Writes the whole store to a new file, then puts that in its place: a kill leaves the old one or the new one. */
function save(file: string, scratch: string, store: Store): void {
  try {
    // Never through a link that somebody has put there.
    const handle = openSync(scratch, "wx", 0o600);
    try {
      writeFileSync(handle, JSON.stringify(store, null, 2));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(scratch, file);
  } catch (error) {
    rmSync(scratch, { force: true });
    throw new Error(`the emulator cannot write ${file}: ${(error as Error).message}`);
  }
}
