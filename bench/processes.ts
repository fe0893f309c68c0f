import { readdirSync, readFileSync } from "node:fs";

const LOOK_EVERY_MS = 50;
/** Started by a shell script of the same name; its own command ends with the engine's address. */
const PROVIDER = /^\S*node\0.*(dynamic-provider|plugin\/plugin\.cjs).*:\d+\0$/s;
/** No part of an operation: what stands for Kompliant, and what the Automation API asks the stack after it. */
const OUTSIDE = /emulator|pulumi\0stack\0/i;
/** Linux counts CPU time in hundredths of a second. */
const TICKS_A_SECOND = 100;

/** What the processes of a deployment have taken: the engine, the provider, and this one where it runs the program. */
export interface Taken {
  /** The provider process's peak resident memory. */
  readonly peakBytes: number;
  readonly cpuSeconds: number;
}

/**
 * Watches the processes that this one starts meanwhile.
 *
 * @param runsProgram whether this process does the program's work besides starting the engine
 * @returns what the work gives, and what they have taken; nothing where the system does not tell (it is read from /proc)
 */
export async function watching<T>(
  runsProgram: boolean,
  work: () => Promise<T>,
): Promise<{ result: T; taken: Taken | undefined }> {
  if (process.platform !== "linux") return { result: await work(), taken: undefined };
  const ticks = new Map<number, number>();
  let peakBytes = 0;
  const outside = new Set<number>();
  const before = process.cpuUsage();
  const look = () => {
    for (const { pid, command, cpuTicks } of descendantsOf(process.pid)) {
      // One that has ended tells what it has taken, but no command any more; a new one has its parent's at first.
      if (OUTSIDE.test(command)) {
        outside.add(pid);
        ticks.delete(pid);
      }
      if (outside.has(pid)) continue;
      // A process only ever takes more.
      ticks.set(pid, cpuTicks);
      if (PROVIDER.test(command)) peakBytes = Math.max(peakBytes, peakOf(pid));
    }
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  try {
    const result = await work();
    const { user, system } = process.cpuUsage(before);
    const others = [...ticks.values()].reduce((sum, each) => sum + each, 0) / TICKS_A_SECOND;
    const own = runsProgram ? (user + system) / 1e6 : 0;
    return { result, taken: { peakBytes, cpuSeconds: others + own } };
  } finally {
    clearInterval(timer);
  }
}

interface Running {
  readonly pid: number;
  readonly command: string;
  readonly cpuTicks: number;
}

/** The kernel tells each process's children, so that the look itself takes little of what is measured. */
function descendantsOf(ancestor: number): Running[] {
  return childrenOf(ancestor)
    .flatMap(read)
    .flatMap((child) => [child, ...descendantsOf(child.pid)]);
}

function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const told = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"));
    return told.join(" ").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** @returns nothing if the process has ended */
function read(pid: number): Running[] {
  try {
    // The name of the program, in brackets, can hold anything.
    const [, rest = ""] = /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    const [user = 0, system = 0] = rest.split(" ").slice(11, 13).map(Number);
    return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, "utf8"), cpuTicks: user + system }];
  } catch {
    return [];
  }
}

/** The kernel keeps the peak itself, so that nothing is missed between two looks. */
function peakOf(pid: number): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
