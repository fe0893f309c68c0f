/** A call to one of the `webhook.config.*` methods, as far as messages need it. */
export interface Call {
  /** The dotted method name, for example `webhook.config.create`. */
  readonly method: string;
  readonly accountId: string;
  readonly configId?: string;
  readonly url?: string;
}

/** Why a call did not succeed. What may be done about it is decided in `retry.ts`. */
export type Failure =
  /** The application itself refused, in Kompliant's error envelope. */
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly code: string;
      readonly subCode?: string;
      readonly apiMessage: string;
      readonly details: readonly { readonly field: string; readonly message: string }[];
      readonly traceId?: string;
    }
  /** Something answered, but not in Kompliant's words: a proxy, a gateway, an overloaded server, a cut body. */
  | {
      readonly kind: "unreadable";
      readonly status: number;
      readonly contentType: string;
      /** The first words of the body. */
      readonly excerpt: string;
      /** The `Retry-After` header as it came. */
      readonly retryAfter?: string;
      readonly traceId?: string;
    }
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
  ) {
    super(describe(call, failure, baseUrl, gaveUp));
  }

  get method(): string {
    return this.call.method;
  }
  /** HTTP status, where something answered. */
  get status(): number | undefined {
    return "status" in this.failure ? this.failure.status : undefined;
  }
  /** For example `ENTITY_NOT_FOUND`; only where the application itself answered. */
  get code(): string | undefined {
    return this.failure.kind === "refused" ? this.failure.code : undefined;
  }
  /** For example `URL_ALREADY_EXISTS`. */
  get subCode(): string | undefined {
    return this.failure.kind === "refused" ? this.failure.subCode : undefined;
  }
  /** The API's own words. */
  get apiMessage(): string | undefined {
    return this.failure.kind === "refused" ? this.failure.apiMessage : undefined;
  }
  /** Which fields of the request were wrong, as dotted paths. */
  get details(): readonly { readonly field: string; readonly message: string }[] {
    return this.failure.kind === "refused" ? this.failure.details : [];
  }
  /** Quote it to Kompliant's support. */
  get traceId(): string | undefined {
    return "traceId" in this.failure ? this.failure.traceId : undefined;
  }
}

/** What went wrong, in one line, without the trace id. */
export function describeFailure(failure: Failure, baseUrl: string): string {
  switch (failure.kind) {
    case "refused": {
      const code = failure.subCode ? `${failure.code} / ${failure.subCode}` : failure.code;
      const details = failure.details.map(({ field, message }) => `; ${field}: ${message}`).join("");
      return `${code}: ${failure.apiMessage}${details}`;
    }
    case "unreadable": {
      const words = failure.excerpt === "" ? "and an empty body" : `beginning "${failure.excerpt}"`;
      return `${baseUrl} answered with HTTP ${failure.status}, ${failure.contentType || "no content type"}, ${words}, which is not an answer of the Kompliant API`;
    }
    case "unreachable":
      return `${baseUrl} cannot be reached: ${failure.reason}`;
    case "unanswered":
      return `${baseUrl} did not answer: ${failure.reason}`;
  }
}

function describe(call: Call, failure: Failure, baseUrl: string, gaveUp: string | undefined): string {
  const target = [call.configId, call.url, `account ${call.accountId}`].filter(Boolean).join(", ");
  const lines = [`${call.method} (${target}) failed: ${describeFailure(failure, baseUrl)}`];
  if (gaveUp !== undefined) lines.push(gaveUp);
  if ("traceId" in failure && failure.traceId !== undefined) lines.push(`trace id: ${failure.traceId}`);
  return lines.join("\n");
}
