import { readFileSync, rmSync } from "node:fs";
import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Where processes of one machine can listen, and find each other. */
export interface Addresses {
  /** What every address begins with. */
  readonly root: string;
  /** Makes it possible to listen at an address. */
  prepare(address: string): Promise<void>;
  /** All addresses at which a process may listen, other programs' too. */
  list(): Promise<readonly string[]>;
}

/** Abstract sockets on Linux and pipes on Windows are no files, and vanish with their process. */
export function addressesOf({ platform, env }: Pick<NodeJS.Process, "platform" | "env">): Addresses {
  switch (platform) {
    case "linux":
      return abstractSockets;
    case "win32":
      return namedPipes;
    default:
      return socketFiles(join(env["TMPDIR"] || "/tmp", `kompliant-${process.getuid?.()}`));
  }
}

/** A socket that listens, in `/proc/net/unix`. The last column is its name: `@` for the leading and any final NUL. */
const LISTENING = / 00010000 \d+ \d+ +\d+ @(.+?)@*$/gm;

const abstractSockets: Addresses = {
  root: "\0kompliant-",
  prepare: async () => {},
  list: async () =>
    // The kernel answers at once: to wait for it as for a disk takes five times as long.
    [...readFileSync("/proc/net/unix", "latin1").matchAll(LISTENING)].map(([, name]) => `\0${name}`),
};

const PIPES = "\\\\.\\pipe\\";

const namedPipes: Addresses = {
  root: `${PIPES}kompliant-`,
  prepare: async () => {},
  list: async () => (await readdir(PIPES)).map((name) => `${PIPES}${name}`),
};

/** What macOS has room for; Node cuts off the rest of a name and says nothing. */
const LONGEST_NAME = 103;

/**
 * A process that is killed leaves its file, and the engine kills its providers in the end. No other process removes it:
 * it might be the file of one that is about to listen.
 */
function socketFiles(folder: string): Addresses {
  const check = async () => {
    const stats = await lstat(folder);
    if (!stats.isDirectory() || stats.uid !== process.getuid?.() || (stats.mode & 0o077) !== 0)
      throw new Error(`${folder} is not this user's alone`);
  };
  return {
    root: `${folder}/`,
    prepare: async (address) => {
      if (Buffer.byteLength(address) > LONGEST_NAME) throw new Error(`${address} is too long`);
      await mkdir(folder, { mode: 0o700 }).catch(() => {});
      await check();
      process.once("exit", () => {
        try {
          rmSync(address, { force: true });
        } catch {}
      });
    },
    list: async () => {
      await check();
      return (await readdir(folder)).map((name) => `${folder}/${name}`);
    },
  };
}
