/** What state keeps as inputs. */
export interface Inputs {
  readonly accountId: string;
  readonly url: string;
}

/** What state keeps as outputs. The times are absent as long as they could not be read. */
export interface Outputs extends Inputs {
  readonly createdAt?: string;
  readonly updatedAt?: string;
}
