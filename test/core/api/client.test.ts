import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { interpret } from "../../../provider/src/core/api/answer.js";
import { createCalls } from "../../../provider/src/core/api/calls.js";
import { createClient } from "../../../provider/src/core/api/client.js";
import { connectionFailure } from "../../../provider/src/core/api/http.js";
import { startOperation } from "../../../provider/src/core/api/operation.js";
import { systemRuntime } from "../../../provider/src/core/api/runtime.js";
import { resolveSettings } from "../../../provider/src/core/api/settings.js";

const ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";
const CREDENTIALS: Record<string, string> = {
  apiKey: "sb_3eY9UJuj09636NVPlgmhfa",
  secretKey: "xBeain5pFnPyQkl98qzA+BG+Cjzskpqq9fGKDbDoXNP5",
  authToken: "7F2Av26rUgtzJYgUG9IilG1W6ZMLnt7Dak3Gyht220KLpkBLSJRMOzhBYd",
};

/** A client of a server that answers every call with the same data, once it is let, unless it is told how. */
async function scene(options: {
  warnings?: object[];
  config?: Record<string, string>;
  gate?: Promise<void>;
  answer?: (request: IncomingMessage, response: ServerResponse, count: number) => void;
}) {
  const asked: IncomingMessage[] = [];
  const warned: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(request);
    await options.gate;
    if (options.answer !== undefined) return options.answer(request, response, asked.length);
    const meta = { status: "SUCCESS", trace_id: "trc_1", version: "2025-03-24", warnings: options.warnings };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ meta, data: { configs: [] } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/behind/a/proxy/`;
  const config: Record<string, string> = { ...CREDENTIALS, baseUrl, ...options.config };
  const resolved = resolveSettings({ get: (key) => config[key] }, {});
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  const runtime = { ...systemRuntime, warn: (message: string) => void warned.push(message) };
  const client = createClient(ACCOUNT, createCalls(resolved.settings, ACCOUNT, runtime));
  return {
    asked,
    warned,
    client,
    operation: () => startOperation(runtime, runtime, ACCOUNT, "test", 30_000),
    list: () => client.list(startOperation(runtime, runtime, ACCOUNT, "list", 30_000)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a call is a POST below the base URL, with the signature and the version that is asked for", async () => {
  await using it = await scene({ config: { apiVersion: "2025-03-24" } });
  await it.list();
  expect(it.asked).toMatchObject([
    {
      method: "POST",
      url: "/behind/a/proxy/webhook.config.list",
      headers: {
        authorization: "KSig1-HMAC-SHA256 iWEh4jjK9wfjTXd/3GzImPLL1swTZiCPpDbj62vFo2Q=",
        "x-api-key": CREDENTIALS["apiKey"],
        "x-api-auth-token": CREDENTIALS["authToken"],
        "x-api-version": "2025-03-24",
        "content-type": "application/json",
      },
    },
  ]);
});

test("what the API warns of is passed on once, however often it says so", async () => {
  const warnings = [{ code: "DEPRECATED", message: "this version ends" }];
  await using it = await scene({ warnings });
  for (let i = 0; i < 3; i++) await it.list();
  expect(it.asked).toHaveLength(3);
  expect(it.warned).toEqual(["webhook.config.list: DEPRECATED: this version ends"]);
});

test("no more calls are under way at a time than the settings allow", async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  await using it = await scene({ config: { maxConcurrentCalls: "3" }, gate });
  const calls = Promise.all(Array.from({ length: 10 }, it.list));
  await expect.poll(() => it.asked.length).toBe(3);
  // A fourth, if it came, would come while these wait.
  await Promise.race([calls, systemRuntime.sleep(50)]);
  expect(it.asked).toHaveLength(3);
  open();
  await calls;
  expect(it.asked).toHaveLength(10);
});

test("what no call can carry fails at once", async () => {
  await using it = await scene({});
  const op = it.operation();
  await expect(it.client.get("", op)).rejects.toThrow("config_id");
  expect(op.attempts).toBe(0);
});

test("an operation that ends in the middle of an attempt tells what the one before was answered", async () => {
  await using it = await scene({
    answer: (_, response, count) => {
      if (count === 1) response.writeHead(503).end();
    },
  });
  const op = startOperation(systemRuntime, systemRuntime, ACCOUNT, "test", 1_500);
  await expect(it.client.list(op)).rejects.toMatchObject({
    status: 503,
    gaveUp: expect.stringMatching(/^out of time after 2 attempts over /),
  });
});

const answered = (status: number, body: object) =>
  interpret(
    "webhook.config.create",
    {
      status,
      contentType: "application/json",
      retryAfter: undefined,
      text: JSON.stringify(body),
      isWhole: true,
    },
    (text) => text,
  );
const errors = [
  { code: "TOO_BUSY", sub_code: "NIGHT", message: "wait", details: [{ field: "url", message: "long" }] },
  { code: "SLOW", message: "really" },
];
const read = [
  { code: "TOO_BUSY", subCode: "NIGHT", message: "wait", details: [{ field: "url", message: "long" }] },
  { code: "SLOW", message: "really", details: [] },
];

test("all errors of the envelope are read", () => {
  expect(answered(400, { errors })).toEqual({
    ok: false,
    failure: { kind: "refused", status: 400, errors: read },
  });
});

test.each([408, 429, 500, 503])("a %d in the envelope is no refusal, and keeps the API's words", (status) => {
  const answer = answered(status, { meta: { status: "ERROR", trace_id: "trc_1" }, errors });
  expect(answer).toMatchObject({
    ok: false,
    failure: { kind: "unreadable", status, errors: read, traceId: "trc_1" },
  });
});

test("null in the place of what may be absent leaves a refusal one", () => {
  const empty = { sub_code: null, details: null, entity_type: null };
  expect(
    answered(404, { meta: null, errors: [{ code: "ENTITY_NOT_FOUND", message: "no", ...empty }] }),
  ).toEqual({
    ok: false,
    failure: {
      kind: "refused",
      status: 404,
      errors: [{ code: "ENTITY_NOT_FOUND", message: "no", details: [] }],
    },
  });
});

/** Sends a byte of an answer that never ends, again and again. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(timer));
}

test("an answer that drips ends its attempt, and the next one has time left", async () => {
  await using it = await scene({
    config: { requestTimeoutSeconds: "0.5" },
    answer: (_, response, count) => {
      if (count === 1) drip(response);
      else response.end(JSON.stringify({ data: { configs: [] } }));
    },
  });
  expect(await it.list()).toEqual([]);
});

test("an attempt that is given up says how long it had", async () => {
  await using it = await scene({
    config: { requestTimeoutSeconds: "0.5" },
    answer: (_, response) => drip(response),
  });
  const created = it.client.create({ url: "https://example.com/a" }, it.operation());
  await expect(created).rejects.toThrow("did not answer: no complete answer within 0.5 s");
});

test("a server that does not speak TLS is not asked again", async () => {
  await using it = await scene({});
  const { baseUrl } = it.client.settings;
  const settings = { ...it.client.settings, baseUrl: baseUrl.replace("http:", "https:") };
  const op = it.operation();
  await expect(createClient(ACCOUNT, createCalls(settings, ACCOUNT, systemRuntime)).list(op)).rejects.toThrow(
    "cannot be reached: ",
  );
  expect(op.attempts).toBe(1);
});

const failed = (code: string, isSent: boolean) =>
  connectionFailure(Object.assign(new Error("no"), { code }), isSent, (text) => text);

test.each([
  ["CERT_HAS_EXPIRED", true],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", true],
  ["SELF_SIGNED_CERT_IN_CHAIN", true],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", true],
  ["ERR_TLS_CERT_ALTNAME_INVALID", true],
  ["ERR_SSL_WRONG_VERSION_NUMBER", true],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", true],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", true],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", true],
  ["ECONNREFUSED", false],
  ["ECONNRESET", false],
  ["UND_ERR_CONNECT_TIMEOUT", false],
])("%s before anything was sent: permanent is %s", (code, permanent) => {
  const reason = `${code}: no; nothing was sent`;
  expect(failed(code, false)).toEqual({ kind: "unreachable", reason, permanent });
});

test.each(["ECONNRESET", "UND_ERR_SOCKET", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"])(
  "%s after the request was sent leaves open what the server has done",
  (code) => {
    expect(failed(code, true)).toEqual({ kind: "unanswered", reason: `${code}: no` });
  },
);

/** JSON as some serializers write it. */
const escaped = (body: object) =>
  JSON.stringify(body).replaceAll("/", "\\/").replaceAll("i", "\\u0069").replaceAll("=", "\\u003D");

test.each([
  ["a refusal", (sent: string) => ({ errors: [{ code: "BAD_REQUEST", message: sent }] })],
  ["an answer that is not the API's", (sent: string) => ({ sent })],
  ["a name in it", (sent: string) => ({ [sent]: "sent" })],
])("what a server sends back of the credentials is hidden, however it is escaped: %s", async (_, body) => {
  for (const header of ["authorization", "x-api-key", "x-api-auth-token"]) {
    await using it = await scene({
      answer: (request, response) => {
        response.writeHead(400, { "content-type": "application/json" });
        response.end(escaped(body(`${request.headers[header]}`)));
      },
    });
    const failed = await it.list().catch((error: Error) => error);
    expect(`${failed}`).toContain("[hidden]");
    expect(`${failed}`).not.toMatch(/iWEh4jjK9|3eY9UJuj|7F2Av26/);
  }
});
