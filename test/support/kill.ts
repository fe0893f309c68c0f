import { expect } from "vitest";
import type { Operations, Run } from "./engine.js";
import { descendants, isRunning } from "./processes.js";

/** What the engine starts for the resources of this package: the SDK's dynamic provider, or the plugin. */
const PROVIDER = /dynamic-provider|[\\/](plugin|untied)\.cjs /;

export const victims = {
  "the engine": /[\\/]pulumi(\.exe)? up /,
  "the provider process": /^\S*node(\.exe)? .*dynamic-provider/,
};

/** Deploys, kills a process of this deployment at a moment, and waits until all its processes have gone. */
export async function killDuring(stack: Operations, moment: Promise<void>, victim: RegExp): Promise<Run> {
  const running = stack.up();
  await Promise.race([moment, running]);
  const processes = descendants(process.pid);
  const doomed = processes.find(({ command }) => victim.test(command));
  if (doomed === undefined) throw new Error(`no process is like ${victim}: ${JSON.stringify(processes)}`);
  process.kill(doomed.pid, "SIGKILL");
  const run = await running;
  const providers = processes.filter(({ command }) => PROVIDER.test(command));
  expect(providers).not.toHaveLength(0);
  await expect.poll(() => providers.filter(({ pid }) => isRunning(pid)), { timeout: 5_000 }).toEqual([]);
  return run;
}
