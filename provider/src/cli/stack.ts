import { existsSync } from "node:fs";
import type { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import type { ProviderConfig } from "../core/api/providerConfig.js";
import { oneLine } from "../core/messages/shown.js";
import { readState, type StackState } from "./stackState.js";

/** What a stack has, and how it is configured. */
export interface KnownStack extends StackState {
  readonly name: string;
  /** `kompliant:…` of the stack config. */
  readonly config: ProviderConfig;
}

/**
 * Asks `pulumi` for a stack's state and config. Not by the Automation API's `Stack.select`: that would also select the
 * stack for whatever the user runs next.
 *
 * @param given default: the stack of `PULUMI_STACK`, or else the one that is selected in the folder
 * @throws Error with what `pulumi` has said
 */
export async function readStack(workDir: string, given: string | undefined): Promise<KnownStack> {
  const workspace = await open(workDir);
  try {
    const name = given ?? (await workspace.stack())?.name;
    if (name === undefined) throw new Error(`no stack is selected in ${workDir}: name one with --stack`);
    await sameProject(workspace, name);
    const [{ deployment }, config] = await Promise.all([
      workspace.exportStack(name),
      workspace.getAllConfig(name),
    ]);
    return {
      name,
      ...readState(deployment, process.env),
      config: { get: (key) => config[`kompliant:${key}`]?.value },
    };
  } catch (error) {
    throw readable(error);
  }
}

/**
 * Another project's stack can be exported from here, but its config is in the other project's folder.
 *
 * @throws Error if the stack's name says that it belongs to another project than the folder
 */
async function sameProject(workspace: LocalWorkspace, name: string): Promise<void> {
  const [, project, stack] = name.split("/");
  if (project === undefined || stack === undefined) return;
  // In a folder below the project's own it is `pulumi` alone that finds the project.
  const here = await workspace.projectSettings().catch(() => undefined);
  if (here !== undefined && here.name !== project)
    throw new Error(
      `the stack ${oneLine(name)} belongs to the project ${oneLine(project)}, and the folder ${workspace.workDir} to the project ${oneLine(here.name)}: name the folder of ${oneLine(project)} with --cwd`,
    );
}

async function open(workDir: string): Promise<LocalWorkspace> {
  if (!existsSync(workDir)) throw new Error(`there is no folder ${workDir}`);
  const automation = await import("@pulumi/pulumi/automation/index.js").catch((error: Error) => {
    throw new Error(
      `drift needs the package @pulumi/pulumi beside pulumi-kompliant: ${error.message.split("\n")[0]}`,
    );
  });
  try {
    return await automation.LocalWorkspace.create({
      workDir,
      envVars: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
  } catch (error) {
    throw readable(error);
  }
}

/** What is in an error of the Automation API. It declares none of it. */
interface CommandFailure {
  readonly commandResult?: {
    readonly stderr: string;
    readonly err?: { readonly stderr?: string; readonly code?: string };
  };
}

/** What Pulumi has said on stderr, instead of all that is known of the command. */
function readable(error: unknown): Error {
  const { commandResult } = error as CommandFailure;
  if (commandResult === undefined) return error instanceof Error ? error : new Error(String(error));
  const { stderr, err } = commandResult;
  if (err?.code === "ENOENT")
    return new Error("drift needs Pulumi's command `pulumi`: it is not on the PATH");
  return new Error((err?.stderr || stderr).trim().replace(/^error: /, ""));
}
