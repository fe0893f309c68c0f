import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { FaultPlan, RequestLogEntry } from "pulumi-kompliant/emulator";
import { type Counts, callsOf } from "../test/support/calls.js";

const bin = fileURLToPath(new URL("../provider/bin/pulumi-kompliant.js", import.meta.url));

/** An emulator in a process of its own, so that its work is not counted as the provider's. */
export interface EmulatorProcess {
  readonly env: Readonly<Record<string, string>>;
  /** How often each method was called since this was last asked. */
  takeCalls(): Promise<Counts>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param latencyMs by which every answer is held back */
export async function startEmulatorProcess(
  accountIds: readonly string[],
  latencyMs: number,
): Promise<EmulatorProcess> {
  const child = spawn(process.execPath, [bin, "emulator", "--account", ...accountIds], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const env: Record<string, string> = {};
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the emulator ended with exit code ${code}`)));
    lines.on("line", (line) => {
      const [, name, value] = /^export (\w+)='(.*)'$/.exec(line) ?? [];
      if (name === undefined || value === undefined) return;
      env[name] = value;
      if (name === "KOMPLIANT_AUTH_TOKEN") resolve();
    });
  });
  const control = async (verb: string, what: string, body?: unknown): Promise<unknown> => {
    const url = `${env["KOMPLIANT_BASE_URL"]}/_emulator/${what}`;
    const response = await fetch(url, {
      method: verb,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the emulator refuses ${verb} ${what}: ${await response.text()}`);
    return response.json();
  };
  const late: FaultPlan = [{ method: "*", times: "all", effect: "latency", ms: latencyMs }];
  if (latencyMs > 0) await control("PUT", "faults", late);
  return {
    env,
    takeCalls: async () => {
      const requests = (await control("GET", "requests")) as RequestLogEntry[];
      await control("DELETE", "requests");
      const refused = requests.find(({ status }) => status !== 200);
      if (refused !== undefined) throw new Error(`a call was refused: ${JSON.stringify(refused)}`);
      return callsOf({ requests });
    },
    [Symbol.asyncDispose]: async () => {
      child.removeAllListeners("exit");
      child.kill();
      await once(child, "exit");
    },
  };
}
