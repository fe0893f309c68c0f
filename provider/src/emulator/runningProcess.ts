import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";

/** A process, told from every other one: a number alone comes round again, and each container counts from 1. */
export const runningProcess = z.object({
  pid: z.number().int().positive(),
  /** Where the number means this process: the machine, and on Linux the process namespace. */
  place: z.string(),
  /** When it was started, as the system says it; empty where the system is not asked. */
  started: z.string(),
});
export type RunningProcess = z.infer<typeof runningProcess>;

export function thisProcess(): RunningProcess {
  return { pid: process.pid, place: placeOfNumbers(), started: startOf("self") ?? "" };
}

/** Whether a process is proven to have ended. Of another machine or container nothing can be proven here. */
export function hasEnded({ pid, place, started }: RunningProcess): boolean {
  if (place !== placeOfNumbers()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
  }
  const now = startOf(pid);
  return now === undefined || (now !== "" && started !== "" && now !== started);
}

function placeOfNumbers(): string {
  if (process.platform !== "linux") return hostname();
  // In a namespace without a `/proc` of its own, `/proc/7` is another process than 7.
  const counted = readlinkSync("/proc/self") === String(process.pid);
  return counted
    ? `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`
    : `${hostname()} unknown to ${process.pid}`;
}

/** @returns undefined for a process that has ended, and is there only until its parent has noticed */
function startOf(pid: number | "self"): string | undefined {
  switch (process.platform) {
    case "linux":
      return startOnLinux(pid);
    // Asking Windows takes a third of a second: there the number alone counts.
    case "win32":
      return "";
    default: {
      const asked = ["-o", "stat=,lstart=", "-p", String(pid === "self" ? process.pid : pid)];
      const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
      const said = (spawnSync("ps", asked, { encoding: "utf8", env }).stdout ?? "").trim();
      return said.startsWith("Z") ? undefined : said.replace(/^\S+\s+/, "");
    }
  }
}

/** @see proc_pid_stat(5): the state is the first field behind the name, the time since the machine's start the 20th */
function startOnLinux(pid: number | "self"): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fields[19]}`;
  } catch {
    return "";
  }
}
