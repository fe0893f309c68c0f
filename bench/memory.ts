import { readFileSync } from "node:fs";
import { descendants } from "../test/support/processes.js";

const LOOK_EVERY_MS = 100;
/** Started by a shell script of the same name; its own command ends with the engine's address. */
const SERVER = /^\S*node\S* .*dynamic-provider.* \S+:\d+$/;

/**
 * Watches the provider process that the engine starts meanwhile.
 *
 * @returns what the work gives, and the process's peak resident memory in bytes; undefined where the system does not
 * tell (it is read from /proc)
 */
export async function watchingMemory<T>(
  work: Promise<T>,
): Promise<{ result: T; peakBytes: number | undefined }> {
  let pid: number | undefined;
  let peakBytes: number | undefined;
  const look = () => {
    pid ??= descendants(process.pid).find(({ command }) => SERVER.test(command))?.pid;
    peakBytes = Math.max(peakBytes ?? 0, peakOf(pid) ?? 0) || undefined;
  };
  const timer = process.platform === "linux" ? setInterval(look, LOOK_EVERY_MS) : undefined;
  try {
    const result = await work;
    return { result, peakBytes };
  } finally {
    clearInterval(timer);
  }
}

/** The kernel keeps the peak itself, so that nothing is missed between two looks. */
function peakOf(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  } catch {
    return undefined;
  }
}
