import type { Configuration } from "./account/configuration.js";
import { KompliantError } from "./api/errors.js";
import { LIST } from "./api/operation.js";
import type { Call } from "./call.js";
import type { Run } from "./run.js";

/**
 * Lists an account to see in advance what a deployment will meet there.
 *
 * @param otherwise what is not known without the list
 * @returns nothing if the account cannot be listed now, which is said once
 * @throws UserError if the API has refused, as it will in the deployment; anything else may have passed by then
 */
export async function foresee(
  run: Run,
  call: Call,
  accountId: string,
  otherwise: string,
): Promise<ReadonlyMap<string, Configuration> | undefined> {
  const account = run.account(accountId);
  if (account.listed !== undefined) return account.listed;
  if (run.unlisted.has(accountId)) return undefined;
  const op = run.operation(call, accountId, LIST);
  try {
    return await account.list(op);
  } catch (error) {
    const failure = run.failure(error, op);
    if (error instanceof KompliantError && error.code !== undefined) throw failure;
    run.unlisted.add(accountId);
    call.log.warn(`${failure.message}\n  ${otherwise}`);
    return undefined;
  }
}
