import { isDeepStrictEqual } from "node:util";
import { KompliantError } from "../api/errors.js";
import {
  type Call,
  type Checked,
  type Difference,
  isGiven,
  isKnown,
  type Props,
  type ResourceType,
} from "../call.js";
import { UserError } from "../failures.js";
import { checkAccount } from "../inputs.js";
import type { Run } from "../run.js";
import { keyNow } from "./activate.js";
import type { Inputs, Outputs } from "./inputs.js";

/** What the engine asks of a `WebhookKey`. */
export function webhookKeys(run: Run): ResourceType<Inputs, Outputs> {
  return {
    // The old key is used until the new one is active.
    deleteBeforeReplace: false,
    check: async (call, _olds, news) => check(run, call, news),
    diff: async (_call, id, olds, news) => {
      run.keys.accounts.set(id, olds.accountId);
      return diff(olds, news);
    },
    create: async (call, inputs) => (call.isPreview ? undefined : create(run, call, inputs)),
    read: (call, id, props) => read(run, call, id, props),
    // Whatever the program can change makes a new key.
    update: async (_call, _id, olds, news) => ({ ...olds, ...news }),
    delete: async (call, id) => {
      call.log.info(
        `no call was made for ${id}: Kompliant has none that deletes a key, and deletes it by itself when another key of its account becomes active`,
      );
    },
  };
}

const NO_IMPORT =
  "a webhook key cannot be imported: Kompliant tells its shared secret once, when it is created. Let this resource create a new key, and activate that one.";

/** @param news what the program passes; all but `Inputs` ends here and never reaches state */
function check(run: Run, call: Call, { accountId: given, keepers, import: imported }: Props): Checked {
  const { accountId, failures } = checkAccount(run, given);
  const inputs = { accountId: accountId ?? null, ...(isGiven(keepers) ? { keepers } : {}) };
  if (isGiven(imported)) failures.push({ property: "", reason: NO_IMPORT });
  if (isGiven(keepers) && isKnown(keepers) && !isStrings(keepers))
    failures.push({
      // With the property's name the engine would print its value, which may be a secret.
      property: "",
      reason:
        "`keepers` must be an object whose values are strings (a number goes in quotes): any change of one makes a new key",
    });
  run.keys.declared.set(call.key, isKnown(accountId) ? String(accountId) : undefined);
  return { inputs, failures };
}

function isStrings(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => typeof each === "string");
}

function diff(olds: Outputs, news: Inputs): Difference {
  const changed = [
    ...(olds.accountId === news.accountId ? [] : ["accountId"]),
    ...(isDeepStrictEqual(olds.keepers ?? {}, news.keepers ?? {}) ? [] : ["keepers"]),
  ];
  return { hasChanges: changed.length > 0, changed, replaces: changed };
}

async function create(
  run: Run,
  call: Call,
  inputs: Inputs,
): Promise<{ readonly id: string; readonly outputs: Outputs }> {
  const { accountId } = inputs;
  const op = run.operation(call, accountId, "create a webhook key");
  try {
    const made = await run.keyClient(accountId).create(accountId, op);
    run.keys.accounts.set(made.key_id, accountId);
    if (made.isRepeated)
      call.log.warn(`an answer to the create of ${made.key_id} was lost, so ${leftOver(accountId)}`);
    return {
      id: made.key_id,
      outputs: { ...inputs, sharedSecret: made.shared_secret, createdAt: made.created_at },
    };
  } catch (error) {
    const failure = run.failure(error, op);
    if (!(error instanceof KompliantError) || !error.mayHaveActed) throw failure;
    throw new UserError(
      `${failure.message}\n  No answer says that none was made, so ${leftOver(accountId)}.`,
    );
  }
}

function leftOver(accountId: string): string {
  return `account ${accountId} may have one webhook key more, or several: inactive, known to nobody, and harmless`;
}

/** @returns nothing if Kompliant calls the key deleted */
async function read(
  run: Run,
  call: Call,
  id: string,
  { accountId, keepers, sharedSecret, createdAt }: Partial<Outputs>,
): Promise<{ readonly id: string; readonly inputs: Inputs; readonly outputs: Outputs } | undefined> {
  if (sharedSecret === undefined || accountId === undefined) throw new UserError(NO_IMPORT);
  run.keys.accounts.set(id, accountId);
  const { status, created_at } = await keyNow(run, call, id);
  if (status === "DELETED") return undefined;
  const inputs = { accountId, ...(isGiven(keepers) ? { keepers } : {}) } as Inputs;
  return { id, inputs, outputs: { ...inputs, sharedSecret, createdAt: createdAt ?? created_at } };
}
