import { attempt, type Run } from "./run.js";
import type { Stated } from "./state.js";

/** Plays the end of an `up`, or a `destroy`: dependents first, and what goes by explicit providers before all others. */
export async function removeAll(
  run: Run,
  doomed: readonly (readonly [urn: string, old: Stated])[],
): Promise<void> {
  const shielded = doomed.find(([, { protect }]) => protect === true);
  if (shielded !== undefined) {
    run.fail(shielded[1].name, "the resource is protected");
    return;
  }
  const groups = [
    doomed.filter(([, { provider }]) => provider !== undefined),
    doomed.filter(([, { provider }]) => provider === undefined),
  ];
  for (const group of groups)
    for (let rest = group; rest.length > 0 && !run.failed; ) {
      const needed = new Set(rest.flatMap(([, { needs }]) => needs));
      const free = rest.filter(([urn]) => !needed.has(urn));
      for (const [urn, old] of free) await run.slots.start(() => removeOne(run, urn, old));
      await run.slots.all();
      rest = rest.filter(([urn]) => needed.has(urn));
    }
}

async function removeOne(run: Run, urn: string, old: Stated): Promise<void> {
  if (!run.isPreview && old.retain !== true && (await deleted(run, old)) === undefined) return;
  run.state.delete(urn);
  if (old.replaced !== true) run.count("delete");
}

/** @returns nothing if it has failed */
export function deleted(run: Run, old: Stated): Promise<unknown> {
  const asked = { id: old.id, properties: old.outputs, oldInputs: old.inputs };
  return attempt(run, old.name, run.ask("delete", old, asked));
}
