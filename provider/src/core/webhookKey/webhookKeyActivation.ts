import { rivalry } from "../activations.js";
import { isKeyId } from "../api/schemas.js";
import { describeProblems } from "../api/settings.js";
import { type Call, type Checked, isGiven, isKnown, type Props, type ResourceType } from "../call.js";
import type { Run } from "../run.js";
import { activate, keyNow } from "./activate.js";
import type { ActivationInputs, ActivationOutputs } from "./inputs.js";

/** What the engine asks of a `WebhookKeyActivation`. */
export function webhookKeyActivations(run: Run): ResourceType<ActivationInputs, ActivationOutputs> {
  return {
    deleteBeforeReplace: false,
    check: async (call, _olds, news) => check(run, call, news),
    diff: async (_call, _id, olds, news) => {
      const changed = olds.keyId === news.keyId ? [] : ["keyId"];
      return { hasChanges: changed.length > 0, changed, replaces: [] };
    },
    create: async (call, { keyId }) =>
      call.isPreview ? undefined : { id: keyId, outputs: await activated(run, call, keyId) },
    read: (call, id, props) => read(run, call, id, props),
    update: async (call, _id, olds, { keyId }) => {
      if (call.isPreview) return undefined;
      return olds.keyId === keyId ? olds : activated(run, call, keyId);
    },
    delete: async (call, _id, { keyId }) => {
      call.log.info(
        `no call was made for the activation of ${keyId}: Kompliant has none that ends it. If the key is active, it stays so until another one of its account is activated`,
      );
    },
  };
}

/** @param news what the program passes; all but `ActivationInputs` ends here and never reaches state */
function check(run: Run, { key, label }: Call, { keyId, import: imported }: Props): Checked {
  const failures =
    run.problems.length === 0 ? [] : [{ property: "", reason: describeProblems(run.problems) }];
  if (isGiven(imported))
    failures.push({
      property: "",
      reason:
        "an activation needs no import here: with `keyId` of a key that is active already it changes nothing, and stands for that from then on",
    });
  if (isKnown(keyId) && !isKeyId(keyId))
    failures.push({
      // With the property's name the engine would print its value, which could be the key's secret.
      property: "",
      reason: "`keyId` is not the id of a webhook key, which begins with whk_: pass `id` of a WebhookKey",
    });
  if (failures.length > 0) return { inputs: { keyId: keyId ?? null }, failures };
  const own = { key, label, keyId: isKnown(keyId) ? String(keyId) : undefined };
  run.keys.activations.set(key, own);
  const rival = rivalry(own, run.keys);
  if (rival !== undefined) failures.push({ property: "keyId", reason: rival });
  return { inputs: { keyId }, failures };
}

async function activated(run: Run, call: Call, keyId: string): Promise<ActivationOutputs> {
  return outputsOf(keyId, await activate(run, call, keyId));
}

/** @returns nothing if the key is not active */
async function read(run: Run, call: Call, id: string, props: Partial<ActivationOutputs>) {
  const keyId = props.keyId ?? id;
  const { status, activated_at } = await keyNow(run, call, keyId);
  if (status === "ACTIVE")
    return { id, inputs: { keyId }, outputs: outputsOf(keyId, activated_at ?? props.activatedAt) };
  call.log.warn(`${keyId} is not active (${status}): Kompliant does not deliver with it`);
  return undefined;
}

function outputsOf(keyId: string, activatedAt: string | undefined): ActivationOutputs {
  return { keyId, ...(activatedAt === undefined ? {} : { activatedAt }) };
}
