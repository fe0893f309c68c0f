import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What tells one process from all others that may share a folder with it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Where the number means this process: the host, and on Linux the process namespace, which each container has. */
  readonly place: string;
  /**
   * When it was started, since numbers come round again: letters, digits, `_` and `-`, to be compared only. Empty where
   * the system does not tell.
   */
  readonly started: string;
}

const UNKNOWN_PLACE = "an unknown process namespace";

export function identityOf(pid: number): ProcessIdentity {
  return { pid, place: placeHere(), started: startOf(pid) ?? "" };
}

/** Whether a process runs; `unknown` if its number need not mean the same process here. */
export function statusOf({ pid, place, started }: ProcessIdentity): "running" | "ended" | "unknown" {
  if (place !== placeHere() || place === UNKNOWN_PLACE) return "unknown";
  if (!exists(pid)) return "ended";
  const start = startOf(pid);
  if (start === undefined) return "ended";
  return start === "" || started === "" || start === started ? "running" : "ended";
}

function placeHere(): string {
  if (process.platform !== "linux") return hostname();
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return UNKNOWN_PLACE;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user answers EPERM.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** @returns undefined for a zombie, which has ended and only waits for its parent to ask how */
function startOf(pid: number): string | undefined {
  switch (process.platform) {
    case "linux":
      return startOnLinux(pid);
    // Asking Windows takes a third of a second.
    case "win32":
      return "";
    default:
      return startByPs(pid);
  }
}

/** @see proc_pid_stat(5): the state is the first field behind the name, the time since the host's start the 20th */
function startOnLinux(pid: number): string | undefined {
  try {
    // `/proc` may belong to an outer namespace, where the numbers are those of other processes.
    if (readlinkSync("/proc/self") !== String(process.pid)) return "";
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name is in parentheses, and may have blanks and parentheses in it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()}-${fields[19]}`;
  } catch {
    return "";
  }
}

function startByPs(pid: number): string | undefined {
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  const { stdout } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8", env });
  const line = (stdout ?? "").trim();
  return line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "").replace(/\W+/g, "-");
}
