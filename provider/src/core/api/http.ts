import type { Dispatcher } from "undici";
import { oneLine } from "../messages/shown.js";
import type { Reply } from "./answer.js";
import type { Failure } from "./errors.js";
import { createExchange } from "./exchange.js";
import type { Runtime } from "./runtime.js";
import { isLoopback, type Settings } from "./settings.js";
import { createTunnels, TunnelError } from "./tunnels.js";

/** Sends requests to the API, each once. */
export interface Http {
  /**
   * @param path below the base URL
   * @param body JSON
   * @param timeoutMs after so long it is over, whatever the network does, or when the deployment is cancelled
   */
  post(path: string, body: string, timeoutMs: number): Promise<Reply | Unanswered>;
}

/** Nothing came back, or not all of it. */
export type Unanswered = Extract<Failure, { readonly kind: "unreachable" | "unanswered" }>;

const CONNECT_MS = 10_000;

export function createHttp(settings: Settings, runtime: Runtime): Http {
  const dispatcher = runtime.dispatcher ?? dispatcherFor(settings);
  const { cancelled } = runtime;
  const base = new URL(settings.baseUrl);

  const requestOf = (path: string, body: string): Dispatcher.DispatchOptions => ({
    origin: base.origin,
    path: `${base.pathname.replace(/\/$/, "")}/${path}`,
    method: "POST",
    headers: {
      ...settings.authentication(),
      "content-type": "application/json",
      accept: "application/json",
      "x-api-version": settings.apiVersion,
      "user-agent": "pulumi-kompliant",
    },
    body,
    // undici's own defaults may be shorter than what the settings allow.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  return {
    post: async (path, body, timeoutMs) => {
      const { handler, isSent, reply, end } = createExchange();
      const stop = runtime.after(timeoutMs, () =>
        end(`${isSent() ? "no complete answer within" : "no connection within"} ${timeoutMs / 1_000} s`),
      );
      const onCancel = () => end("the deployment was cancelled");
      cancelled?.addEventListener("abort", onCancel, { once: true });
      try {
        dispatcher.dispatch(requestOf(path, body), handler);
        return await reply;
      } catch (error) {
        return connectionFailure(error, isSent(), settings.hide);
      } finally {
        stop();
        cancelled?.removeEventListener("abort", onCancel);
      }
    },
  };
}

function dispatcherFor({ baseUrl, maxConcurrentCalls, requestTimeoutMs }: Settings): Dispatcher {
  // Loaded with the first client: a run that changes nothing makes no call, and need not wait for this.
  const { Agent, EnvHttpProxyAgent } = require("undici") as typeof import("undici");
  const connectMs = Math.ceil(Math.min(CONNECT_MS, requestTimeoutMs));
  const options = { connections: maxConcurrentCalls, connect: { timeout: connectMs } };
  // Plain http is allowed to this machine because it does not leave it, which it would by a proxy.
  if (isLoopback(new URL(baseUrl).hostname)) return new Agent(options);
  return new EnvHttpProxyAgent({ ...options, clientFactory: (proxy) => createTunnels(proxy, connectMs) });
}

/**
 * A certificate or a protocol that is not accepted now will not be accepted in a second, nor what a SOCKS proxy refuses.
 *
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const REFUSED =
  /^(UND_ERR_SOCKS5|CERT_|ERROR_IN_CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|ERR_TLS_CERT_ALTNAME_)|^ERR_SSL_(WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|.*HANDSHAKE_FAILURE|.*ALERT_PROTOCOL_VERSION)$/;

/**
 * What an error of a request means.
 *
 * @param isSent whether anything of the request has gone to the server
 * @param hide hides credentials: a certificate, for one, says what its owner likes
 */
export function connectionFailure(
  error: unknown,
  isSent: boolean,
  hide: (text: string) => string,
): Unanswered {
  const { code, message = "" } = error as { code?: string | number; message?: string };
  // An abort has a number for a code, which says nothing to anybody.
  const name = typeof code === "string" && !message.includes(code) ? code : "";
  const reason = oneLine(hide([name, message].filter(Boolean).join(": ")), 200);
  if (isSent) return { kind: "unanswered", reason };
  const permanent = error instanceof TunnelError ? error.refused : REFUSED.test(String(code));
  return { kind: "unreachable", reason: `${reason}; nothing was sent`, permanent };
}
