import type { Provider } from "./provider.js";

/** A webhook configuration as the account lists it. */
export interface WebhookConfigResult {
  /** `whc_…` */
  readonly id: string;
  /** Where Kompliant delivers. */
  readonly url: string;
  /** The account that was listed. */
  readonly accountId: string;
  /** When Kompliant created it: ISO 8601, for example `2025-10-21T15:42:33.109Z`. */
  readonly createdAt: string;
  /** When its URL was last changed: ISO 8601; equal to `createdAt` until the first change. */
  readonly updatedAt: string;
}

/** In which account to look, and with whose credentials. */
export interface LookupOptions {
  /** Default: the provider's account, then `kompliant:accountId`, then `KOMPLIANT_ACCOUNT_ID`. */
  readonly accountId?: string | undefined;
  /** Whose credentials to use. Default: those of the environment if it has all three, else those of the stack config. */
  readonly provider?: Provider | undefined;
}
