import type { Config } from "../api/schemas.js";

/** What state keeps as inputs. */
export interface Inputs extends Readonly<Config> {
  readonly accountId: string;
}

/** What state keeps as outputs. The times are absent as long as they could not be read. */
export interface Outputs extends Inputs {
  readonly createdAt?: string;
  readonly updatedAt?: string;
}
