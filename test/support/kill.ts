import { expect } from "vitest";
import type { EngineStack, Run } from "./engine.js";
import { descendants, isRunning } from "./processes.js";

export const victims = {
  "the engine": /[\\/]pulumi(\.exe)? up /,
  "the provider process": /^\S*node(\.exe)? .*dynamic-provider/,
};

/** Deploys, kills a process of this deployment at a moment, and waits until all its processes have gone. */
export async function killDuring(stack: EngineStack, moment: Promise<void>, victim: RegExp): Promise<Run> {
  const running = stack.up();
  await Promise.race([moment, running]);
  const processes = descendants(process.pid);
  const doomed = processes.find(({ command }) => victim.test(command));
  if (doomed === undefined) throw new Error(`no process is like ${victim}: ${JSON.stringify(processes)}`);
  process.kill(doomed.pid, "SIGKILL");
  const run = await running;
  const providers = processes.filter(({ command }) => command.includes("dynamic-provider"));
  expect(providers).not.toHaveLength(0);
  await expect.poll(() => providers.filter(({ pid }) => isRunning(pid)), { timeout: 10_000 }).toEqual([]);
  return run;
}
