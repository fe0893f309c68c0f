import * as pulumi from "@pulumi/pulumi";
import type { KompliantError as CallError } from "../core/api/errors.js";
import { decide } from "../core/api/retry.js";

/** Which configuration to look up: by its id, or by its URL, character by character. */
export type WebhookConfigQuery =
  | {
      /** `whc_…` */
      readonly id: string;
    }
  | {
      /** Exactly as it was registered. */
      readonly url: string;
    };

/** By these an error is known in every copy of the package: a program and a library that it uses can have one each. */
const NOT_FOUND = Symbol.for("pulumi-kompliant.NotFoundError");
const KOMPLIANT = Symbol.for("pulumi-kompliant.KompliantError");

/**
 * A lookup has found nothing: the account was listed, and does not have what was looked for.
 *
 * @example
 * import { getWebhookConfig, isNotFoundError } from "pulumi-kompliant";
 *
 * export const theirs = getWebhookConfig({ url: "https://example.com/theirs" })
 *   .then(({ id }) => id)
 *   .catch((error) => {
 *     if (isNotFoundError(error)) return `none in ${error.accountId}`;
 *     throw error;
 *   });
 */
export class NotFoundError extends pulumi.RunError {
  /** Always this. */
  override readonly name = "NotFoundError";
  /** @internal */
  readonly [NOT_FOUND] = true;

  /** @internal */
  constructor(
    message: string,
    /** What was looked for: a configuration with this id, or with this URL. */
    readonly query: WebhookConfigQuery,
    /** The account that was listed. */
    readonly accountId: string,
  ) {
    super(message);
  }
}

/**
 * A lookup has failed, because Kompliant has refused the call or gave no answer that counts. Its message says what to do,
 * and holds no credential.
 *
 * @example
 * import { isKompliantError, listWebhookConfigs } from "pulumi-kompliant";
 *
 * export const count = listWebhookConfigs()
 *   .then((all) => all.length)
 *   .catch((error) => {
 *     if (isKompliantError(error) && error.code === "ENTITY_NOT_FOUND") return 0;
 *     throw error;
 *   });
 */
export class KompliantError extends pulumi.RunError {
  /** Always this. */
  override readonly name = "KompliantError";
  /** @internal */
  readonly [KOMPLIANT] = true;
  /** The method that was called, for example `webhook.config.list`. */
  readonly method: string;
  /** For example `ENTITY_NOT_FOUND`; absent unless Kompliant itself has answered. */
  readonly code: string | undefined;
  /** What Kompliant adds to the code, for example `URL_ALREADY_EXISTS`. */
  readonly subCode: string | undefined;
  /** The answer's HTTP status; absent if there was no answer. */
  readonly status: number | undefined;
  /** Quote it to Kompliant's support. */
  readonly traceId: string | undefined;
  /** Whether the same lookup can succeed later, with nothing changed: the API was not reached, or had no time. */
  readonly retryable: boolean;

  /** @internal */
  constructor(message: string, { method, code, subCode, status, traceId, failure }: CallError) {
    super(message);
    this.method = method;
    this.code = code;
    this.subCode = subCode;
    this.status = status;
    this.traceId = traceId;
    this.retryable = failure.kind === "unsent" || decide("webhook.config.list", failure).next === "retry";
  }
}

/**
 * Whether an error says that a lookup has found nothing. Holds for errors of every copy of this package.
 *
 * @param error anything
 * @example
 * import { getWebhookConfig, isNotFoundError } from "pulumi-kompliant";
 *
 * export const isThere = getWebhookConfig({ id: "whc_2K9mPxR7N4jL8hS6TdWfY3" }).then(
 *   () => true,
 *   (error) => {
 *     if (isNotFoundError(error)) return false;
 *     throw error;
 *   },
 * );
 */
export function isNotFoundError(error: unknown): error is NotFoundError {
  return isMarked(error, NOT_FOUND);
}

/**
 * Whether an error says that a lookup's call has failed. Holds for errors of every copy of this package.
 *
 * @param error anything
 * @example
 * import { isKompliantError, listWebhookConfigs } from "pulumi-kompliant";
 *
 * listWebhookConfigs().catch((error) => {
 *   if (isKompliantError(error) && error.retryable) console.warn(`try again: ${error.message}`);
 *   throw error;
 * });
 */
export function isKompliantError(error: unknown): error is KompliantError {
  return isMarked(error, KOMPLIANT);
}

function isMarked(error: unknown, mark: symbol): boolean {
  return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[mark] === true;
}
