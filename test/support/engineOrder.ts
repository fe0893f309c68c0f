import type { Activity } from "../../provider/src/core/account/activity.js";
import type { Directory } from "../../provider/src/core/account/directory.js";
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
 * Asks a directory for changes in the order and with the look-ahead of the real engine: at most `parallel` operations
 * at a time, and the diff of one more.
 *
 * @param told what the program says of that, if it knows
 */
export async function playRun(
  directory: Directory,
  runtime: Runtime,
  activity: Activity,
  changes: readonly Change[],
  parallel: number,
  told: { readonly parallel?: number } = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const inFlight = new Set<Promise<void>>();
  for (const change of changes) {
    // Check and diff come one after another, each a few milliseconds after the one before.
    await runtime.sleep(1 + runtime.random() * 5);
    activity.checked(changes.length, told.parallel);
    activity.expect(change.to);
    if (change.kind === "update") directory.announce(change.id, change.from, change.to);
    else if (directory.lastListed() === undefined)
      await directory.list(startOperation(runtime, directory.accountId, "check", 120_000));
    while (inFlight.size >= parallel) await Promise.race(inFlight);
    // After a failure the engine begins nothing new.
    if (outcomes.some(({ error }) => error !== undefined)) break;
    const op = startOperation(runtime, directory.accountId, "change", 120_000);
    const task = activity.operation(change.to, async () => {
      try {
        if (change.kind === "update") {
          await directory.update(change.id, change.to, op);
          await directory.readBack(change.id, change.to, op);
        } else {
          const id = await directory.create(change.to, op);
          await directory.readBack(id, change.to, op);
        }
        outcomes.push({ change });
      } catch (error) {
        outcomes.push({ change, error });
      }
    });
    const tracked: Promise<void> = task.finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
  }
  await Promise.all(inFlight);
  return outcomes;
}
