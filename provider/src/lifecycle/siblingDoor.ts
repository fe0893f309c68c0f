import { readFile } from "node:fs/promises";
import { connect, createServer } from "node:net";

const ANSWER_WITHIN_MS = 10_000;
/** Of a listening socket in `/proc/net/unix`, whose last column is its name: `@` for the leading and any final NUL. */
const LISTENING = / 00010000 \d+ \d+ +\d+ @(.+?)@*$/;

/** The sockets by which the processes of a run find each other without leaving a trace on a disk. */
export interface Door {
  /** The sockets of the run's other processes, those that have loaded this package. */
  others(): Promise<readonly string[]>;
}

/**
 * Listens for the run's other processes. Linux has names for sockets that are no files, and vanish with their process.
 *
 * @param run what all processes of the run have in common, and no others of this host
 * @param self what tells this process from the others
 * @param answer what to tell whoever knocks
 * @param onShut called if nobody can knock here
 */
export function openDoor(
  run: string,
  self: string,
  answer: () => string,
  onShut: () => void,
): Door | undefined {
  if (process.platform !== "linux") {
    onShut();
    return undefined;
  }
  const prefix = `kompliant-provider ${run} `;
  const own = `${prefix}${self}`;
  createServer((socket) => {
    socket.on("error", () => {});
    socket.end(answer());
  })
    .on("error", onShut)
    .listen({ path: `\0${own}` })
    .unref();
  return {
    others: async () => {
      const sockets = await readFile("/proc/net/unix", "latin1");
      const names = sockets.split("\n").map((line) => LISTENING.exec(line)?.[1] ?? "");
      return names.filter((name) => name.startsWith(prefix) && name !== own);
    },
  };
}

/**
 * Knocks at another process.
 *
 * @returns its answer; empty if it has ended
 * @throws if it does not answer
 */
export function knock(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ path: `\0${name}`, timeout: ANSWER_WITHIN_MS });
    socket.setEncoding("utf8");
    socket.on("data", (text) => {
      answer += text;
    });
    socket.once("timeout", () => socket.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1_000} s`)));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      // It ends at this moment.
      if (error.code === "ECONNREFUSED" || error.code === "ECONNRESET") resolve("");
      else reject(error);
    });
    socket.once("close", () => resolve(answer));
  });
}
