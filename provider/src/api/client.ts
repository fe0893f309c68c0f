import type { Dispatcher } from "undici";
import { type ApiError, type Call, describeFailure, type Failure, KompliantError } from "./errors.js";
import { createGate } from "./gate.js";
import { announceWait, type Operation, spent } from "./operation.js";
import { backoff, decide, isTurnedAway, type Method, retryAfterMs } from "./retry.js";
import type { Runtime } from "./runtime.js";
import { type Data, methods, type Params, refusal, success } from "./schemas.js";
import type { Settings } from "./settings.js";

/** The `webhook.config.*` methods of one account. Failed calls are repeated where `retry.ts` finds that safe. */
export interface Client {
  readonly accountId: string;
  readonly settings: Settings;
  /**
   * @param url an https URL that no configuration of the account has
   * @returns the new configuration's id
   */
  create(url: string, op: Operation): Promise<string>;
  get(configId: string, op: Operation): Promise<Data<"get">>;
  /** The active configurations, in no order. */
  list(op: Operation): Promise<Data<"list">["configs"]>;
  update(configId: string, url: string, op: Operation): Promise<void>;
  delete(configId: string, op: Operation): Promise<void>;
}

/**
 * Makes the client of one account. At most `settings.maxConcurrentCalls` of its calls are under way at a time, and
 * a 429 holds all of them back.
 *
 * @throws KompliantError from every method: refused, not reachable, not answered, or out of time
 * @example
 * const client = createClient(settings, "lv_4K8mPxR9N2jL7hS5TdWfY1", systemRuntime);
 * const id = await client.create("https://example.com/kompliant", op);
 */
export function createClient(settings: Settings, accountId: string, runtime: Runtime): Client {
  // Loaded with the first client: a run that changes nothing makes no call, and need not wait for this.
  const { EnvHttpProxyAgent, Pool } = require("undici") as typeof import("undici");
  const connectMs = Math.ceil(Math.min(10_000, settings.requestTimeoutMs));
  const agent = new EnvHttpProxyAgent({
    connections: settings.maxConcurrentCalls,
    connect: { timeout: connectMs },
    // No signal ends the wait for a proxy to open its tunnel.
    clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: connectMs }),
  });
  // A queue of the agent's own would go on sending in a silence.
  const gate = createGate(settings.maxConcurrentCalls);
  /** Milliseconds since the epoch until which the account asks for silence, and the answer that did. */
  let silence: (Pause & { readonly failure: Failure }) | undefined;
  /** The API's own warnings, which it may repeat with every answer. */
  const warned = new Set<string>();

  async function call<M extends Method>(
    method: M,
    params: Params<M>,
    about: { configId?: string; url?: string },
    op: Operation,
  ): Promise<Data<M>> {
    const call: Call = { method: `webhook.config.${method}`, accountId, ...about };
    const body = JSON.stringify(methods[method].params.parse(params));
    let last: Failure | undefined;
    for (let attempt = 1; ; attempt++) {
      const { answer, pause } = await ask(method, body, call, op, attempt, last);
      if (answer.ok) {
        for (const warning of answer.warnings.filter((each) => !warned.has(each))) {
          warned.add(warning);
          runtime.warn(`${call.method}: ${warning}`);
        }
        return answer.data;
      }
      const { failure } = answer;
      const decision = decide(method, failure);
      if (changes(method) && decision.mayHaveActed) op.uncertain = true;
      if (decision.next !== "retry") throw new KompliantError(call, failure, settings.baseUrl);
      // What was answered before says more than that the end of the operation has cut off the last attempt.
      const isCutOff = failure.kind === "unanswered" && runtime.now() >= op.deadline;
      if (pause.until >= op.deadline) throw tooLate(call, (isCutOff && last) || failure, op, pause);
      last = failure;
      await waitUntil(pause.until, op, describeFailure(failure, settings.baseUrl));
    }
  }

  /**
   * One attempt, when its turn comes.
   *
   * @param last what came of the one before
   * @returns what came of it, and when it may be repeated
   */
  async function ask<M extends Method>(
    method: M,
    body: string,
    call: Call,
    op: Operation,
    attempt: number,
    last: Failure | undefined,
  ): Promise<{ readonly answer: Answer<M>; readonly pause: Pause }> {
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(op.deadline - runtime.now())));
    const free = await gate.enter(signal);
    try {
      while (silence !== undefined && silence.until > runtime.now()) {
        if (silence.until >= op.deadline) throw tooLate(call, silence.failure, op, silence);
        await waitUntil(silence.until, op, "the account is being called too often");
      }
      const remainingMs = op.deadline - runtime.now();
      if (!free || remainingMs <= 0)
        throw tooLate(call, last ?? { kind: "unanswered", reason: "no time was left to ask" }, op);
      op.attempts++;
      const answer = await attemptCall(agent, settings, method, body, remainingMs);
      const failure = answer.ok ? undefined : answer.failure;
      const header = failure?.kind === "unreadable" ? failure.retryAfter : undefined;
      const asked = retryAfterMs(header, runtime.now());
      const pause = {
        until: runtime.now() + (asked ?? backoff(attempt, runtime.random)),
        asked: asked !== undefined,
      };
      // Before the next call is let through.
      if (failure?.kind === "unreadable" && failure.status === 429 && pause.until > (silence?.until ?? 0))
        silence = { ...pause, failure };
      return { answer, pause };
    } finally {
      if (free) gate.leave();
    }
  }

  function tooLate(call: Call, failure: Failure, op: Operation, pause?: Pause): KompliantError {
    const tried = spent(runtime, op);
    const why =
      pause?.asked === true
        ? `it asks to be called again at ${new Date(pause.until).toISOString()}, which is later than this operation may last; gave up after ${tried}`
        : `out of time after ${tried}`;
    return new KompliantError(call, failure, settings.baseUrl, why);
  }

  async function waitUntil(time: number, op: Operation, reason: string): Promise<void> {
    const wait = Math.min(time, op.deadline) - runtime.now();
    if (wait <= 0) return;
    announceWait(runtime, op, wait, reason);
    await runtime.sleep(wait);
  }

  return {
    accountId,
    settings,
    create: async (url, op) =>
      (await call("create", { account_id: accountId, config: { url } }, { url }, op)).config_id,
    get: (configId, op) => call("get", { account_id: accountId, config_id: configId }, { configId }, op),
    list: async (op) => (await call("list", { account_id: accountId }, {}, op)).configs,
    update: async (configId, url, op) => {
      await call(
        "update",
        { account_id: accountId, config_id: configId, config: { url } },
        { configId, url },
        op,
      );
    },
    delete: async (configId, op) => {
      await call("delete", { account_id: accountId, config_id: configId }, { configId }, op);
    },
  };
}

/** Until when there is to be no call. */
interface Pause {
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** The server has asked for it. */
  readonly asked: boolean;
}

type Answer<M extends Method> =
  | { readonly ok: true; readonly data: Data<M>; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly failure: Failure };

async function attemptCall<M extends Method>(
  dispatcher: Dispatcher,
  settings: Settings,
  method: M,
  body: string,
  remainingMs: number,
): Promise<Answer<M>> {
  const authentication = settings.authentication();
  const redact = (text: string) =>
    Object.values(authentication)
      .flatMap((value) => value.split(" "))
      .filter((secret) => secret.length > 8 && !secret.startsWith("KSig1"))
      .reduce((shown, secret) => shown.replaceAll(secret, "[hidden]"), text);
  const timeoutMs = Math.max(1, Math.ceil(Math.min(settings.requestTimeoutMs, remainingMs)));
  try {
    const base = new URL(settings.baseUrl);
    const {
      statusCode,
      headers,
      body: answer,
    } = await dispatcher.request({
      origin: base.origin,
      path: `${base.pathname.replace(/\/$/, "")}/webhook.config.${method}`,
      method: "POST",
      headers: {
        ...authentication,
        "content-type": "application/json",
        accept: "application/json",
        "x-api-version": settings.apiVersion,
        "user-agent": "pulumi-kompliant",
      },
      body,
      signal: AbortSignal.timeout(timeoutMs),
      // undici's own defaults may be shorter than what the settings allow.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const header = (name: string) => [headers[name]].flat()[0];
    const reply = {
      status: statusCode,
      contentType: header("content-type") ?? "",
      retryAfter: header("retry-after"),
      text: await answer.text(),
    };
    return interpret(method, reply, redact);
  } catch (error) {
    return { ok: false, failure: connectionFailure(error, timeoutMs) };
  }
}

/** What came back, as it came. */
interface Reply {
  readonly status: number;
  readonly contentType: string;
  /** The `Retry-After` header. */
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/**
 * Reads what came back. The HTTP number only counts where the application itself has not spoken.
 *
 * @param redact hides what a message must not show: a server can send back what it was sent
 */
export function interpret<M extends Method>(
  method: M,
  { status, contentType, retryAfter, text }: Reply,
  redact: (text: string) => string,
): Answer<M> {
  const json = parseJson(text, redact);
  const refused = refusal.safeParse(json);
  const traceId = refused.data?.meta?.trace_id ?? success.safeParse(json).data?.meta?.trace_id;
  const known = traceId === undefined ? {} : { traceId };
  const [first, ...others] = (refused.data?.errors ?? []).map(
    ({ code, sub_code, message, details }): ApiError => ({
      code,
      ...(sub_code ? { subCode: sub_code } : {}),
      message,
      details: details ?? [],
    }),
  );
  if (first !== undefined && !isTurnedAway(status))
    return { ok: false, failure: { kind: "refused", status, errors: [first, ...others], ...known } };
  if (status === 200) {
    const envelope = success.safeParse(json);
    const data = methods[method].data.safeParse(envelope.data?.data);
    if (data.success) {
      const warnings = (envelope.data?.meta?.warnings ?? []).map(
        ({ code, message }) => `${code}: ${message}`,
      );
      return { ok: true, data: data.data as Data<M>, warnings };
    }
  }
  return {
    ok: false,
    failure: {
      kind: "unreadable",
      status,
      contentType,
      excerpt: excerpt(redact(json === undefined ? text : JSON.stringify(json))),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(first === undefined ? {} : { errors: [first, ...others] }),
      ...known,
    },
  };
}

/** Escapes of JSON can hide a text from `redact` until they are read. */
function parseJson(text: string, redact: (text: string) => string): unknown {
  try {
    return JSON.parse(text, (_, value) => (typeof value === "string" ? redact(value) : value));
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

function changes(method: Method): boolean {
  return method === "create" || method === "update" || method === "delete";
}

/** Codes of errors that come before a connection exists, so before anything was sent. */
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
  // Of the request for a proxy's tunnel: those to the API have no such limit.
  "UND_ERR_HEADERS_TIMEOUT",
]);
/**
 * A certificate or a protocol that is not accepted now will not be accepted in a second. Other errors of TLS can come
 * when the request was sent already.
 *
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const NO_TLS =
  /^(CERT_|ERROR_IN_CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|ERR_TLS_CERT_ALTNAME_)|^ERR_SSL_(WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|.*HANDSHAKE_FAILURE|.*ALERT_PROTOCOL_VERSION)$/;

/**
 * What an error of a request means.
 *
 * @param timeoutMs how long the request was given
 */
export function connectionFailure(error: unknown, timeoutMs: number): Failure {
  const { code, message, name } = error as { code?: string | number; message?: string; name?: string };
  // An abort has a number for a code, which says nothing to anybody.
  const text = typeof code === "string" ? code : "";
  const waited = `no complete answer within ${timeoutMs / 1_000} s`;
  const reason = name === "TimeoutError" ? waited : (message ?? "");
  const words = [reason.includes(text) ? "" : text, reason].filter(Boolean).join(": ");
  if (NO_TLS.test(text)) return { kind: "unreachable", reason: words, permanent: true };
  if (NOT_CONNECTED.has(text)) return { kind: "unreachable", reason: words, permanent: false };
  return { kind: "unanswered", reason: words };
}
