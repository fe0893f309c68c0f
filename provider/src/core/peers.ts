import { createHash, randomBytes } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import * as z from "zod";
import { UserError } from "./failures.js";
import { addressesOf } from "./peerAddresses.js";

/** What a process of the run means to do with a configuration. */
export type Word = "keep" | "delete" | "nothing";

/** The other provider processes of the same run: each provider of a stack has a process of its own. */
export interface Peers {
  /**
   * What the others say of a configuration: `keep` if one of them keeps it, else `delete` if one deletes it. Whoever
   * asks sets its own word first: then of two processes that decide at the same moment at least one hears the other,
   * since each listens before it looks for others.
   *
   * @throws UserError if one of them runs and does not answer
   */
  ask(id: string): Promise<Word>;
  /** False where the others cannot find this process. Known once the first `ask` has resolved. */
  readonly isHeard: boolean;
}

/** Where there are no others. */
export const alone: Peers = { ask: async () => "nothing", isHeard: true };

const ANSWER_WITHIN_MS = 10_000;
/** macOS lets 128 connections wait at a socket, and refuses the next as if nobody listened. */
const MOST_PEERS = 100;
const MOST_CHARACTERS = 262_144;
const QUESTION = z.array(z.string());
const ANSWER = z.array(z.enum(["keep", "delete", "nothing"]));

/**
 * @param engine what all processes of the run have in common, and no others of this host: their engine's address
 * @param wordOf what this process says of a configuration when it is asked
 */
export function createPeers(
  own: Pick<NodeJS.Process, "pid" | "env" | "platform">,
  engine: string,
  wordOf: (id: string) => Word,
): Peers {
  const { root, prepare, list } = addressesOf(own);
  const run = `${root}${createHash("sha256").update(engine).digest("hex").slice(0, 12)}-`;
  // Containers may share the names of sockets, and yet each count its processes from 1.
  const address = `${run}${randomBytes(4).toString("hex")}-${own.pid}`;
  const listening = prepare(address)
    .then(() => listen(address, wordOf))
    .catch(() => false);
  let isHeard = false;

  const askAll = async (ids: readonly string[]): Promise<ReadonlyMap<string, Word>> => {
    const listens = await listening;
    const found = await list().catch((): string[] => []);
    const isFound = listens && found.includes(address);
    if (isHeard && !isFound) throw failure("this one can no longer find the others. Deploy again.");
    isHeard = isFound;
    const others = found.filter((at) => at !== address && at.startsWith(run) && pidOf(at) !== undefined);
    if (others.length > MOST_PEERS)
      throw failure(`of ${others.length} others at most ${MOST_PEERS} are asked.`);
    const answers = await Promise.all(others.map((other) => askOne(other, ids)));
    return new Map(ids.map((id, n) => [id, strongest(answers.map((words) => words[n]))]));
  };

  // One question at a time, about all ids that wait: so no process has more than one connection to another.
  const waiting = new Set<string>();
  let next: Promise<ReadonlyMap<string, Word>> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask: async (id) => {
      waiting.add(id);
      next ??= last.then(() => {
        const ids = [...waiting];
        waiting.clear();
        next = undefined;
        return askAll(ids);
      });
      last = next.catch(() => {});
      return (await next).get(id) ?? "nothing";
    },
    get isHeard() {
      return isHeard;
    },
  };
}

function strongest(words: readonly (Word | undefined)[]): Word {
  return words.includes("keep") ? "keep" : words.includes("delete") ? "delete" : "nothing";
}

/** Digits only: another user's process may have given itself any name. */
function pidOf(address: string): string | undefined {
  return /-[\da-f]{8}-(\d{1,10})$/.exec(address)?.[1];
}

function failure(reason: string): UserError {
  return new UserError(
    `nothing was deleted or taken over: the processes of this deployment's providers ask each other what they stand for, and ${reason}`,
  );
}

function listen(address: string, wordOf: (id: string) => Word): Promise<boolean> {
  return new Promise((resolve) => {
    createServer((socket) => {
      socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
      lineFrom(socket)
        .then((line) =>
          socket.end(`${JSON.stringify(QUESTION.parse(JSON.parse(line)).map((id) => wordOf(id)))}\n`),
        )
        .catch(() => socket.destroy());
    })
      .on("error", () => resolve(false))
      .listen({ path: address }, () => resolve(true))
      .unref();
  });
}

/**
 * @returns a word for each id; none if the process has ended
 * @throws UserError if it does not answer
 */
async function askOne(
  address: string,
  ids: readonly string[],
  late = AbortSignal.timeout(ANSWER_WITHIN_MS),
  isLastTry = false,
): Promise<readonly Word[]> {
  const socket = connect({ path: address, signal: late });
  try {
    socket.write(`${JSON.stringify(ids)}\n`);
    return ANSWER.length(ids.length).parse(JSON.parse(await lineFrom(socket)));
  } catch (error) {
    const { code = "no answer of this package" } = error as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED" || code === "ENOENT") return [];
    // A process that ends may close its connections before it can no longer be found.
    if (!isLastTry && !late.aborted) return askOne(address, ids, late, true);
    const reason = late.aborted ? `no answer within ${ANSWER_WITHIN_MS / 1_000} s` : code;
    throw failure(`process ${pidOf(address)} does not answer (${reason}). Deploy again.`);
  } finally {
    socket.destroy();
  }
}

/** The first line that comes. */
function lineFrom(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = "";
    socket.setEncoding("utf8").on("data", (text) => {
      line += text;
      if (line.endsWith("\n")) resolve(line);
      else if (line.length > MOST_CHARACTERS) socket.destroy(new Error("too long"));
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("no whole line")));
  });
}
