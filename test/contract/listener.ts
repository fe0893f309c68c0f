import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { partialOf } from "../support/providerProcess.js";

type Fields = Record<string, unknown>;

/** A call of the engine, as it came. */
export interface HeardCall {
  /** Which of the run's provider processes was asked, in the order in which they began. */
  readonly process: number;
  readonly method: string;
  readonly request: Fields;
  /** Which calls had no answer yet when this one began. */
  readonly during: readonly HeardCall[];
  /** Absent if it never got one. */
  readonly answer?: Fields;
}

interface OpenCall extends HeardCall {
  answer?: Fields;
  /** Hands the answer to the engine. */
  release(): void;
}

/** Hears what the engine asks of provider processes, and decides when it gets their answers. */
export interface Listener {
  /** What the engine's environment needs, so that its provider processes tell. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts anew. */
  clear(): void;
  readonly calls: readonly HeardCall[];
  /** Waits for the next call that is like this; for ever, if there is none before the listener starts anew. */
  next(test: (call: HeardCall) => boolean): Promise<void>;
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * So long must the engine have asked nothing more before answers are handed out. The engine tells nobody that it waits,
 * so this cannot be known: too short a time makes calls seem to exclude each other.
 */
const QUIET_MS = 300;

export const OPERATIONS: ReadonlySet<string> = new Set(["create", "read", "update", "delete"]);

/**
 * Starts a listener. It keeps the answers of operations back until the engine asks nothing more without them, and then
 * hands out one, by name. So a recording shows all that the engine asks at the same time, and what each answer brings
 * about, however fast the answers are.
 */
export async function listenToProviders(): Promise<Listener> {
  let calls: HeardCall[] = [];
  let processes = 0;
  let quiet: NodeJS.Timeout | undefined;
  const open = new Set<OpenCall>();
  const sockets = new Set<Socket>();
  const waiting = new Set<{ test: (call: HeardCall) => boolean; resolve: () => void }>();

  const wait = () => {
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      const [first] = [...open].sort((a, b) => (order(a) < order(b) ? -1 : 1));
      if (first === undefined || [...open].some(({ answer }) => answer === undefined)) return;
      first.release();
      wait();
    }, QUIET_MS);
  };
  const begins = (call: OpenCall) => {
    calls.push(call);
    open.add(call);
    for (const each of waiting)
      if (each.test(call)) {
        waiting.delete(each);
        each.resolve();
      }
  };
  const isHeld = (call: HeardCall) => {
    if (call.method !== "diff") return OPERATIONS.has(call.method);
    // The diff of a refresh follows a read, and there may be many at a time. That of the program follows its check.
    const before = calls[calls.indexOf(call) - 1];
    return before?.method !== "check" || before.request["urn"] !== call.request["urn"];
  };
  const server = createServer((socket) => {
    const process = processes++;
    const own = new Map<number, OpenCall>();
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      for (const call of own.values()) open.delete(call);
    });
    createInterface({ input: socket }).on("line", (line) => {
      const { n, method, request, answer } = JSON.parse(line);
      if (method !== undefined) {
        const release = () => {
          open.delete(call);
          socket.write(`${n}\n`);
        };
        const call: OpenCall = { process, method, request, during: [...open], release };
        own.set(n, call);
        begins(call);
      } else {
        const call = own.get(n);
        if (call === undefined) return;
        call.answer = answerOf(answer);
        if (!isHeld(call)) call.release();
      }
      wait();
    });
  });
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const tap = fileURLToPath(new URL("tap.cjs", import.meta.url));
  const close = () => {
    clearTimeout(quiet);
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return {
    env: { NODE_OPTIONS: `--require=${JSON.stringify(tap)}`, PROVIDER_TAP_PORT: String(port) },
    clear: () => {
      calls = [];
      processes = 0;
      waiting.clear();
    },
    get calls() {
      return calls;
    },
    next: (test) =>
      new Promise((resolve) => {
        waiting.add({ test, resolve });
      }),
    close,
    [Symbol.dispose]: close,
  };
}

export function nameOf({ request }: HeardCall): string | undefined {
  return (request["urn"] as string | undefined)?.split("::").at(-1);
}

/** A call by the name that it has in a recording; no two that are open have the same. */
export function labelOf(call: HeardCall): string {
  return [call.method, nameOf(call)].filter((part) => part !== undefined).join(" ");
}

/** The order in which answers are handed out. */
function order(call: HeardCall): string {
  return `${nameOf(call)} ${call.method}`;
}

/** An error with the part of it that says what exists all the same. */
function answerOf({ details, ...answer }: Fields & { details?: string }): Fields {
  if (details === undefined) return answer;
  const partial = partialOf({ get: () => [Buffer.from(details, "base64")] });
  return { ...answer, partial };
}
