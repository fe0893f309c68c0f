import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type ConfigMap, LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { stringify } from "yaml";
import { buildOnce, goBuild, run } from "../../scripts/engine/build.mjs";
import { findYamlHost } from "../../scripts/engine/yamlHost.mjs";
import { type Operations, operationsOf, PROJECT, workspaceIn } from "./engine.js";
import { searchPath } from "./searchPath.js";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const windows = process.platform === "win32";
const { version } = createRequire(import.meta.url)("@pulumi/pulumi/package.json") as { version: string };

/** How long the first project of a language may take on a machine, whose SDK or host is then installed or built. */
export const FIRST_MS = 15 * 60_000;

/** A project of any language, away from this repository, with a stack and a backend of its own. */
export interface Project extends Operations {
  /** Writes another program in place of the project's own. */
  setProgram(program: string): Promise<void>;
}

export interface ProjectOptions {
  /** The text of the program. */
  readonly program: string;
  /** More of Pulumi.yaml, such as `{ packages: { kompliant: FOLDER } }`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The environment of the engine, and so of the program and the provider. */
  readonly env: Readonly<Record<string, string>>;
  readonly config?: ConfigMap;
}

/** A project in YAML. The program is the rest of Pulumi.yaml: `resources`, `variables`, `outputs`. */
export async function yamlProject(options: ProjectOptions): Promise<Project> {
  const host = await findYamlHost();
  return project(options, host, async (folder, settings, program) => {
    await writeFile(join(folder, "Pulumi.yaml"), `${stringify({ ...settings, runtime: "yaml" })}${program}`);
  });
}

/**
 * A project in Python. The program is `__main__.py`.
 *
 * @param sdk a folder with a generated SDK, to be installed for the program
 */
export async function pythonProject(options: ProjectOptions, sdk?: string): Promise<Project> {
  const virtualenv = await pythonEnvironment();
  const runtime = { name: "python", options: { virtualenv } };
  const env = { ...options.env };
  if (sdk !== undefined) {
    env["PYTHONPATH"] = join(sdk, "installed");
    // What it depends on is in the environment already.
    await pip(virtualenv, "--no-deps", "--target", env["PYTHONPATH"], sdk);
  }
  return project({ ...options, env }, undefined, async (folder, settings, program) => {
    await writeFile(join(folder, "Pulumi.yaml"), stringify({ ...settings, runtime }));
    await writeFile(join(folder, "__main__.py"), program);
  });
}

/**
 * A project in Go. The program is `main.go`.
 *
 * @param module the folder of the go.mod that it is built with; default: that of the engine, which has Pulumi's SDK
 */
export async function goProject(options: ProjectOptions, module = at("scripts/engine")): Promise<Project> {
  return project(options, undefined, async (folder, settings, program) => {
    const [main, binary] = [join(folder, "main.go"), join(folder, "program.exe")];
    const runtime = { name: "go", options: { binary } };
    await writeFile(join(folder, "Pulumi.yaml"), stringify({ ...settings, runtime }));
    await writeFile(main, program);
    await goBuild({ module, main, target: binary, env: process.env });
  });
}

/** @param host a folder to be on PATH too */
async function project(
  { program, settings, env, config }: ProjectOptions,
  host: string | undefined,
  write: (folder: string, settings: object, program: string) => Promise<void>,
): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "kompliant-project-"));
  const setProgram = (next: string) => write(folder, { name: PROJECT, ...settings }, next);
  try {
    await setProgram(program);
    const path = [await searchPath(), ...(host === undefined ? [] : [host])].join(delimiter);
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: "test", workDir: folder },
      await workspaceIn(folder, pathToFileURL(folder).href, { PATH: path, ...env }),
    );
    if (config !== undefined) await stack.setAllConfig(config);
    return { ...operationsOf(stack, folder), setProgram };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * A virtual environment with Pulumi's SDK for Python, of the same version as the one of package.json, and what generated SDKs
 * need beside it.
 */
async function pythonEnvironment(): Promise<string> {
  const root = at(".pulumi-local");
  const target = join(root, `python-sdks-${version}`);
  if (existsSync(target)) return target;
  await buildOnce({
    name: `a Python environment with pulumi ${version}`,
    takes: "under a minute",
    root,
    target,
    isBuilt: () => existsSync(target),
    build: async (unfinished) => {
      await run(windows ? "python" : "python3", ["-m", "venv", unfinished], { env: process.env });
      await pip(unfinished, `pulumi==${version}`, "parver>=0.2.1");
    },
    log: console.log,
  }).catch((error: Error) => {
    throw new Error(`Programs in Python need Python 3.10 or later with venv and pip: ${error.message}`);
  });
  return target;
}

function pip(virtualenv: string, ...packages: readonly string[]): Promise<void> {
  const python = join(virtualenv, ...(windows ? ["Scripts", "python.exe"] : ["bin", "python"]));
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  return run(python, [...install, ...packages], { env: process.env });
}
