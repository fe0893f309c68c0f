import type { Configuration } from "./account/ledger.js";
import { KompliantError } from "./api/errors.js";
import { LIST } from "./api/operation.js";
import type { Session } from "./session.js";

/**
 * Lists an account to see in advance what a deployment will meet there.
 *
 * @param otherwise what is not known without the list
 * @returns nothing if the account cannot be listed now, which is said once
 * @throws UserError if the API has refused, as it will in the deployment; anything else may have passed by then
 */
export async function foresee(
  session: Session,
  accountId: string,
  otherwise: string,
): Promise<ReadonlyMap<string, Configuration> | undefined> {
  const { runtime, unlisted } = session;
  if (unlisted.has(accountId)) return undefined;
  const op = session.operation(accountId, LIST);
  try {
    return await session.directory(accountId).list(op);
  } catch (error) {
    const failure = session.failure(error, op);
    if (error instanceof KompliantError && error.code !== undefined) throw failure;
    unlisted.add(accountId);
    runtime.warn(`${failure.message}\n  ${otherwise}`);
    return undefined;
  }
}
