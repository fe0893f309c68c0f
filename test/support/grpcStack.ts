import { isDeepStrictEqual } from "node:util";
import { CallFailure, type Props, type ResourceCalls } from "./providerProcess.js";

/** A resource as the engine keeps it in state. */
interface StateResource {
  readonly id: string;
  readonly inputs: Props;
  readonly outputs: Props;
  /** An earlier operation did not end well: the next deployment updates it even if nothing differs. */
  readonly incomplete?: boolean;
}

/** What the engine keeps of a stack: name to resource. */
export type State = Map<string, StateResource>;

/** A call that has failed. */
export interface Failed {
  readonly name: string;
  readonly call: "check" | "create" | "update" | "delete" | "read";
  readonly message: string;
}

export interface Deployment {
  readonly failures: readonly Failed[];
  /** How long the slowest call has lasted, in milliseconds. */
  readonly slowestMs: number;
}

/**
 * Plays the engine: asks a provider process for what a deployment of these resources takes, in the engine's order.
 * A check and a diff at a time, at most `parallel` operations beside them, deletes last, and nothing new after a
 * failure.
 *
 * @param state what is known of the stack; changed as the engine would change it
 * @param declared name to what the program passes
 */
export async function up(
  provider: ResourceCalls,
  state: State,
  declared: ReadonlyMap<string, Props>,
  parallel: number,
): Promise<Deployment> {
  const { failures, timed, result } = recorder(provider);
  const inFlight = new Set<Promise<void>>();
  const start = async (operation: () => Promise<void>) => {
    while (inFlight.size >= parallel) await Promise.race(inFlight);
    if (failures.length > 0) return;
    const task: Promise<void> = operation().finally(() => inFlight.delete(task));
    inFlight.add(task);
  };
  for (const [name, args] of declared) {
    if (failures.length > 0) break;
    const old = state.get(name);
    const checked = await timed(name, "check", provider.check(old?.inputs ?? {}, args));
    if (checked === undefined) continue;
    for (const { reason } of checked.failures) failures.push({ name, call: "check", message: reason });
    if (checked.failures.length > 0) continue;
    const { inputs } = checked;
    if (old === undefined) {
      await start(async () => {
        const created = await timed(name, "create", provider.create(inputs), (partial) => {
          state.set(name, { id: partial.id, inputs, outputs: partial.properties, incomplete: true });
        });
        if (created !== undefined) state.set(name, { id: created.id, inputs, outputs: created.properties });
      });
      continue;
    }
    const { changes } = await provider.diff(old.id, old.outputs, inputs);
    const differs = changes === "some" || (changes === "unknown" && !sameInputs(old.inputs, inputs));
    if (!differs && old.incomplete !== true) continue;
    await start(async () => {
      const outputs = await timed(name, "update", provider.update(old.id, old.outputs, inputs), (partial) => {
        state.set(name, { id: old.id, inputs, outputs: partial.properties, incomplete: true });
      });
      if (outputs !== undefined) state.set(name, { id: old.id, inputs, outputs });
    });
  }
  await Promise.all(inFlight);
  for (const [name, { id, outputs }] of [...state].filter(([name]) => !declared.has(name)))
    await start(async () => {
      if (
        (await timed(
          name,
          "delete",
          provider.delete(id, outputs).then(() => true),
        )) === true
      )
        state.delete(name);
    });
  await Promise.all(inFlight);
  return result();
}

/** Plays `pulumi refresh`. A failed read leaves the resource in state as it was. */
export async function refresh(provider: ResourceCalls, state: State): Promise<Deployment> {
  const { timed, result } = recorder(provider);
  await Promise.all(
    [...state].map(async ([name, old]) => {
      const found = await timed(name, "read", provider.read(old.id, old.outputs));
      if (found === undefined) return;
      if (found.id === "") {
        state.delete(name);
        return;
      }
      state.set(name, { ...old, inputs: found.inputs ?? old.inputs, outputs: found.properties });
      await provider.diff(old.id, found.properties, old.inputs);
    }),
  );
  return result();
}

function recorder({ now }: ResourceCalls) {
  const failures: Failed[] = [];
  let slowestMs = 0;
  return {
    failures,
    timed: async <T>(
      name: string,
      call: Failed["call"],
      work: Promise<T>,
      keep: (partial: NonNullable<CallFailure["partial"]>) => void = () => {},
    ): Promise<T | undefined> => {
      const since = now();
      try {
        return await work;
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error;
        if (error.partial !== undefined) keep(error.partial);
        failures.push({ name, call, message: error.partial?.reasons.join("\n") ?? error.message });
        return undefined;
      } finally {
        slowestMs = Math.max(slowestMs, now() - since);
      }
    },
    result: (): Deployment => ({ failures, slowestMs }),
  };
}

function sameInputs({ __provider: one, ...old }: Props, { __provider: other, ...now }: Props): boolean {
  return isDeepStrictEqual(old, now);
}
