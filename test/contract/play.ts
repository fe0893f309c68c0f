import { startEmulator } from "pulumi-kompliant/emulator";
import { CallFailure, listen, type ProviderProcess, startProvider } from "../support/providerProcess.js";
import { OPERATIONS } from "./listener.js";
import { ACCOUNT, liveIn, SECOND } from "./recorder.js";
import {
  answered,
  type Fields,
  type Live,
  type RecordedCall,
  type RecordedRun,
  sendable,
  TEXTS,
  TIME,
  type TypeName,
} from "./recording.js";

/** What provider processes have answered to the calls of a recorded run, in the words of the recording. */
export interface Played {
  readonly calls: readonly RecordedCall[];
  readonly after: Live;
}

/**
 * Asks fresh provider processes for what the engine has asked for in a recorded run, without an engine: the same calls
 * in the same order, each when the same others have their answers.
 */
export async function play(run: RecordedRun): Promise<Played> {
  let stuck = () => {};
  const isStuck = new Promise<void>((resolve) => {
    stuck = resolve;
  });
  await using emulator = await startEmulator({
    accountIds: [ACCOUNT, SECOND],
    clock: () => TIME,
    onRequest: ({ fault }) => {
      if (fault === "never") stuck();
    },
  });
  for (const [accountId, configs] of Object.entries(run.before))
    for (const [configId, url] of Object.entries(configs)) emulator.put(url, { accountId, configId });
  emulator.setFaults(run.faults ?? []);
  const engine = await listen();
  const processes = new Map<number, ProviderProcess>();
  const ids = idsOf(run.before);
  const answers = new Map<RecordedCall, Promise<Fields>>();

  const ask = async (call: RecordedCall): Promise<Fields> => {
    const process = processes.get(call.process ?? 1);
    if (process === undefined)
      throw new Error(`${labelOf(call)} comes to a process that has no configuration`);
    const fields = ids.toReal(withText(sendable(call.asked) as Fields, call.type ?? "WebhookConfig"));
    const answer = await process.ask(call.call, fields).catch(failure);
    if (call.answered !== undefined) ids.learn(call.answered, answer);
    return answer;
  };
  try {
    for (const [i, call] of run.calls.entries()) {
      if (call.call === "configure") {
        const config = sendable(call.asked["args"] ?? {}) as Record<string, string>;
        processes.set(
          call.process ?? 1,
          await startProvider(config, emulator.env, { engine: engine.address }),
        );
      }
      if (!isPlayed(call)) continue;
      // The engine also starts processes that it asks nothing.
      if (call.call === "cancel" && !processes.has(call.process ?? 1)) continue;
      for (const earlier of run.calls.slice(0, i))
        if (earlier.answered !== undefined && !(call.during ?? []).includes(labelOf(earlier)))
          await answers.get(earlier);
      answers.set(call, ask(call));
    }
    // A process that is killed in the midst of a call has sent its request.
    if (run.calls.some((call) => call.answered === undefined)) await isStuck;
    const calls = await Promise.all(
      run.calls.map(async (call) => {
        const answer = call.answered === undefined ? undefined : await answers.get(call);
        return answer === undefined
          ? call
          : { ...call, answered: ids.toRecorded(answered(call.call, answer, emulator.url)) };
      }),
    );
    return { calls, after: ids.toRecorded(liveIn(emulator)) };
  } finally {
    for (const process of processes.values()) await process.close();
    engine.close();
  }
}

/** What Pulumi's dynamic runtime does not answer by itself. A cancel says that all is over. */
function isPlayed({ call }: RecordedCall): boolean {
  return OPERATIONS.has(call) || ["check", "diff", "cancel"].includes(call);
}

function labelOf({ call, of }: RecordedCall): string {
  return of === undefined ? call : `${call} ${of}`;
}

/** Wherever the engine sends a resource's properties, its constant text is among them. */
function withText(fields: Fields, type: string): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const isEmpty =
        typeof value !== "object" || Array.isArray(value) || Object.keys(value ?? {}).length === 0;
      return [name, isEmpty ? value : { ...value, __provider: TEXTS[type as TypeName] }];
    }),
  );
}

function failure(error: unknown): Fields {
  if (!(error instanceof CallFailure)) throw error;
  return { error: error.message, ...(error.partial === undefined ? {} : { partial: error.partial }) };
}

/** The ids of a recording, and those that stand for them in this play. */
function idsOf(before: Live) {
  const real = new Map(
    Object.values(before).flatMap((configs) => Object.keys(configs).map((id) => [id, id])),
  );
  const replaced = <T>(value: T, names: ReadonlyMap<string, string>): T =>
    JSON.parse(JSON.stringify(value).replaceAll(/whc_\w+/g, (id) => names.get(id) ?? id));
  /** Takes what is new in a recorded answer for what stands at its place in the real one. */
  const learn = (recorded: unknown, answer: unknown): void => {
    if (typeof recorded === "string" && /^whc_\d+$/.test(recorded) && !real.has(recorded))
      real.set(recorded, String(answer));
    if (typeof recorded !== "object" || recorded === null) return;
    for (const [key, value] of Object.entries(recorded)) learn(value, (answer as Fields | undefined)?.[key]);
  };
  return {
    learn,
    toReal: <T>(value: T) => replaced(value, real),
    toRecorded: <T>(value: T) => replaced(value, new Map([...real].map(([recorded, id]) => [id, recorded]))),
  };
}
