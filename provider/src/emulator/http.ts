import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Hit } from "./faults.js";
import type { Answer } from "./rules.js";

/** Names of this machine, as they stand in `Host` and `Origin`. */
const HERE = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Why a request is not for this emulator, or nothing if it is. A web page can make a browser call any port of its
 * machine, and can give 127.0.0.1 a name of its own; then `Origin` or `Host` are not the emulator's.
 */
export function foreignness({ host = "", origin }: IncomingHttpHeaders, port: number): string | undefined {
  const own = HERE.map((name) => `${name}:${port}`);
  if (![...HERE, ...own].includes(host.toLowerCase()))
    return `the emulator is called by the names ${HERE.join(", ")} only, and ${JSON.stringify(host)} is none of them`;
  if (origin !== undefined && !own.some((name) => origin === `http://${name}`))
    return `the emulator takes no requests of the web page ${JSON.stringify(origin)}`;
  return undefined;
}

/**
 * What is left of a body that is too long is not read, so nothing else can come by its connection.
 *
 * @returns the body, or as much of it as tells that it is longer than `most` bytes
 */
export function readBody(request: IncomingMessage, response: ServerResponse, most: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = () => resolve(Buffer.concat(chunks).toString("utf8"));
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= most) return;
      request.removeAllListeners("data");
      request.pause();
      response.setHeader("connection", "close");
      end();
    });
    request.on("end", end);
    request.on("error", reject);
  });
}

/** Sends an object as JSON, and a string as plain text. */
export function send(response: ServerResponse, status: number, body: unknown): void {
  const { type, text } = written(body);
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) });
  response.end(text);
}

/** Answers as the fault has it. @param said what the API has to say; undefined if it was not asked */
export function sendUnderFault(
  response: ServerResponse,
  hit: Hit | undefined,
  said: Answer | undefined,
): void {
  const { status, body } = said ?? { status: 200, body: {} };
  switch (hit?.effect) {
    case "never":
      return;
    case "drop":
      response.destroy();
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "status":
      sendAsProxy(response, hit);
      return;
    case "cut": {
      const { type, text } = written(body);
      response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) });
      response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy());
      return;
    }
    default:
      send(response, status, body);
  }
}

function sendAsProxy(response: ServerResponse, hit: Extract<Hit, { effect: "status" }>): void {
  const words = "An answer of the infrastructure.";
  const [type, text] = {
    html: ["text/html", `<html><body><h1>${hit.status}</h1><p>${words}</p></body></html>`] as const,
    json: ["application/json", JSON.stringify({ message: words })] as const,
    empty: [undefined, ""] as const,
  }[hit.body];
  response.writeHead(hit.status, {
    ...(type === undefined ? {} : { "content-type": type }),
    ...(hit.retryAfter === undefined ? {} : { "retry-after": hit.retryAfter }),
  });
  response.end(text);
}

function written(body: unknown): { type: string; text: string } {
  return typeof body === "string"
    ? { type: "text/plain", text: body }
    : { type: "application/json", text: JSON.stringify(body) };
}
