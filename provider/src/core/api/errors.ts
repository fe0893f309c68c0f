import type { Method } from "./method.js";

/** A call to one of the API's methods, as far as messages need it. */
export interface Call {
  /** The dotted method name, for example `webhook.config.create`. */
  readonly method: Method;
  /** Absent where it is not known. */
  readonly accountId?: string;
  readonly configId?: string;
  readonly keyId?: string;
  readonly url?: string;
}

/** One of the `errors` of Kompliant's error envelope. */
export interface ApiError {
  readonly code: string;
  readonly subCode?: string;
  /** The API's own words. */
  readonly message: string;
  /** Which fields of the request were wrong, as dotted paths. */
  readonly details: readonly { readonly field: string; readonly message: string }[];
}

/**
 * Why a call did not succeed. What may be done about it is decided in `retry.ts`. All texts of a server in it are ready
 * to be shown.
 */
export type Failure =
  /** The application itself refused, in Kompliant's error envelope. */
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly errors: readonly [ApiError, ...ApiError[]];
      readonly traceId?: string;
    }
  /** Something answered, but not the application: a proxy, a gateway, an overloaded server, a cut body. */
  | {
      readonly kind: "unreadable";
      readonly status: number;
      readonly contentType: string;
      /** The first words of the body; absent if it may hold a secret. */
      readonly excerpt?: string;
      /** The `Retry-After` header as it came. */
      readonly retryAfter?: string;
      /** What turned the call away may speak as the application does. */
      readonly errors?: readonly ApiError[];
      readonly traceId?: string;
    }
  /** The list says that there is more of the account than it shows, so it proves nothing absent. */
  | { readonly kind: "incomplete"; readonly status: number; readonly traceId?: string }
  /** No time was left to send the request. */
  | { readonly kind: "unsent" }
  /** No connection came about: the request cannot have been received. */
  | { readonly kind: "unreachable"; readonly reason: string; readonly permanent: boolean }
  /** The request was sent and no answer came back: the server may have acted on it. */
  | { readonly kind: "unanswered"; readonly reason: string };

/**
 * The failure of a call to the Kompliant API. Holds what is known of the call and of the answer, never a
 * credential or a signature, so that it can be printed or inspected anywhere.
 *
 * @example
 * try { await client.delete(configId, op); }
 * catch (error) { if (error instanceof KompliantError && error.code === "ENTITY_NOT_FOUND") … }
 */
export class KompliantError extends Error {
  override readonly name = "KompliantError";

  constructor(
    readonly call: Call,
    readonly failure: Failure,
    readonly baseUrl: string,
    /** How much was tried before giving up, when time or patience ran out; otherwise absent. */
    readonly gaveUp?: string,
    /** The server may have done what was asked, by this call or one before it that it repeats. */
    readonly mayHaveActed = false,
  ) {
    super(describe(call, failure, baseUrl, gaveUp));
  }

  get method(): Method {
    return this.call.method;
  }
  /** HTTP status, where something answered. */
  get status(): number | undefined {
    return "status" in this.failure ? this.failure.status : undefined;
  }
  /** For example `ENTITY_NOT_FOUND`; only where the application itself answered. */
  get code(): string | undefined {
    return this.failure.kind === "refused" ? this.failure.errors[0].code : undefined;
  }
  /** For example `URL_ALREADY_EXISTS`. */
  get subCode(): string | undefined {
    return this.failure.kind === "refused" ? this.failure.errors[0].subCode : undefined;
  }
  /** The API's own words. */
  get apiMessage(): string | undefined {
    return this.failure.kind === "refused" ? this.failure.errors[0].message : undefined;
  }
  /** Which fields of the request were wrong. */
  get details(): ApiError["details"] {
    return this.failure.kind === "refused" ? this.failure.errors[0].details : [];
  }
  /** Quote it to Kompliant's support. */
  get traceId(): string | undefined {
    return "traceId" in this.failure ? this.failure.traceId : undefined;
  }
}

/** What went wrong, without the trace id. Only a refusal can have more lines than one. */
export function describeFailure(failure: Failure, baseUrl: string): string {
  switch (failure.kind) {
    case "refused":
      return failure.errors.map(describeError).join("\n");
    case "unreadable": {
      if (failure.errors !== undefined)
        return `${baseUrl} answered with HTTP ${failure.status}: ${failure.errors.map(describeError).join("; ")}`;
      return `${baseUrl} answered with HTTP ${failure.status}, ${failure.contentType || "no content type"}, ${wordsOf(failure.excerpt)}, which is not an answer of the Kompliant API`;
    }
    case "incomplete":
      return `${baseUrl} answered with a list that says that there is more of it than it shows`;
    case "unsent":
      return `nothing was sent to ${baseUrl}: no time was left for an answer`;
    case "unreachable":
      return `${baseUrl} cannot be reached: ${failure.reason}`;
    case "unanswered":
      return `${baseUrl} did not answer: ${failure.reason}`;
  }
}

function wordsOf(excerpt: string | undefined): string {
  if (excerpt === undefined) return "and a body that is not shown since it may hold the secret";
  return excerpt === "" ? "and an empty body" : `beginning "${excerpt}"`;
}

function describeError({ code, subCode, message, details }: ApiError): string {
  const named = subCode === undefined ? code : `${code} / ${subCode}`;
  return `${named}: ${message}${details.map((each) => `; ${each.field}: ${each.message}`).join("")}`;
}

function describe(call: Call, failure: Failure, baseUrl: string, gaveUp: string | undefined): string {
  const target = [call.configId, call.keyId, call.url, call.accountId && `account ${call.accountId}`]
    .filter(Boolean)
    .join(", ");
  const lines = [`${call.method} (${target}) failed: ${describeFailure(failure, baseUrl)}`];
  if (gaveUp !== undefined) lines.push(gaveUp);
  if ("traceId" in failure && failure.traceId !== undefined) lines.push(`trace id: ${failure.traceId}`);
  return lines.join("\n");
}
