import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startEmulator } from "../../provider/src/emulator/index.js";
import { printed, printedByEmulator } from "../support/printed.js";

const bin = fileURLToPath(new URL("../../provider/dist/cli/main.js", import.meta.url));
const children: ChildProcess[] = [];
let folder = "";
let file = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "kompliant-")));
  file = join(folder, "account.json");
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    const gone = once(child, "exit");
    if (child.kill("SIGKILL")) await gone;
  }
  rmSync(folder, { recursive: true });
});

/** Starts the emulator's command, by whatever other command. */
function spawned(command: readonly [string, ...string[]]) {
  const [program, ...args] = [...command, bin, "emulator", "--file", file];
  const child = spawn(program as string, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

/** An emulator in a process of its own that has the file. */
async function holder(...command: string[]): Promise<ChildProcess> {
  const child = spawned([...command, process.execPath] as [string]);
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) if (printedByEmulator(line).startsWith("Kompliant emulator at")) break;
  return child;
}

const marks = () => readdirSync(folder).filter((name) => name !== "account.json");

test("a second emulator is refused, in this process and in another, and told who has the file", async () => {
  const since = Date.now();
  await using first = await startEmulator({ file });
  const id = first.put("https://example.com/a");
  const refusal = `another emulator has the file ${file} since `;
  const error: Error = await startEmulator({ file }).then(
    () => expect.unreachable(),
    (reason) => reason,
  );
  expect(error.message).toContain(refusal);
  expect(error.message).toContain(`: process ${process.pid}. End it, or name another file.`);
  const [, time = ""] = / since (\S+): process/.exec(error.message) ?? [];
  expect(Date.parse(time)).toBeGreaterThanOrEqual(since);

  const second = spawned([process.execPath]);
  const [[code], err] = await Promise.all([once(second, "close"), text(second.stderr)]);
  expect([code, printed(err)]).toEqual([1, `pulumi-kompliant: ${error.message}\n`]);
  expect(marks()).toHaveLength(1);

  await first.close();
  expect(marks()).toEqual([]);
  await using next = await startEmulator({ file });
  expect(next.configs()).toMatchObject([{ config_id: id }]);
});

test("what has ended without a word is in nobody's way", async () => {
  const killed = await holder();
  await expect(startEmulator({ file })).rejects.toThrow(`process ${killed.pid}. End it`);
  const gone = once(killed, "exit");
  killed.kill("SIGKILL");
  await gone;
  expect(marks()).toHaveLength(1);
  const next = await startEmulator({ file });
  await next.close();
  expect(marks()).toEqual([]);
});

test("an emulator that is interrupted leaves nothing", async () => {
  const child = await holder();
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
  expect(marks()).toEqual([]);
});

test("a number that another process has by now is not that emulator", async () => {
  const first = await startEmulator({ file });
  const [name = ""] = marks();
  const mark = JSON.parse(readFileSync(join(folder, name), "utf8"));
  await first.close();
  writeFileSync(join(folder, name), JSON.stringify({ ...mark, started: `${mark.started}0` }));
  // Without the time of its start a process cannot be told from another one.
  if (mark.started === "") return;
  await using next = await startEmulator({ file });
  expect(next.configs()).toEqual([]);
});

test("of another machine or container nothing is known, and what to do is said", async () => {
  const first = await startEmulator({ file });
  const [name = ""] = marks();
  const path = join(folder, name);
  const mark = JSON.parse(readFileSync(path, "utf8"));
  await first.close();
  const foreign = { ...mark, pid: 2 ** 30, place: "build-7\n::error::x" };
  writeFileSync(path, JSON.stringify(foreign));
  await expect(startEmulator({ file })).rejects.toThrow(
    `process ${2 ** 30} of another machine or container (build-7\\n::error::x), which cannot be seen from here. End it there, or name another file; if it has ended, delete ${path}.`,
  );
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(foreign);
});

test("files of others beside it are left alone, whatever they are called", async () => {
  const names = ["account.json.lock", "account.json.lock-mine", "account.json.lock-1-ab"];
  for (const name of names) writeFileSync(join(folder, name), "not an emulator's");
  const emulator = await startEmulator({ file });
  emulator.put("https://example.com/a");
  await emulator.close();
  for (const name of names) expect(readFileSync(join(folder, name), "utf8")).toBe("not an emulator's");
});

test("it is not kept from its file by one that never came to have it", async () => {
  await using other = await startEmulator();
  await expect(startEmulator({ file, port: Number(new URL(other.url).port) })).rejects.toThrow("EADDRINUSE");
  writeFileSync(file, "not ours");
  await expect(startEmulator({ file })).rejects.toThrow("is not a file of the emulator");
  expect(marks()).toEqual([]);
});

test("an emulator that is closed does not write to what may be another one's file", async () => {
  const emulator = await startEmulator({ file });
  await emulator.close();
  expect(() => emulator.put("https://example.com/a")).toThrow(`the emulator that had ${file} is closed`);
});

// Windows asks for a privilege to make links, and has no modes.
test.skipIf(process.platform === "win32")(
  "nothing is written through a link, and nobody else can read",
  async () => {
    const victim = join(folder, "victim");
    writeFileSync(victim, "precious");
    symlinkSync(victim, `${file}.new`);
    await using emulator = await startEmulator({ file });
    emulator.put("https://example.com/a");
    const [mark = ""] = readdirSync(folder).filter((name) => name.includes(".lock-"));
    symlinkSync(victim, join(folder, `${mark}.new`));
    expect(() => emulator.put("https://example.com/b")).toThrow(`the emulator cannot write ${file}: EEXIST`);
    emulator.put("https://example.com/c");
    expect(readFileSync(victim, "utf8")).toBe("precious");
    for (const name of ["account.json", mark]) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  },
);

test.skipIf(process.platform === "win32")(
  "a file that is a link is its target, under either name",
  async () => {
    const link = join(folder, "link.json");
    mkdirSync(join(folder, "data"));
    const target = join(folder, "data", "account.json");
    symlinkSync(target, link);
    await expect(startEmulator({ file: link })).rejects.toThrow(
      `${link} is a link to a file that is not there`,
    );
    writeFileSync(target, "{}");
    await using emulator = await startEmulator({ file: link });
    const id = emulator.put("https://example.com/a");
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, "utf8")).toContain(id);
    await expect(startEmulator({ file: target })).rejects.toThrow(`process ${process.pid}`);
  },
);
