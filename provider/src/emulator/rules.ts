import { sign } from "../core/api/signature.js";
import { configRules } from "./configRules.js";
import { keyRules } from "./keyRules.js";
import { type Method, methodOf } from "./methods.js";
import { token } from "./random.js";
import type { Problem, Rule, World } from "./rule.js";
import type { Store } from "./store.js";

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

/** What the API answers, and the store as it is afterwards. */
export interface Answer {
  readonly status: number;
  /** JSON, or plain text where the infrastructure answers. */
  readonly body: unknown;
  readonly store: Store;
}

const VERSION = "2025-03-24";
/** Kompliant's own limit is not documented; a request of these methods takes a few hundred bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

const rules: Readonly<Record<Method, Rule>> = { ...configRules, ...keyRules };

/**
 * Answers one request as Kompliant would. Where the documentation leaves room, it takes the stricter reading: an
 * update to the URL that a configuration has already is refused, a list comes in no order, and only an `INACTIVE` key
 * can be activated.
 */
export function answer(
  store: Store,
  request: Request,
  world: World & { readonly credentials: Credentials },
): Answer {
  const { verb, path, headers, body } = request;
  const meta = (status: string) => ({ status, trace_id: `trc_${token(world.random, 22)}`, version: VERSION });
  const refuse = ({ status, ...error }: Problem): Answer => ({
    status,
    body: { meta: meta("ERROR"), errors: [error] },
    store,
  });
  const badRequest = (message: string) => refuse({ status: 400, code: "BAD_REQUEST", message });

  const method = methodOf(path);
  if (method === undefined) return badRequest(`There is no method ${path}.`);
  if (verb !== "POST") return badRequest(`${path} must be called with POST.`);
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) return { status: 413, body: "Payload Too Large", store };
  if (!/^application\/json\b/i.test(headers["content-type"] ?? ""))
    return { status: 415, body: "Unsupported Media Type", store };

  const unauthorized = authenticate(headers, world.credentials);
  if (unauthorized !== undefined) return refuse({ status: 401, ...unauthorized });
  const version = headers["x-api-version"];
  if (version !== undefined && version !== VERSION)
    return refuse({ status: 400, code: "UNKNOWN_VERSION", message: `Version ${version} is not known.` });

  const outcome = rules[method](store, parseJson(body), world);
  if (outcome.problem !== undefined) return refuse(outcome.problem);
  return { status: 200, body: { meta: meta("SUCCESS"), data: outcome.data }, store: outcome.store };
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
