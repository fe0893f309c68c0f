import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connect, createServer } from "node:net";

const ANSWER_WITHIN_MS = 10_000;
/** Of a listening socket in `/proc/net/unix`, whose last column is its name: `@` for the leading and any final NUL. */
const LISTENING = / 00010000 \d+ \d+ +\d+ @(.+?)@*$/;

/**
 * Listens for the run's other processes. Linux has names for sockets that are no files, and vanish with their process:
 * so the processes find each other without a trace on a disk.
 *
 * @param run what all processes of the run have in common, and no others of this host
 * @param answer what to answer to each of the others that asks
 * @param onUnreachable called if the others cannot ask this process
 * @returns gives the names of the sockets of the others, those that have loaded this package
 */
export function listenForSiblings(
  run: string,
  pid: number,
  answer: () => string,
  onUnreachable: () => void,
): () => Promise<readonly string[]> {
  if (process.platform !== "linux") {
    onUnreachable();
    return async () => [];
  }
  const prefix = `kompliant-provider ${run} `;
  // Containers may share the names of sockets, and yet each count its processes from 1.
  const own = `${prefix}${randomBytes(8).toString("hex")} ${pid}`;
  createServer((socket) => {
    socket.on("error", () => {});
    socket.end(answer());
  })
    .on("error", onUnreachable)
    .listen({ path: `\0${own}` })
    .unref();
  return async () => {
    const sockets = await readFile("/proc/net/unix", "latin1");
    const names = sockets.split("\n").map((line) => LISTENING.exec(line)?.[1] ?? "");
    return names.filter((name) => name.startsWith(prefix) && name !== own);
  };
}

/** The number of the process that listens at a socket. */
export function pidOf(socket: string): string | undefined {
  return socket.split(" ").at(-1);
}

/**
 * Asks another process.
 *
 * @param name that of its socket
 * @returns its answer; empty if it has ended
 * @throws if it does not answer
 */
export function ask(name: string): Promise<string> {
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
