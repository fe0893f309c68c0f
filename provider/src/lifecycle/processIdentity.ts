import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What tells one process from all others that may share a folder with it. */
export interface Identity {
  readonly host: string;
  /** The process namespace, where the system has such: a number counts only inside it. */
  readonly namespace: string;
  /** When it was started, where the system tells: numbers come round again. */
  readonly started: string;
  readonly pid: number;
}

export function identityOf(pid: number): Identity {
  return { host: hostname(), namespace: namespace(), started: startOf(pid) ?? "", pid };
}

/** Whether a process runs, as far as `self` can tell; a process of another host or namespace is out of its sight. */
export function statusOf(other: Identity, self: Identity): "running" | "ended" | "unknown" {
  if (other.host !== self.host || other.namespace !== self.namespace) return "unknown";
  if (!exists(other.pid)) return "ended";
  const started = startOf(other.pid) ?? "";
  return started === "" || other.started === "" || started === other.started ? "running" : "ended";
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function namespace(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "";
  } catch {
    return "";
  }
}

function startOf(pid: number): string | undefined {
  try {
    // `/proc` may belong to an outer namespace, where the numbers are those of other processes.
    if (readlinkSync("/proc/self") !== String(process.pid)) return undefined;
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The 22nd field. The 2nd, the command in parentheses, may have blanks in it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
