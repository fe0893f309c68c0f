import { once } from "node:events";
import { createServer } from "node:http";
import {
  type AddressInfo,
  createConnection,
  createServer as createSocketServer,
  type Server,
  type Socket,
} from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createCalls } from "../../../provider/src/core/api/calls.js";
import { createClient } from "../../../provider/src/core/api/client.js";
import { KompliantError } from "../../../provider/src/core/api/errors.js";
import { startOperation } from "../../../provider/src/core/api/operation.js";
import { systemRuntime } from "../../../provider/src/core/api/runtime.js";
import { resolveSettings } from "../../../provider/src/core/api/settings.js";
import { sample } from "../../support/printed.js";

const ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";
const OPERATION_MS = 3_000;

/** What a proxy does with a connection. */
type Manners = (socket: Socket, heads: string[]) => void;

let proxy: Server;
let connections: number;
let heads: string[];
let manners: Manners;

beforeEach(async () => {
  connections = 0;
  heads = [];
  proxy = createSocketServer((socket) => {
    connections++;
    socket.on("error", () => {});
    manners(socket, heads);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  for (const name of ["http_proxy", "https_proxy"]) vi.stubEnv(name, `http://127.0.0.1:${port(proxy)}`);
  vi.stubEnv("no_proxy", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  proxy.close();
});

function port(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

/** Says something once the request for a tunnel is there. */
const answering =
  (say: (socket: Socket) => void): Manners =>
  (socket, asked) =>
    socket.once("data", (head) => {
      asked.push(String(head));
      say(socket);
    });

/** Creates something at a base URL, and tells what became of it. */
async function create(baseUrl: string, config: Record<string, string> = {}) {
  const all: Record<string, string> = { ...sample, baseUrl, ...config };
  const resolved = resolveSettings({ get: (key) => all[key] }, {});
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  const op = startOperation(systemRuntime, systemRuntime, ACCOUNT, "test", OPERATION_MS);
  const started = systemRuntime.now();
  const error = await createClient(ACCOUNT, createCalls(resolved.settings, ACCOUNT, systemRuntime))
    .create({ url: "https://example.com/a" }, op)
    .then(
      () => undefined,
      (failed: unknown) => failed as KompliantError,
    );
  return { error, op, ms: systemRuntime.now() - started };
}

test.each<[string, Manners, RegExp]>([
  ["closes the connection at once", (socket) => socket.destroy(), /^the proxy opened no tunnel: /],
  ["closes it when it is asked", answering((socket) => socket.destroy()), /^the proxy opened no tunnel: /],
  ["ends it when it is asked", answering((socket) => socket.end()), /^the proxy opened no tunnel: /],
  [
    "does not speak HTTP",
    answering((socket) => socket.end("220 ready\r\n")),
    /^the proxy opened no tunnel: /,
  ],
  ...[301, 403, 407, 502].map((status): [string, Manners, RegExp] => [
    `refuses with ${status}`,
    answering((socket) => socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)),
    new RegExp(`^the proxy refused the tunnel with HTTP ${status}; `),
  ]),
])("a proxy that %s is told of at once, and that nothing was sent", async (_, behaves, reason) => {
  manners = behaves;
  const { error, op } = await create("https://api.example.com");
  expect(error).toBeInstanceOf(KompliantError);
  expect(error?.failure).toEqual({
    kind: "unreachable",
    reason: expect.stringMatching(reason),
    permanent: true,
  });
  expect(error?.message).toContain("; nothing was sent");
  expect(op.attempts).toBe(1);
  expect(error?.mayHaveActed).toBe(false);
  expect(connections).toBe(1);
});

test("a silent proxy ends each attempt, and the operation in its time", async () => {
  manners = answering(() => {});
  const { error, op, ms } = await create("https://api.example.com", { requestTimeoutSeconds: "0.3" });
  expect(error?.message).toMatch(/no connection within 0.3 s; nothing was sent/);
  expect(error?.mayHaveActed).toBe(false);
  expect(connections).toBe(op.attempts);
  expect(ms).toBeLessThan(OPERATION_MS + 1_000);
});

test("what is sent through a tunnel reaches the server, and no credential the proxy", async () => {
  const received: Buffer[] = [];
  // A server without TLS refuses what comes, so that what has come can be seen.
  const server = createSocketServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      received.push(bytes);
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  manners = answering((socket) => {
    const upstream = createConnection(port(server));
    upstream.on("error", () => socket.destroy());
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(upstream).pipe(socket);
  });
  try {
    const { error } = await create("https://api.example.com");
    expect(error?.failure).toMatchObject({ kind: "unreachable", permanent: true });
    expect(received[0]?.[0], "a TLS handshake").toBe(22);
    expect(heads).toEqual([expect.stringMatching(/^CONNECT api\.example\.com:443 HTTP\/1\.1\r\n/)]);
    expect(heads.join()).not.toMatch(/x-api|authorization/i);
  } finally {
    server.close();
  }
});

test.each(["127.0.0.1", "localhost", "[::1]", "127.1.2.3", "[::ffff:127.0.0.1]"])(
  "no proxy stands between this machine and %s",
  async (host) => {
    manners = (socket) => socket.destroy();
    const server = createServer((_, response) =>
      response.end(JSON.stringify({ data: { config_id: "whc_1" } })),
    );
    server.listen(0, "::");
    await once(server, "listening");
    try {
      const { error } = await create(`http://${host}:${port(server)}`);
      expect(error).toBeUndefined();
      expect(connections).toBe(0);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  },
);
