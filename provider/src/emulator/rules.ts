import { z } from "zod";
import { isConfigId } from "../core/api/schemas.js";
import { sign } from "../core/api/signature.js";
import { writable } from "./writable.js";

/** A webhook configuration as the emulator keeps it. */
export interface StoredConfig {
  /** `whc_` and 22 letters and digits. */
  readonly config_id: string;
  /** Where Kompliant would deliver. */
  readonly url: string;
  /** ISO 8601, for example `2025-10-21T15:42:33.109Z`. */
  readonly created_at: string;
  /** ISO 8601; absent until the first update. */
  readonly updated_at?: string;
}

/** Each account's active configurations. Never changed in place, so that an answer either changes all or nothing. */
export type Store = Readonly<Record<string, readonly StoredConfig[]>>;

/** What Kompliant's documentation calls API Key, Secret Key and Auth Token. */
export interface Credentials {
  /** `sb_` or `lv_` and 22 letters and digits. */
  readonly apiKey: string;
  /** 33 bytes in standard Base64 (44 characters). */
  readonly secretKey: string;
  /** Printable characters without blanks. */
  readonly authToken: string;
}

/** One HTTP request, as far as the rules look at it. */
export interface Request {
  readonly verb: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What the rules take from the outside world. */
export interface World {
  readonly credentials: Credentials;
  now(): Date;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** What the API answers, and the store as it is afterwards. */
export interface Answer {
  readonly status: number;
  /** JSON, or plain text where the infrastructure answers. */
  readonly body: unknown;
  readonly store: Store;
}

const LIMIT = 20;
const VERSION = "2025-03-24";
/** Kompliant's own limit is not documented; a request of these methods takes a few hundred bytes. */
export const MAX_BODY_BYTES = 64 * 1024;
const PREFIX = "/webhook.config.";

/** The last word of each method that there is. */
export type Method = "create" | "get" | "list" | "update" | "delete";

const shapes = {
  create: z.object({ account_id: z.string().min(1), config: writable }),
  get: z.object({ account_id: z.string().min(1), config_id: z.string().min(1) }),
  list: z.object({ account_id: z.string().min(1) }),
  update: z.object({ account_id: z.string().min(1), config_id: z.string().min(1), config: writable }),
  delete: z.object({ account_id: z.string().min(1), config_id: z.string().min(1) }),
};

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly sub_code?: string;
  readonly details?: readonly { readonly field: string; readonly message: string }[];
}

/**
 * Answers one request as Kompliant would. Where the documentation leaves room, it takes the stricter reading: an
 * update to the URL that a configuration has already is refused, and a list comes in no order.
 */
export function answer(store: Store, request: Request, world: World): Answer {
  const meta = (status: string) => ({ status, trace_id: `trc_${token(world.random, 22)}`, version: VERSION });
  const refuse = ({ status, ...error }: Problem): Answer => ({
    status,
    body: { meta: meta("ERROR"), errors: [error] },
    store,
  });
  const succeed = (data: unknown, next: Store = store): Answer => ({
    status: 200,
    body: { meta: meta("SUCCESS"), data },
    store: next,
  });
  const badRequest = (message: string, details?: Problem["details"]) =>
    refuse({ status: 400, code: "BAD_REQUEST", message, ...(details === undefined ? {} : { details }) });

  const method = methodOf(request.path);
  if (method === undefined) return badRequest(`There is no method ${request.path}.`);
  if (request.verb !== "POST") return badRequest(`${request.path} must be called with POST.`);
  if (Buffer.byteLength(request.body) > MAX_BODY_BYTES)
    return { status: 413, body: "Payload Too Large", store };
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? ""))
    return { status: 415, body: "Unsupported Media Type", store };

  const unauthorized = authenticate(request.headers, world.credentials);
  if (unauthorized !== undefined) return refuse({ status: 401, ...unauthorized });
  const version = request.headers["x-api-version"];
  if (version !== undefined && version !== VERSION)
    return refuse({ status: 400, code: "UNKNOWN_VERSION", message: `Version ${version} is not known.` });

  const parsed = shapes[method].safeParse(parseJson(request.body));
  if (!parsed.success) {
    const details = parsed.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
    return badRequest("The request is not valid.", details);
  }
  const params: { account_id: string; config_id?: string; config?: z.infer<typeof writable> } = parsed.data;
  const configs = Object.hasOwn(store, params.account_id) ? store[params.account_id] : undefined;
  if (configs === undefined && (method === "create" || method === "list"))
    return refuse({
      status: 400,
      code: "ENTITY_NOT_FOUND",
      message: `Account ${params.account_id} does not exist.`,
    });
  const active = configs ?? [];
  const { config: wanted = { url: "" } } = params;
  if (params.config !== undefined && !isEndpoint(wanted.url))
    return badRequest("The request is not valid.", [
      { field: "config.url", message: "must be an https URL" },
    ]);
  const keep = (next: readonly StoredConfig[]): Store => ({ ...store, [params.account_id]: next });

  if (method === "list") return succeed({ configs: shuffled(active, world.random) });
  if (method === "create") {
    const conflict = urlConflict(active, wanted.url);
    if (conflict !== undefined) return refuse(conflict);
    if (active.length >= LIMIT)
      return refuse({
        status: 400,
        code: "SYSTEM_RULE_VIOLATION",
        sub_code: "MAX_WEBHOOK_URL_LIMIT",
        message: `An account can have at most ${LIMIT} active webhook configurations.`,
      });
    const config_id = `whc_${token(world.random, 22)}`;
    return succeed(
      { config_id },
      keep([...active, { config_id, ...wanted, created_at: world.now().toISOString() }]),
    );
  }

  const configId = params.config_id ?? "";
  if (!isConfigId(configId))
    return badRequest("The request is not valid.", [{ field: "config_id", message: "is malformed" }]);
  const config = active.find(({ config_id }) => config_id === configId);
  if (config === undefined)
    return refuse({
      status: 404,
      code: "ENTITY_NOT_FOUND",
      message: `Webhook configuration ${configId} does not exist.`,
    });
  switch (method) {
    case "get":
      return succeed(config);
    case "update": {
      const conflict = urlConflict(active, wanted.url);
      if (conflict !== undefined) return refuse(conflict);
      const updated = { ...config, ...wanted, updated_at: world.now().toISOString() };
      return succeed({}, keep(active.map((other) => (other === config ? updated : other))));
    }
    case "delete":
      return succeed({}, keep(active.filter((other) => other !== config)));
  }
}

/** @returns the last word of the method that a path calls; undefined if there is no such method */
export function methodOf(path: string): Method | undefined {
  const word = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : "";
  return Object.hasOwn(shapes, word) ? (word as Method) : undefined;
}

function isEndpoint(url: string): boolean {
  return url.startsWith("https://") && URL.canParse(url);
}

function urlConflict(active: readonly StoredConfig[], url: string): Problem | undefined {
  if (!active.some((config) => config.url === url)) return undefined;
  return {
    status: 400,
    code: "SYSTEM_RULE_VIOLATION",
    sub_code: "URL_ALREADY_EXISTS",
    message: "A webhook configuration with this URL already exists.",
  };
}

function authenticate(
  headers: Request["headers"],
  { apiKey, secretKey, authToken }: Credentials,
): { code: string; message: string } | undefined {
  const authorization = headers["authorization"];
  const key = headers["x-api-key"];
  const auth = headers["x-api-auth-token"];
  if (authorization === undefined || key === undefined || auth === undefined)
    return { code: "AUTH_MISSING_HEADER", message: "An authentication header is missing." };
  const signature = /^KSig1-HMAC-SHA256 ([A-Za-z0-9+/]+=*)$/.exec(authorization)?.[1];
  if (signature === undefined)
    return { code: "AUTH_INVALID_HEADER", message: "The Authorization header is malformed." };
  if (key !== apiKey) return { code: "AUTH_INVALID_API_KEY", message: "The API key is not valid." };
  if (auth !== authToken) return { code: "AUTH_INVALID_AUTH_TOKEN", message: "The auth token is not valid." };
  if (signature !== sign(apiKey, secretKey))
    return { code: "AUTH_SIGNATURE_MISMATCH", message: "The signature does not match." };
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export function token(random: () => number, length: number): string {
  return Array.from({ length }, () => ALPHANUMERIC[Math.floor(random() * ALPHANUMERIC.length)]).join("");
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
