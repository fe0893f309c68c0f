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

/** A webhook key as the emulator keeps it. */
export interface StoredKey {
  /** `whk_`, the day of its creation in UTC, and a number from 01 to 99: `whk_20251021_01`. */
  readonly key_id: string;
  /** 32 bytes in standard Base64 (44 characters). The API shows them once, in the answer to `webhook.key.create`. */
  readonly shared_secret: string;
  /** At most one key of an account is `ACTIVE`. What was active before it is `DELETED`. */
  readonly status: "INACTIVE" | "ACTIVE" | "DELETED";
  /** ISO 8601, for example `2025-10-21T15:42:33.109Z`. */
  readonly created_at: string;
  /** ISO 8601; absent until it is activated. */
  readonly activated_at?: string;
  /** ISO 8601; absent until another key takes its place. */
  readonly deleted_at?: string;
}

/** What an account has: its active configurations and all its keys, each oldest first. */
export interface StoredAccount {
  readonly configs: readonly StoredConfig[];
  readonly keys: readonly StoredKey[];
}

/** All accounts by their ids. Never changed in place, so that an answer either changes all or nothing. */
export type Store = Readonly<Record<string, StoredAccount>>;
