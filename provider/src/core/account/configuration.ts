import { type Config, config } from "../api/schemas.js";

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

const FIELDS = Object.keys(config.shape) as (keyof Config)[];

/** What can be written of a configuration, out of everything that is said of it. An absent field may come as null. */
export function configIn(said: Config): Config {
  return Object.fromEntries(
    FIELDS.flatMap((field) => (said[field] == null ? [] : [[field, said[field]]])),
  ) as Config;
}

/** The fields in which two configurations differ; all of them if one of the two is not there. */
export function differences(one: Config | undefined, other: Config | undefined): readonly string[] {
  return FIELDS.filter((field) => (one?.[field] ?? undefined) !== (other?.[field] ?? undefined));
}

export function isSameConfig(one: Config | undefined, other: Config | undefined): boolean {
  return differences(one, other).length === 0;
}
