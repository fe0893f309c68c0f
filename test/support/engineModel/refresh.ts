import type { Props } from "./program.js";
import { attempt, isTarget, type Run } from "./run.js";
import { type Stated, sameProps } from "./state.js";

/** Plays a refresh: reads all resources at once, by name, and asks for a diff of each that is still there. */
export async function refresh(run: Run): Promise<void> {
  const all = [...run.state].sort(([, a], [, b]) => (a.name < b.name ? -1 : 1));
  for (const [urn, old] of all)
    if (isTarget(run, old.name) && old.replaced !== true)
      await run.slots.start(() => refreshOne(run, urn, old));
  await run.slots.all();
}

/** A failed read leaves the resource in state as it was. */
export async function refreshOne(run: Run, urn: string, old: Stated): Promise<void> {
  const { id, inputs, outputs } = old;
  const found = await attempt(run, old.name, run.ask("read", old, { id, properties: outputs, inputs }));
  if (found === undefined) return;
  if (found["id"] === undefined) {
    run.state.delete(urn);
    run.count("delete");
    return;
  }
  const { incomplete: _, ...rest } = old;
  const read: Stated = {
    ...rest,
    outputs: found["properties"] as Props,
    inputs: (found["inputs"] as Props | undefined) ?? inputs,
  };
  const asked = { id, olds: read.outputs, news: inputs, oldInputs: read.inputs };
  if ((await attempt(run, old.name, run.ask("diff", old, asked))) === undefined) return;
  run.state.set(urn, read);
  const isSame = sameProps(read.inputs, inputs) && sameProps(read.outputs, outputs);
  run.count(isSame ? "same" : "update");
}
