import type { EmulatorOptions } from "../../provider/src/emulator/index.js";
import { removeAll } from "./engineModel/deletes.js";
import { deploy } from "./engineModel/deploy.js";
import { type ModelCall, type Processes, startProcesses } from "./engineModel/processes.js";
import type { Program, TypeName } from "./engineModel/program.js";
import { urnOf } from "./engineModel/program.js";
import { refresh } from "./engineModel/refresh.js";
import { type Change, createSlots, type Run, type RunOptions } from "./engineModel/run.js";
import type { State, Stated } from "./engineModel/state.js";
import { type Network, networkIn } from "./network.js";
import { printed } from "./printed.js";
import { shellUnderTest } from "./shellUnderTest.js";
import { type VirtualTime, virtualTime } from "./virtualTime.js";

export type { ModelCall } from "./engineModel/processes.js";
export type { Declared, Program } from "./engineModel/program.js";

/** What became of one run. */
export interface Played {
  readonly ok: boolean;
  /** What the engine would have printed of what processes say, and of failures. */
  readonly output: string;
  readonly changes: Partial<Record<Change, number>>;
  readonly calls: readonly ModelCall[];
  /** Virtual milliseconds. */
  readonly ms: number;
}

/** What a stack is like; all that is not its program. */
export interface StackOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, string>>;
  /** Explicit providers by name, with what they are given beside the emulator's credentials. */
  readonly providers?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  hold?(call: ModelCall, calls: readonly ModelCall[]): Promise<void>;
}

/** A stack of its own, deployed by a model of the engine: in this process, and in virtual time. */
export interface ModelStack {
  /** What the program declares. */
  program: Program;
  readonly config: Record<string, string>;
  readonly env: Record<string, string>;
  up(options?: RunOptions): Promise<Played>;
  preview(options?: RunOptions): Promise<Played>;
  refresh(options?: RunOptions & { readonly previewOnly?: boolean }): Promise<Played>;
  destroy(options?: RunOptions): Promise<Played>;
  /** `pulumi import`: for the dynamic shell with a file, for the plugin by the ids. */
  importFile(resources: readonly Pick<Stated, "name" | "id" | "inputs" | "outputs">[]): Promise<Played>;
  /** Deploys, and kills the engine and all its processes as soon as the moment has come. */
  killed(isMoment: () => boolean, options?: RunOptions): Promise<Played>;
  /** The resources in state. */
  resources(): readonly Stated[];
  resource(name: string): Stated | undefined;
  taint(name: string): void;
  /** `pulumi state delete`. */
  forget(name: string, type?: TypeName): void;
  /** `pulumi stack export`, and `import` of it. */
  exported(): ReadonlyMap<string, Stated>;
  restore(state: ReadonlyMap<string, Stated>): void;
}

/** A world of one API and one time, in which any number of stacks may be deployed. */
export interface ModelWorld {
  readonly time: VirtualTime;
  readonly network: Network;
  stack(program: Program, options?: StackOptions): ModelStack;
}

export function modelWorld(seed: number, options: Omit<EmulatorOptions, "port" | "file"> = {}): ModelWorld {
  const time = virtualTime(seed);
  const network = networkIn(time.runtime, seed, options);
  return { time, network, stack: (program, its) => stackIn({ time, network }, program, its) };
}

const DEFAULT_PARALLEL = 16;

function stackIn(
  { time, network }: Pick<ModelWorld, "time" | "network">,
  program: Program,
  options: StackOptions = {},
): ModelStack {
  let state: State = new Map();
  const { apiKey, secretKey, authToken } = network.credentials;

  async function run(
    runOptions: RunOptions,
    isPreview: boolean,
    work: (run: Run) => Promise<void>,
    isMoment?: () => boolean,
  ): Promise<Played> {
    const lines: string[] = [];
    const started = time.runtime.now();
    const processes: Processes = startProcesses({
      runtime: { ...time.runtime, dispatcher: network.dispatcher },
      env: stack.env,
      config: stack.config,
      providers: Object.fromEntries(
        Object.entries(options.providers ?? {}).map(([name, given]) => [
          name,
          { apiKey, secretKey, authToken, ...given },
        ]),
      ),
      print: (line) => lines.push(line),
      ...(options.hold === undefined
        ? {}
        : { hold: (call) => options.hold?.(call, processes.calls) as Promise<void> }),
    });
    let failed = false;
    const changes: Partial<Record<Change, number>> = {};
    const playing: Run = {
      ask: processes.ask,
      runtime: time.runtime,
      options: { parallel: DEFAULT_PARALLEL, ...runOptions },
      isPreview,
      state: isPreview ? new Map(state) : state,
      slots: createSlots(runOptions.parallel ?? DEFAULT_PARALLEL, () => failed),
      changes,
      get failed() {
        return failed;
      },
      fail: (name, reason) => {
        failed = true;
        lines.push(`error: ${name}: ${reason}`);
      },
      count: (change) => {
        changes[change] = (changes[change] ?? 0) + 1;
      },
    };
    let isKilled = false;
    const kill = async () => {
      while (isMoment?.() !== true) await time.runtime.sleep(1);
      processes.kill();
      isKilled = true;
    };
    const played = work(playing).then(processes.close);
    await time.until(isMoment === undefined ? played : Promise.race([played, kill()]));
    const output = printed(lines.join("\n"));
    return {
      ok: !failed && !isKilled,
      output,
      changes,
      calls: processes.calls,
      ms: time.runtime.now() - started,
    };
  }

  async function refreshed(playing: Run): Promise<void> {
    await refresh(playing);
    // What a refresh finds is no change of the deployment.
    for (const change of Object.keys(playing.changes)) delete playing.changes[change as Change];
  }

  async function deployed(playing: Run): Promise<void> {
    const { refresh: isFirst, runProgram } = playing.options;
    if (isFirst === true && runProgram !== true) await refreshed(playing);
    if (playing.failed) return;
    await deploy(playing, stack.program);
  }

  const find = (name: string) => [...state].find(([, each]) => each.name === name);
  const stack: ModelStack = {
    program,
    config: { ...options.config },
    env: { ...(options.env ?? network.env) },
    up: (its = {}) => run(its, false, deployed),
    killed: (isMoment, its = {}) => run(its, false, deployed, isMoment),
    preview: (its = {}) => run(its, true, deployed),
    refresh: ({ previewOnly = false, ...its } = {}) => run(its, previewOnly, refresh),
    destroy: (its = {}) =>
      run(its, false, async (playing) => {
        if (its.refresh === true) await refreshed(playing);
        const targets = [...playing.state].filter(([, { name }]) => its.target?.includes(name) ?? true);
        if (!playing.failed) await removeAll(playing, targets);
      }),
    importFile: async (resources) => {
      const check = async (playing: Run) => {
        for (const { name, id, inputs } of resources) {
          const of = { name, type: "WebhookConfig", provider: undefined } as const;
          if (shellUnderTest === "plugin") await playing.ask("read", of, { id });
          const answer = await playing.ask("check", of, { olds: inputs, news: inputs });
          if (answer["failures"] !== undefined) playing.fail(name, JSON.stringify(answer["failures"]));
        }
      };
      const [first, second] = [await run({}, true, check), await run({}, false, check)];
      if (first.ok && second.ok)
        for (const each of resources)
          state.set(urnOf(each.name), {
            ...each,
            type: "WebhookConfig",
            provider: undefined,
            uses: {},
            needs: [],
          });
      return { ...second, calls: [...first.calls, ...second.calls] };
    },
    resources: () => [...state.values()],
    resource: (name) => find(name)?.[1],
    taint: (name) => {
      const [urn = "", it] = find(name) ?? [];
      if (it !== undefined) state.set(urn, { ...it, tainted: true });
    },
    forget: (name, type) => {
      state.delete(urnOf(name, type));
    },
    exported: () => new Map(state),
    restore: (saved) => {
      state = new Map(saved);
    },
  };
  return stack;
}
