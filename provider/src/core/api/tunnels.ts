import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import type { Dispatcher } from "undici";

/** A proxy does not let the request through. It comes before the request is sent. */
export class TunnelError extends Error {
  override readonly name = "TunnelError";

  constructor(
    message: string,
    /** The proxy has refused: asked again, it would refuse again. */
    readonly refused: boolean,
  ) {
    super(message);
  }
}

/** What undici asks of its client of a proxy. */
interface ConnectParams {
  readonly path: string;
  readonly headers: http.OutgoingHttpHeaders;
}

/**
 * A proxy's client for undici's `ProxyAgent`, by Node.js's own HTTP. undici's own client asks a proxy that closes the
 * connection again and again, without a pause and without an end, and hears of no signal meanwhile.
 *
 * @param timeoutMs how long the proxy may take to open a tunnel
 * @see https://github.com/nodejs/undici/blob/v7.30.2/lib/dispatcher/proxy-agent.js the calls of `this[kClient]`
 */
export function createTunnels(proxy: URL, timeoutMs: number): Dispatcher {
  const ended = new AbortController();
  const { request } = proxy.protocol === "https:" ? https : http;
  const connect = ({ path, headers }: ConnectParams) =>
    new Promise<{ socket: Socket; statusCode: number }>((resolve, reject) => {
      const asking = request({
        method: "CONNECT",
        host: proxy.hostname.replace(/^\[|\]$/g, ""),
        port: proxy.port,
        path,
        headers,
        agent: false,
        signal: ended.signal,
      });
      const late = setTimeout(
        () =>
          asking.destroy(new TunnelError(`the proxy opened no tunnel within ${timeoutMs / 1_000} s`, false)),
        timeoutMs,
      );
      asking.once("close", () => clearTimeout(late));
      asking.once("connect", ({ statusCode = 0 }, socket, head) => {
        clearTimeout(late);
        if (statusCode >= 200 && statusCode < 300) {
          if (head.length > 0) socket.unshift(head);
          // undici takes no other of the numbers that open a tunnel.
          resolve({ socket: socket as Socket, statusCode: 200 });
          return;
        }
        socket.destroy();
        reject(new TunnelError(`the proxy refused the tunnel with HTTP ${statusCode}`, true));
      });
      asking.once("error", (error: NodeJS.ErrnoException) => {
        const isProxys = /^(ECONNRESET|EPIPE|EPROTO$|HPE_)/.test(error.code ?? "");
        reject(isProxys ? new TunnelError(`the proxy opened no tunnel: ${error.message}`, true) : error);
      });
      asking.end();
    });
  const end = async () => ended.abort();
  return { connect, close: end, destroy: end } as unknown as Dispatcher;
}
