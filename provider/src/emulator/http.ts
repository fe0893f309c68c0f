import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Delivery } from "./delivery.js";

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

export function deliver(response: ServerResponse, delivery: Delivery): void {
  switch (delivery.kind) {
    case "never":
      return;
    case "drop":
      response.destroy();
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
  }
  const { status, headers, text, isCut } = delivery;
  response.writeHead(status, headers);
  if (isCut) response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy());
  else response.end(text);
}
