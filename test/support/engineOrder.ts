import type { Account } from "../../provider/src/core/account/account.js";
import type { Events } from "../../provider/src/core/account/events.js";
import { startOperation } from "../../provider/src/core/api/operation.js";
import type { Runtime } from "../../provider/src/core/api/runtime.js";

/** One resource's change, as the engine would ask for it. */
export type Change =
  | { readonly kind: "update"; readonly id: string; readonly from: string; readonly to: string }
  | { readonly kind: "create"; readonly to: string };

export interface Outcome {
  readonly change: Change;
  readonly error?: unknown;
}

/**
 * Asks an account for changes in the order and with the look-ahead of the real engine: at most `parallel` operations at
 * a time, and the diff of one more.
 */
export async function playRun(
  account: Account,
  runtime: Runtime,
  events: Events,
  changes: readonly Change[],
  parallel: number,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const inFlight = new Set<Promise<void>>();
  const start = (what: string) => startOperation(runtime, runtime, account.accountId, what, 120_000);
  for (const change of changes) {
    // Check and diff come one after another, each a few milliseconds after the one before.
    await runtime.sleep(1 + runtime.random() * 5);
    events.happened();
    if (change.kind === "update") account.announce(change.id, { url: change.from }, { url: change.to });
    // The shell cannot tell a deployment from a preview yet.
    if (inFlight.size === 0) await account.list(start("check"));
    while (inFlight.size >= parallel) await Promise.race(inFlight);
    // After a failure the engine begins nothing new.
    if (outcomes.some(({ error }) => error !== undefined)) break;
    const op = start("change");
    const work = async () => {
      try {
        const id = change.kind === "create" ? await account.create({ url: change.to }, op) : change.id;
        if (change.kind === "update") await account.move(id, { url: change.to }, op);
        await account.readBack(id, { url: change.to }, op);
        outcomes.push({ change });
      } catch (error) {
        outcomes.push({ change, error });
      }
    };
    const tracked: Promise<void> = events.operation(work()).finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
  }
  await Promise.all(inFlight);
  return outcomes;
}
