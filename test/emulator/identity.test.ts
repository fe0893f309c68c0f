import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { identityOf, statusOf } from "../../provider/src/emulator/identity.js";

const NOBODY = 900_000_000;
const compiled = fileURLToPath(new URL("../../provider/dist/emulator/identity.js", import.meta.url));
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    const gone = once(child, "exit");
    if (child.kill("SIGKILL")) await gone;
  }
});

test("a process runs until it has ended", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  children.push(child);
  await once(child, "spawn");
  const identity = identityOf(child.pid ?? 0);
  expect(statusOf(identity)).toBe("running");
  expect(statusOf(identityOf(process.pid))).toBe("running");
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  expect(statusOf(identity)).toBe("ended");
});

test("of another host or namespace nothing is known", () => {
  const self = identityOf(process.pid);
  expect(statusOf({ ...self, pid: NOBODY })).toBe("ended");
  expect(statusOf({ ...self, pid: NOBODY, place: `elsewhere${self.place}` })).toBe("unknown");
  expect(statusOf({ ...self, pid: NOBODY, place: `${self.place}7` })).toBe("unknown");
});

// Windows is not asked for the start.
test.skipIf(process.platform === "win32")("a number that has come round again is another process", () => {
  const self = identityOf(process.pid);
  expect(self.started).toMatch(/^[\w-]+$/);
  expect(statusOf({ ...self, started: `${self.started}0` })).toBe("ended");
  // Who could not be asked for the start may be the same process.
  expect(statusOf({ ...self, started: "" })).toBe("running");
});

test.skipIf(process.platform !== "linux")("the start is that of one start of the host", () => {
  const self = identityOf(process.pid);
  const ticks = self.started.slice(self.started.lastIndexOf("-"));
  expect(statusOf({ ...self, started: `00000000-0000-4000-8000-000000000000${ticks}` })).toBe("ended");
});

test.skipIf(process.platform === "win32")("a zombie has ended", async () => {
  // `sleep` takes the shell's place, and does not ask what became of the shell's child.
  const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 60"]);
  children.push(parent);
  const [pid] = await once(parent.stdout, "data");
  const identity = { ...identityOf(Number(pid)), started: "" };
  await expect.poll(() => statusOf(identity)).toBe("ended");
  // Its number is still taken.
  expect(process.kill(identity.pid, 0)).toBe(true);
});

test.skipIf(process.platform === "win32")("a process of another user runs", () => {
  const script = `
    const { identityOf, statusOf } = require(${JSON.stringify(compiled)});
    // Root may signal everybody's processes.
    if (process.getuid() === 0) process.setuid(65534);
    let code;
    try { process.kill(1, 0) } catch (error) { code = error.code }
    console.log(code, statusOf(identityOf(1)))`;
  expect(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" })).toBe("EPERM running\n");
});

// Root can make a process namespace without a container.
const unshare = ["-pf", "--kill-child"];
describe.skipIf(spawnSync("unshare", [...unshare, "--mount-proc", "true"]).status !== 0)(
  "in another process namespace",
  () => {
    const self = identityOf(process.pid);
    const statuses = (flags: readonly string[]) => {
      const script = `
        const { identityOf, statusOf } = require(${JSON.stringify(compiled)});
        const self = identityOf(process.pid);
        const outer = ${JSON.stringify(self)};
        console.log(JSON.stringify([
          self.pid,
          statusOf(outer),
          statusOf(self),
          statusOf({ ...self, started: "1" }),
          statusOf({ ...self, pid: ${NOBODY} }),
        ]))`;
      const args = [...unshare, ...flags, process.execPath, "-e", script];
      return JSON.parse(execFileSync("unshare", args, { encoding: "utf8" }));
    };

    test("with a `/proc` of its own all is known of its own processes, and nothing of those outside", () => {
      expect(statuses(["--mount-proc"])).toEqual([1, "unknown", "running", "ended", "ended"]);
    });

    test("the `/proc` of the outer namespace is not believed", () => {
      expect(statuses([])).toEqual([1, "unknown", "running", "running", "ended"]);
    });

    test("without any `/proc` nobody has ended", () => {
      const hidden = ["-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$0" "$@"'];
      expect(statuses(hidden)).toEqual([1, "unknown", "unknown", "unknown", "unknown"]);
    });
  },
);
