/**
 * An emulator of the Kompliant API, for tests of programs and of tools around them.
 *
 * @module pulumi-kompliant/emulator
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { control } from "./control.js";
import { written } from "./delivery.js";
import type { Emulator, EmulatorOptions } from "./emulator.js";
import { deliver, foreignness, readBody } from "./http.js";
import { MAX_BODY_BYTES } from "./rules.js";
import { openService } from "./service.js";

export type { Emulator, EmulatorOptions } from "./emulator.js";
export type { Fault, FaultPlan } from "./faults.js";
export type { RequestLogEntry } from "./requestLog.js";
export type { Credentials } from "./rules.js";
export type { StoredConfig, StoredKey } from "./store.js";

/** A fault plan or a configuration takes far less. */
const MAX_CONTROL_BYTES = 1_000_000;
/** Whoever calls is on this machine. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Starts an emulator of Kompliant's `webhook.config.*` and `webhook.key.*` methods on 127.0.0.1, for tests: every
 * documented rule, and the faults that a network and a busy server can produce. Where the documentation leaves room it
 * is strict: an update to the URL that a configuration has already is refused, lists come in no order, `updated_at` is
 * absent until the first update, only an `INACTIVE` key can be activated, and all accounts together can have 99 new keys
 * a day (in UTC).
 *
 * Beside the API it serves a control interface in JSON, for tests in other processes and languages. It asks for no
 * credentials; what cannot be done is a 400 with `{error}`.
 *
 * | Control interface | |
 * |---|---|
 * | `GET`, `DELETE /_emulator/requests` | the log; clear it |
 * | `GET`, `PUT`, `DELETE /_emulator/faults` | the fault plan; replace it; end it |
 * | `GET /_emulator/configs?account_id=…` | an account's active configurations |
 * | `POST /_emulator/configs` `{url, account_id?, config_id?}` | register a URL, gives `{config_id}` |
 * | `PATCH /_emulator/configs/whc_…?account_id=…` `{url}` | change a URL |
 * | `DELETE /_emulator/configs/whc_…?account_id=…` | delete a configuration |
 * | `GET /_emulator/keys?account_id=…` | all keys of an account with their secrets |
 * | `POST /_emulator/keys` `{account_id?}` | make a new key active, gives `{key_id}` |
 *
 * Where `account_id` is left out, the first account is meant. A body of more than 1 MB is answered with 413.
 *
 * It is for programs of this machine: what comes from a web page (an `Origin` that is not the emulator's own), or calls
 * the emulator by another name than 127.0.0.1, localhost or [::1] (`Host`), is answered with 403 and `{error}`.
 *
 * @param options what it is like
 * @returns the emulator, once it listens
 * @throws TypeError if the fault plan or `accountIds` is not valid; Error if the port is taken, or the file is not
 * one of the emulator's, cannot be written, or is another emulator's (which the message names)
 * @example
 * import { startEmulator } from "pulumi-kompliant/emulator";
 *
 * async function main() {
 *   const emulator = await startEmulator();
 *   try {
 *     Object.assign(process.env, emulator.env);
 *     emulator.setFaults([{ method: "create", effect: "drop", commit: true }]);
 *     // … deploy …
 *     console.log(emulator.configs(), emulator.requests);
 *   } finally {
 *     await emulator.close();
 *   }
 * }
 * main();
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const service = openService(options, (ms, signal) => delay(ms, undefined, { signal }));

  async function serveApi(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const body = await readBody(request, response, MAX_BODY_BYTES);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    deliver(response, await service.serve({ verb: request.method ?? "", path, headers, body }));
  }

  async function serveControl(
    request: IncomingMessage,
    response: ServerResponse,
    target: URL,
  ): Promise<void> {
    const body = await readBody(request, response, MAX_CONTROL_BYTES);
    if (Buffer.byteLength(body) > MAX_CONTROL_BYTES)
      return deliver(response, written(413, { error: `the body is longer than ${MAX_CONTROL_BYTES} bytes` }));
    const { status, body: said } = control(emulator, request.method ?? "", target, body);
    deliver(response, written(status, said));
  }

  const timeouts = { requestTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1_000 };
  const server = createServer({ ...timeouts, headersTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const target = targetOf(request);
    const foreign = foreignness(request.headers, port());
    if (foreign !== undefined) {
      response.setHeader("connection", "close");
      return deliver(response, written(403, { error: foreign }));
    }
    const served = target.pathname.startsWith("/_emulator/")
      ? serveControl(request, response, target)
      : serveApi(request, response, target.pathname);
    served.catch((error: Error) => {
      // The caller has gone, the emulator is closing, or the file could not be written.
      if (response.headersSent || service.closing.aborted) response.destroy();
      else deliver(response, written(500, error.message));
    });
  });
  const port = () => (server.address() as AddressInfo).port;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      service.close();
      server.closeAllConnections();
    });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  }).catch((error: Error) => {
    service.close();
    throw error;
  });
  const emulator = service.handles(`http://127.0.0.1:${port()}`, close);
  return emulator;
}

/** A path such as `//` is not a URL, yet it is a path. */
function targetOf({ url = "/" }: IncomingMessage): URL {
  const [path = "/", query = ""] = url.split("?", 2);
  const target = new URL("http://127.0.0.1");
  target.pathname = path;
  target.search = query;
  return target;
}
