import type { Dispatcher } from "undici";
import type { Reply } from "./answer.js";

/** One request on its way, and what comes back. */
export interface Exchange {
  /** What undici tells of the request. */
  readonly handler: Dispatcher.DispatchHandler;
  /** Whether the request has got a connection to be written to. */
  isSent(): boolean;
  /** Rejects if no reply comes, or only a part of one. */
  readonly reply: Promise<Reply>;
  /** Gives the request up: nothing more is sent or read. */
  end(reason: string): void;
}

/** Far more than 20 configurations take. The rest of a longer body is not read. */
const MOST_BYTES = 1024 * 1024;

export function createExchange(): Exchange {
  let controller: Dispatcher.DispatchController | undefined;
  let over: Error | undefined;
  let head: Omit<Reply, "text" | "isWhole"> | undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let settle!: { resolve(reply: Reply): void; reject(error: Error): void };
  const reply = new Promise<Reply>((resolve, reject) => {
    settle = { resolve, reject };
  });

  function end(reason: string): void {
    over = new Error(reason);
    // undici ends a request only once it has a connection, and the caller is not to wait for that.
    settle.reject(over);
    controller?.abort(over);
  }

  function read(isWhole: boolean): void {
    if (head !== undefined)
      settle.resolve({ ...head, text: Buffer.concat(chunks).toString("utf8"), isWhole });
  }

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (given) => {
      if (over === undefined) controller = given;
      else given.abort(over);
    },
    // An interim answer (103, for one) comes this way too, and is replaced by the final one.
    onResponseStart: (_, status, headers) => {
      const all = (name: string) => [headers[name] ?? []].flat();
      head = {
        status,
        contentType: all("content-type")[0] ?? "",
        retryAfter: all("retry-after")[0],
        link: all("link").join(", "),
      };
    },
    onResponseData: (given, chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) return;
      read(false);
      given.abort(new Error("the answer is too long"));
    },
    onResponseEnd: () => read(true),
    onResponseError: (_, error) => settle.reject(error),
  };
  return { handler, isSent: () => controller !== undefined, reply, end };
}
