import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type FaultPlan, faultFor, type Hit, parsePlan } from "./faults.js";
import { load, save } from "./file.js";
import { type Answer, answer, type Credentials, type Store, type StoredConfig, token } from "./rules.js";

export type { Fault, FaultPlan } from "./faults.js";
export type { Credentials, StoredConfig } from "./rules.js";

export interface EmulatorOptions {
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** The accounts that the credentials belong to. Default: `["lv_4K8mPxR9N2jL7hS5TdWfY1"]`. */
  readonly accountIds?: readonly string[];
  /** Default: the sample credentials of Kompliant's documentation, which are not live. */
  readonly credentials?: Credentials;
  /** Keeps the accounts in this file, whatever kills the process. Default: they are gone with the emulator. */
  readonly file?: string;
  /** What goes wrong, and when. Default: nothing. */
  readonly faults?: FaultPlan;
  /** Default: the real time. */
  readonly clock?: () => Date;
  /** From 0 up to, but not including, 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** Called after every request. */
  readonly onRequest?: (entry: RequestLogEntry) => void;
}

/** One request that has come in. Holds nothing of its credentials. */
export interface RequestLogEntry {
  /** 1 is the first. */
  readonly n: number;
  /** For example `webhook.config.create`. */
  readonly method: string;
  readonly accountId?: string;
  readonly configId?: string;
  readonly url?: string;
  /** HTTP status; 0 if nothing was answered. */
  readonly status: number;
  readonly code?: string;
  readonly subCode?: string;
  readonly traceId?: string;
  /** ISO 8601. */
  readonly at: string;
  /** The request has changed the account. */
  readonly committed: boolean;
  /** The effect of the fault that has hit it. */
  readonly fault?: string;
}

export interface Emulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly credentials: Credentials;
  readonly accountIds: readonly string[];
  /** The `KOMPLIANT_…` environment variables that lead to this emulator and its first account. */
  readonly env: Readonly<Record<string, string>>;
  /** Every request so far. */
  readonly requests: readonly RequestLogEntry[];
  clearRequests(): void;
  /** An account's active configurations, oldest first. Default: the first account's. */
  configs(accountId?: string): readonly StoredConfig[];
  /** Registers a URL behind everybody's back. @returns its config_id */
  put(url: string, options?: { readonly accountId?: string; readonly configId?: string }): string;
  /** Changes a URL behind everybody's back. */
  change(configId: string, url: string, accountId?: string): void;
  /** Deletes a configuration behind everybody's back. */
  remove(configId: string, accountId?: string): void;
  /** Replaces the fault plan, and counts calls anew. @throws TypeError if the plan is not valid */
  setFaults(plan: FaultPlan): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const SAMPLE: Credentials = {
  apiKey: "sb_3eY9UJuj09636NVPlgmhfa",
  secretKey: "xBeain5pFnPyQkl98qzA+BG+Cjzskpqq9fGKDbDoXNP5",
  authToken: "7F2Av26rUgtzJYgUG9IilG1W6ZMLnt7Dak3Gyht220KLpkBLSJRMOzhBYd",
};

/** How many changes back a stale list can look. */
const HISTORY = 100;

/**
 * Starts an emulator of Kompliant's `webhook.config.*` methods on 127.0.0.1, for tests: every documented rule, and
 * the faults that a network and a busy server can produce.
 *
 * Beside the API it serves a control interface in JSON: `GET` and `DELETE /_emulator/requests`,
 * `GET /_emulator/configs?account_id=…`, `POST /_emulator/configs {account_id?, url}`,
 * `PATCH` and `DELETE /_emulator/configs/whc_…?account_id=…` (`{url}`), and `GET`, `PUT` and `DELETE
 * /_emulator/faults`.
 *
 * @throws TypeError if the fault plan is not valid; Error if the port is taken or the file is unreadable
 * @example
 * const emulator = await startEmulator();
 * try {
 *   Object.assign(process.env, emulator.env);
 *   // … deploy …
 *   console.log(emulator.configs());
 * } finally {
 *   await emulator.close();
 * }
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const accountIds = options.accountIds ?? ["lv_4K8mPxR9N2jL7hS5TdWfY1"];
  const [firstAccount = ""] = accountIds;
  const credentials = options.credentials ?? SAMPLE;
  const now = options.clock ?? (() => new Date());
  const random = options.random ?? Math.random;
  const world = { credentials, now, random };

  const loaded = options.file === undefined ? {} : load(options.file);
  let store: Store = Object.fromEntries(accountIds.map((id) => [id, loaded[id] ?? []]));
  let history: Store[] = [];
  let plan: readonly Hit[] = parsePlan(options.faults ?? []);
  let counts = new Map<string, number>();
  let requests: RequestLogEntry[] = [];

  const commit = (next: Store): boolean => {
    if (next === store) return false;
    if (options.file !== undefined) save(options.file, next);
    history = [...history.slice(-HISTORY), store];
    store = next;
    return true;
  };
  const change = (accountId: string, edit: (configs: readonly StoredConfig[]) => readonly StoredConfig[]) => {
    const configs = store[accountId];
    if (configs === undefined) throw new Error(`the emulator has no account ${accountId}`);
    commit({ ...store, [accountId]: edit(configs) });
  };

  const control = {
    configs: (accountId = firstAccount) => store[accountId] ?? [],
    put: (url: string, { accountId = firstAccount, configId = `whc_${token(random, 22)}` } = {}) => {
      change(accountId, (configs) => [
        ...configs,
        { config_id: configId, url, created_at: now().toISOString() },
      ]);
      return configId;
    },
    change: (configId: string, url: string, accountId = firstAccount) =>
      change(accountId, (configs) =>
        configs.map((config) =>
          config.config_id === configId ? { ...config, url, updated_at: now().toISOString() } : config,
        ),
      ),
    remove: (configId: string, accountId = firstAccount) =>
      change(accountId, (configs) => configs.filter(({ config_id }) => config_id !== configId)),
    setFaults: (faults: FaultPlan) => {
      plan = parsePlan(faults);
      counts = new Map();
    },
    clearRequests: () => {
      requests = [];
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const target = new URL(request.url ?? "/", "http://127.0.0.1");
    const { pathname } = target;
    if (pathname.startsWith("/_emulator/")) {
      serveControl(target, request.method ?? "", body, response);
      return;
    }
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const method = pathname.split(".").at(-1) ?? "";
    const nth = (counts.get(method) ?? 0) + 1;
    counts.set(method, nth);
    const hit = faultFor(plan, method, nth);
    if (hit?.effect === "latency") await new Promise((resolve) => setTimeout(resolve, hit.ms));

    const asked = { verb: request.method ?? "", path: pathname, headers, body };
    const seen = hit?.effect === "stale" ? (history.at(-hit.behind) ?? store) : store;
    const lost = hit !== undefined && "commit" in hit && !hit.commit;
    const said: Answer | undefined = lost ? undefined : answer(seen, asked, world);
    const committed = said !== undefined && seen === store && commit(said.store);
    log(pathname, body, hit, said, committed);
    send(request, response, hit, said);
  }

  function log(
    path: string,
    body: string,
    hit: Hit | undefined,
    said: Answer | undefined,
    committed: boolean,
  ): void {
    const params = safeJson(body);
    const error = said?.body as
      | { meta?: { trace_id?: string }; errors?: { code: string; sub_code?: string }[] }
      | undefined;
    const silent = hit?.effect === "drop" || hit?.effect === "reset" || hit?.effect === "never";
    const entry: RequestLogEntry = {
      n: requests.length + 1,
      method: path.slice(1),
      at: now().toISOString(),
      status: silent ? 0 : hit?.effect === "status" ? hit.status : (said?.status ?? 0),
      committed,
      ...present("accountId", params["account_id"]),
      ...present("configId", params["config_id"]),
      ...present("url", (params["config"] as { url?: unknown } | undefined)?.url),
      ...present("code", error?.errors?.[0]?.code),
      ...present("subCode", error?.errors?.[0]?.sub_code),
      ...present("traceId", error?.meta?.trace_id),
      ...present("fault", hit?.effect),
    };
    requests = [...requests, entry];
    options.onRequest?.(entry);
  }

  /** @returns what the control interface answers; undefined for what it does not know */
  function controlled(verb: string, what: string, id: string, query: URLSearchParams, body: string): unknown {
    const accountId = query.get("account_id") ?? undefined;
    const params = safeJson(body);
    switch (`${verb} ${what}`) {
      case "GET requests":
        return requests;
      case "DELETE requests":
        control.clearRequests();
        return {};
      case "GET faults":
        return plan;
      case "PUT faults":
        control.setFaults(JSON.parse(body));
        return plan;
      case "DELETE faults":
        control.setFaults([]);
        return plan;
      case "GET configs":
        return control.configs(accountId);
      case "POST configs": {
        const account = typeof params["account_id"] === "string" ? { accountId: params["account_id"] } : {};
        return { config_id: control.put(String(params["url"]), account) };
      }
      case "PATCH configs":
        control.change(id, String(params["url"]), accountId);
        return {};
      case "DELETE configs":
        control.remove(id, accountId);
        return {};
      default:
        return undefined;
    }
  }

  function serveControl(asked: URL, verb: string, body: string, response: ServerResponse): void {
    const [, , what = "", id = ""] = asked.pathname.split("/");
    let status = 200;
    let value: unknown;
    try {
      value = controlled(verb, what, id, asked.searchParams, body);
      if (value === undefined) {
        status = 404;
        value = { error: `the emulator has no ${verb} ${asked.pathname}` };
      }
    } catch (error) {
      status = 400;
      value = { error: (error as Error).message };
    }
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url,
    credentials,
    accountIds,
    env: {
      KOMPLIANT_BASE_URL: url,
      KOMPLIANT_ACCOUNT_ID: firstAccount,
      KOMPLIANT_API_KEY: credentials.apiKey,
      KOMPLIANT_SECRET_KEY: credentials.secretKey,
      KOMPLIANT_AUTH_TOKEN: credentials.authToken,
    },
    get requests() {
      return requests;
    },
    ...control,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  hit: Hit | undefined,
  said: Answer | undefined,
): void {
  switch (hit?.effect) {
    case "never":
      return;
    case "drop":
      request.socket.destroy();
      return;
    case "reset":
      request.socket.resetAndDestroy();
      return;
    case "status": {
      const type = { html: "text/html", empty: "", json: "application/json" }[hit.body];
      response.writeHead(hit.status, {
        ...(type === "" ? {} : { "content-type": type }),
        ...(hit.retryAfter === undefined ? {} : { "retry-after": hit.retryAfter }),
      });
      const page = `<html><body><h1>${hit.status}</h1><p>An answer of the infrastructure.</p></body></html>`;
      response.end(
        { html: page, empty: "", json: JSON.stringify({ message: "An answer of the infrastructure." }) }[
          hit.body
        ],
      );
      return;
    }
    default:
  }
  const text = typeof said?.body === "string" ? said.body : JSON.stringify(said?.body ?? {});
  const type = typeof said?.body === "string" ? "text/plain" : "application/json";
  response.writeHead(said?.status ?? 200, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
  });
  if (hit?.effect !== "cut") {
    response.end(text);
    return;
  }
  response.write(text.slice(0, Math.floor(text.length / 2)), () => request.socket.destroy());
}

function safeJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function present<K extends string>(key: K, value: unknown): { readonly [P in K]?: string } {
  return (typeof value === "string" ? { [key]: value } : {}) as { readonly [P in K]?: string };
}
