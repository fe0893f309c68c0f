import { type Emulator, type EmulatorOptions, startEmulator } from "pulumi-kompliant/emulator";
import { CallFailure, listen, type ProviderProcess, startProvider } from "../support/providerProcess.js";
import type { ShellCalls } from "../support/shellCalls.js";
import { worldOf } from "../support/world.js";
import { OPERATIONS } from "./listener.js";
import { ACCOUNT, liveIn, SECOND } from "./recorder.js";
import {
  answered,
  type Fields,
  isSecret,
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

/** What can be asked in place of one provider process of the engine. */
interface Asked {
  /** @param call which it is, in the recording @param fields with true ids and texts @returns those of the answer */
  ask(call: RecordedCall, fields: Fields): Promise<Fields>;
}

/** Where a run is played. */
interface Stage {
  readonly emulator: Emulator;
  open(config: Fields): Promise<Asked>;
}

/**
 * Plays a recorded run without an engine, and in this process: the shell is asked the same calls in the same order, each
 * when the same others have their answers.
 */
export async function play(run: RecordedRun): Promise<Played> {
  const { isStuck, options } = optionsOf();
  const world = worldOf(0, options);
  const open = async (config: Fields) => asShell(await world.process(withoutSecrets(config)));
  return world.until(playOn({ emulator: world.emulator, open }, run, isStuck));
}

/** The same with fresh provider processes, which are asked over gRPC. */
export async function playWithProcesses(run: RecordedRun): Promise<Played> {
  const { isStuck, options } = optionsOf();
  await using emulator = await startEmulator(options);
  const engine = await listen();
  const processes: ProviderProcess[] = [];
  const open = async (config: Fields): Promise<Asked> => {
    const process = await startProvider(config as Record<string, string>, emulator.env, {
      engine: engine.address,
    });
    processes.push(process);
    return { ask: ({ call }, fields) => process.ask(call, fields) };
  };
  try {
    return await playOn({ emulator, open }, run, isStuck);
  } finally {
    for (const process of processes) await process.close();
    engine.close();
  }
}

/** @returns what an emulator of a run is started with, and what settles when a call of it is never answered */
function optionsOf(): { isStuck: Promise<void>; options: EmulatorOptions } {
  let stuck = () => {};
  const isStuck = new Promise<void>((resolve) => {
    stuck = resolve;
  });
  const options: EmulatorOptions = {
    accountIds: [ACCOUNT, SECOND],
    clock: () => TIME,
    onRequest: ({ fault }) => {
      if (fault === "never") stuck();
    },
  };
  return { isStuck, options };
}

async function playOn({ emulator, open }: Stage, run: RecordedRun, isStuck: Promise<void>): Promise<Played> {
  for (const [accountId, configs] of Object.entries(run.before))
    for (const [configId, url] of Object.entries(configs)) emulator.put(url, { accountId, configId });
  emulator.setFaults(run.faults ?? []);
  const processes = new Map<number, Asked>();
  const ids = idsOf(run.before);
  const answers = new Map<RecordedCall, Promise<Fields>>();

  const ask = async (call: RecordedCall): Promise<Fields> => {
    const process = processes.get(call.process ?? 1);
    if (process === undefined)
      throw new Error(`${labelOf(call)} comes to a process that has no configuration`);
    const fields = ids.toReal(withText(sendable(call.asked) as Fields, call.type ?? "WebhookConfig"));
    const answer = await process.ask(call, fields).catch(failure);
    if (call.answered !== undefined) ids.learn(call.answered, answer);
    return answer;
  };
  for (const [i, call] of run.calls.entries()) {
    if (call.call === "configure")
      processes.set(call.process ?? 1, await open(sendable(call.asked["args"] ?? {}) as Fields));
    if (!isPlayed(call)) continue;
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
}

/** The shell, asked as Pulumi's dynamic runtime asks it, in the words of gRPC's messages. */
function asShell({ single, set }: ShellCalls): Asked {
  return {
    ask: async ({ call, type }, { id, olds, news, properties }) => {
      const resource = type === "WebhookConfigSet" ? set : single;
      switch (call) {
        case "check":
          return filled(await resource.check(olds as Fields, news as Fields));
        case "diff": {
          const { deleteBeforeReplace: deletebeforereplace, ...diff } = await resource.diff(
            id as string,
            olds as Fields,
            news as Fields,
          );
          return filled({ ...diff, deletebeforereplace });
        }
        case "create":
          return filled(await resource.create(properties as Fields));
        case "read":
          return filled(await resource.read(id as string, properties as Fields));
        case "update":
          return { properties: await resource.update(id as string, olds as Fields, news as Fields) };
        default:
          await resource.delete(id as string, properties as Fields);
          return {};
      }
    },
  };
}

/** gRPC leaves out what has its default value. */
function filled(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value && !(Array.isArray(value) && value.length === 0)),
  );
}

/** Pulumi's runtime shows the provider secrets in clear. */
function withoutSecrets(config: Fields): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, String(isSecret(value) ? value.value : value)]),
  );
}

/** What Pulumi's dynamic runtime does not answer by itself. */
function isPlayed({ call }: RecordedCall): boolean {
  return OPERATIONS.has(call) || ["check", "diff"].includes(call);
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
