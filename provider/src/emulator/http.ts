import type { IncomingMessage, ServerResponse } from "node:http";
import type { Hit } from "./faults.js";
import type { Answer } from "./rules.js";

/** @param most bytes; of a longer body, enough is read to tell that it is longer */
export async function readBody(request: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (length <= most) chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks).toString("utf8");
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
