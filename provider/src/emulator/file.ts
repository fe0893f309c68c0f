import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Store } from "./rules.js";

const stored = z.record(
  z.string(),
  z.array(
    z.object({
      config_id: z.string(),
      url: z.string(),
      created_at: z.string(),
      updated_at: z.string().optional(),
    }),
  ),
);

/** @throws Error if the file is there and is not one that the emulator has written */
export function load(file: string): Store {
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

/**
 * Writes the whole store beside the file, then puts it in its place: a kill leaves the old one or the new one.
 *
 * @throws Error if the file cannot be written; it is then as it was
 */
export function save(file: string, store: Store): void {
  const beside = `${file}.new`;
  try {
    const handle = openSync(beside, "w");
    try {
      writeFileSync(handle, JSON.stringify(store, null, 2));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(beside, file);
  } catch (error) {
    throw new Error(`the emulator cannot write ${file}: ${(error as Error).message}`);
  }
}
