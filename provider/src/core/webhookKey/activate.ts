import { lookAfter, pauseAfter } from "../account/lostAnswers.js";
import { KompliantError } from "../api/errors.js";
import type { KeyClient } from "../api/keyClient.js";
import type { Operation } from "../api/operation.js";
import { decide } from "../api/retry.js";
import { type Data, isKeyId } from "../api/schemas.js";
import type { Call } from "../call.js";
import { UserError } from "../failures.js";
import type { Run } from "../run.js";

type Key = Data<"webhook.key.get">;

/**
 * What Kompliant says of a key now.
 *
 * @throws UserError
 */
export async function keyNow(run: Run, call: Call, keyId: string): Promise<Key> {
  if (!isKeyId(keyId))
    throw new UserError(`${JSON.stringify(keyId)} is not the id of a webhook key, which begins with whk_`);
  const accountId = run.keys.accounts.get(keyId);
  const op = run.operation(call, accountId, `read the webhook key ${keyId}`);
  try {
    return sameKey(keyId, await run.keyClient(accountId).get(keyId, op));
  } catch (error) {
    throw run.failure(error, op);
  }
}

/**
 * Makes a key the active one of its account. A key that is active already stays so. A deleted key is never activated again,
 * since another key of its account has become active after it.
 *
 * @returns when it became active, where Kompliant says it
 * @throws UserError
 */
export async function activate(run: Run, call: Call, keyId: string): Promise<string | undefined> {
  const accountId = run.keys.accounts.get(keyId);
  const op = run.operation(call, accountId, `activate the webhook key ${keyId}`);
  const client = run.keyClient(accountId);
  for (;;) {
    try {
      return sameKey(keyId, await client.activate(keyId, op)).activated_at;
    } catch (error) {
      const key = await afterFailure(run, client, keyId, error, op);
      if (key.status === "ACTIVE") return key.activated_at ?? undefined;
    }
  }
}

/**
 * The key itself says what became of a call that has failed.
 *
 * @returns the key, if it is active, or if the call can be made again
 * @throws UserError
 */
async function afterFailure(
  run: Run,
  client: KeyClient,
  keyId: string,
  error: unknown,
  op: Operation,
): Promise<Key> {
  if (!(error instanceof KompliantError)) throw error;
  const isRefused = error.failure.kind === "refused" && error.code?.startsWith("AUTH_") !== true;
  if (!isRefused && !error.mayHaveActed) throw run.failure(error, op);
  try {
    const look = async () => sameKey(keyId, await client.get(keyId, op));
    const key = await lookAfter(error, look, run.runtime, op).catch((unseen) => {
      // Once is enough to say that a key is unknown.
      throw error.code === "ENTITY_NOT_FOUND" ? error : unseen;
    });
    if (key.status === "ACTIVE") return key;
    if (key.status === "DELETED")
      throw new UserError(`cannot ${op.what}: ${overtaken(keyId)}\n  ${error.message}`);
    if (decide(error.method, error.failure).next !== "settle")
      throw new UserError(`${run.failure(error, op).message}\n  ${keyId} is inactive still.`);
    await pauseAfter(error, run.runtime, op);
    return key;
  } catch (failure) {
    throw run.failure(failure, op);
  }
}

function overtaken(keyId: string): string {
  return `${keyId} is deleted: another key of its account has become active since, and a deleted key can never be activated again. Change \`keepers\` of its WebhookKey, or run \`pulumi refresh\`, which finds it gone: either makes a new key. If the program names the key itself, name the one that is active, or remove the activation.`;
}

/** What is said of another key proves nothing of this one. */
function sameKey<T extends { readonly key_id: string }>(keyId: string, said: T): T {
  if (said.key_id === keyId) return said;
  throw new UserError(
    `the Kompliant API was asked about ${keyId} and answered about ${said.key_id}: nothing was concluded from that`,
  );
}
