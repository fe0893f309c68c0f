import type { Config } from "../api/schemas.js";

/** A webhook configuration as the account lists it. */
export interface Configuration extends Readonly<Config> {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; equal to `createdAt` until the first update. */
  readonly updatedAt: string;
}

/**
 * Kompliant's limit of active configurations in one account.
 *
 * @see kompliant documentation, "webhook.config.create": the error MAX_WEBHOOK_URL_LIMIT
 */
export const LIMIT = 20;

/** The order in which configurations are listed: the oldest first. */
export function byAge(a: Configuration, b: Configuration): number {
  return a.createdAt + a.id < b.createdAt + b.id ? -1 : 1;
}
