import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type ConfigMap,
  LocalWorkspace,
  type LocalWorkspaceOptions,
  PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import { findEngine } from "../../scripts/engine/engine.mjs";
import { transcript } from "./printed.js";

const require = createRequire(import.meta.url);

// A test process runs many engines, one after the other, and ports come round again. gRPC's shared pool would remember
// that nothing answered at such a port a moment ago, and fail the first call to the engine that listens there now.
const { grpcClientOptions } = require("@pulumi/pulumi/runtime/settings.js") as {
  grpcClientOptions: Record<string, unknown>;
};
grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;
const local = fileURLToPath(new URL("../../.pulumi-local/", import.meta.url));

/** What became of one run of the engine. */
export interface Run {
  readonly ok: boolean;
  /** All that the engine has printed in this run. */
  readonly output: string;
  /** Milliseconds until the engine said that it was done; what the Automation API does afterwards is not in them. */
  readonly ms: number;
  /** How many resources were created, updated, deleted, left the same, … */
  readonly changes: Readonly<Record<string, number>>;
}

/** A resource as state keeps it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
  readonly initErrors?: string[];
  readonly external?: boolean;
}

export interface RunOptions {
  readonly parallel?: number;
  readonly target?: readonly string[];
  readonly targetReplace?: readonly string[];
  readonly refresh?: boolean;
  /** The refresh goes by the program too, and in the midst of it. */
  readonly runProgram?: boolean;
}

/** A stack run by the real engine. */
export interface Operations {
  readonly stack: Stack;
  up(options?: RunOptions): Promise<Run>;
  preview(options?: RunOptions): Promise<Run>;
  refresh(options?: Omit<RunOptions, "refresh" | "targetReplace">): Promise<Run>;
  destroy(options?: Omit<RunOptions, "targetReplace">): Promise<Run>;
  /** The resources in state, without the stack and the providers. */
  resources(): Promise<StateResource[]>;
  /** The whole state as it is stored, for a look at what must not be in it. */
  state(): Promise<string>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A stack of its own with a backend of its own, with a program in this process. */
export interface EngineStack extends Operations {
  setProgram(program: PulumiFn): void;
}

export const PROJECT = "kompliant-test";

/**
 * @param env the environment of the engine and so of the provider process
 * @param stackName default: `test`
 * @param backend URL of a backend that is there already; default: a folder of its own
 * @param settings more of Pulumi.yaml
 */
export async function engineStack(options: {
  readonly program: PulumiFn;
  readonly env: Readonly<Record<string, string>>;
  readonly config?: ConfigMap;
  readonly stackName?: string;
  readonly backend?: string;
  /** Further lines of Pulumi.yaml. */
  readonly settings?: Readonly<Record<string, unknown>>;
}): Promise<EngineStack> {
  // Inside the repository, so that the engine and the provider process find its packages.
  await mkdir(local, { recursive: true });
  const folder = await mkdtemp(join(local, "test-"));
  const { stackName = "test", backend = pathToFileURL(folder).href } = options;
  let program = options.program;
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName, projectName: PROJECT, program: () => program() },
    {
      ...(await workspaceIn(folder, backend, options.env)),
      projectSettings: { ...options.settings, name: PROJECT, runtime: "nodejs", backend: { url: backend } },
    },
  );
  if (options.config !== undefined) await stack.setAllConfig(options.config);
  return {
    ...operationsOf(stack, folder),
    setProgram: (next) => {
      program = next;
    },
  };
}

/** What the Automation API needs to know of a project's folder. */
export async function workspaceIn(
  workDir: string,
  backend: string,
  env: Readonly<Record<string, string>>,
): Promise<LocalWorkspaceOptions> {
  const { root } = await findEngine({ log: () => {} });
  return {
    pulumiCommand: await PulumiCommand.get({
      ...(root === undefined ? {} : { root }),
      skipVersionCheck: true,
    }),
    workDir,
    envVars: {
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_BACKEND_URL: backend,
      ...env,
    },
  };
}

/** @param folder of the project, which goes with the stack */
export function operationsOf(stack: Stack, folder: string): Operations {
  async function run(
    work: (
      onOutput: (text: string) => void,
    ) => Promise<{ summary?: { resourceChanges?: object }; changeSummary?: object }>,
  ): Promise<Run> {
    const said = transcript();
    let done: number | undefined;
    const started = performance.now();
    const collect = (text: string) => {
      said.add(text);
      if (/^ *Duration: /m.test(said.text)) done ??= performance.now();
    };
    const ms = () => (done ?? performance.now()) - started;
    try {
      const { summary, changeSummary } = await work(collect);
      const changes = (summary?.resourceChanges ?? changeSummary ?? {}) as Record<string, number>;
      return { ok: true, output: said.text, ms: ms(), changes };
    } catch (error) {
      if (said.text === "") said.add(String(error));
      return { ok: false, output: said.text, ms: ms(), changes: {} };
    }
  }
  const exported = async () => (await stack.exportStack()).deployment as { resources?: StateResource[] };
  const dispose = async () => {
    await rm(folder, { recursive: true, force: true });
  };
  return {
    stack,
    up: (options) => run((onOutput) => stack.up({ ...optionsOf(options), onOutput, onError: onOutput })),
    preview: (options) =>
      run((onOutput) => stack.preview({ ...optionsOf(options), onOutput, onError: onOutput })),
    refresh: (options) =>
      run((onOutput) => stack.refresh({ ...optionsOf(options), onOutput, onError: onOutput })),
    destroy: (options) =>
      run((onOutput) => stack.destroy({ ...optionsOf(options), onOutput, onError: onOutput })),
    resources: async () =>
      ((await exported()).resources ?? []).filter(
        ({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers:"),
      ),
    state: () => readFile(join(folder, ".pulumi", "stacks", PROJECT, "test.json"), "utf8"),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** The same for the Automation API, which takes no key without a value. */
function optionsOf({ target, targetReplace, parallel, refresh, runProgram }: RunOptions = {}) {
  return {
    ...(parallel === undefined ? {} : { parallel }),
    ...(target === undefined ? {} : { target: [...target] }),
    ...(targetReplace === undefined ? {} : { replace: [...targetReplace] }),
    ...(refresh === undefined ? {} : { refresh }),
    ...(runProgram === undefined ? {} : { runProgram }),
  };
}

/** The package as users get it: CommonJS from `dist`, one copy for the tests and their programs. */
export const kompliant = require("pulumi-kompliant") as typeof import("pulumi-kompliant");
