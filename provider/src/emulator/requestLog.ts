import { type Hit, reachesAccount } from "./faults.js";
import type { Answer, Request } from "./rules.js";

/** One request that has come in. Holds nothing of its credentials, and no key's secret. */
export interface RequestLogEntry {
  /** 1 is the first since the log was cleared. */
  readonly n: number;
  /** For example `webhook.config.create`. */
  readonly method: string;
  /** The request's `account_id`, if it has one. */
  readonly accountId?: string;
  /** The request's `config_id`, if it has one. */
  readonly configId?: string;
  /** The request's `key_id`, if it has one. */
  readonly keyId?: string;
  /** The request's `config.url`, if it has one. */
  readonly url?: string;
  /** HTTP status; 0 if nothing was answered. */
  readonly status: number;
  /** The API's `code`, if it has answered with one. */
  readonly code?: string;
  /** The API's `sub_code`, if it has answered with one. */
  readonly subCode?: string;
  /** The answer's `trace_id` (`trc_…`); absent where the API itself has not answered. */
  readonly traceId?: string;
  /** When it was answered: ISO 8601. */
  readonly at: string;
  /** The request has changed the account. */
  readonly committed: boolean;
  /** The effect of the fault that has hit it, for example `drop`; absent if none has. */
  readonly fault?: string;
}

/** @param said what the API has to say, whether or not a fault lets it through; undefined if it was not asked */
export function logEntry(
  n: number,
  at: Date,
  { path, body }: Pick<Request, "path" | "body">,
  hit: Hit | undefined,
  said: Answer | undefined,
  committed: boolean,
): RequestLogEntry {
  const params = jsonObject(body);
  const silent = hit?.effect === "drop" || hit?.effect === "reset" || hit?.effect === "never";
  const delivered = silent || hit?.effect === "status" || !reachesAccount(hit) ? undefined : said;
  const envelope = delivered?.body as
    | { meta?: { trace_id?: string }; errors?: { code?: string; sub_code?: string }[] }
    | undefined;
  return {
    n,
    method: path.slice(1),
    ...present("accountId", params["account_id"]),
    ...present("configId", params["config_id"]),
    ...present("keyId", params["key_id"]),
    ...present("url", (params["config"] as { url?: unknown } | null | undefined)?.url),
    status: silent ? 0 : hit?.effect === "status" ? hit.status : (said?.status ?? 200),
    ...present("code", envelope?.errors?.[0]?.code),
    ...present("subCode", envelope?.errors?.[0]?.sub_code),
    ...present("traceId", envelope?.meta?.trace_id),
    at: at.toISOString(),
    committed,
    ...present("fault", hit?.effect),
  };
}

function jsonObject(text: string): Record<string, unknown> {
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
