import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { appendFile, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identityOf, statusOf } from "../../provider/src/lifecycle/processIdentity.js";
import { type WordFiles, wordFilesOf } from "../../provider/src/lifecycle/wordFiles.js";

const RUN = "127.0.0.1:4711";

let folder: string;
let sibling: WordFiles;
let own: WordFiles;
let stop: () => Promise<unknown>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kompliant-words-"));
  // Files count while their process runs, so there has to be one.
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  stop = () => {
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    return exit;
  };
  sibling = wordFilesOf(folder, RUN, child.pid ?? 0);
  own = wordFilesOf(folder, RUN, process.pid);
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

async function fileOfSibling(): Promise<string> {
  const [name = ""] = await readdir(folder);
  return join(folder, name);
}

test("a file is read on from where it was read to, whole lines only, and from its start when it is another one", async () => {
  sibling.hold("keep a\n");
  expect(own.lastWords("a")).toEqual(["keep"]);
  const file = await fileOfSibling();
  await appendFile(file, "nothing a\nkeep b\nlose ");
  expect(own.lastWords("a")).toEqual(["nothing"]);
  expect(own.lastWords("b")).toEqual(["keep"]);
  await appendFile(file, "c\n");
  expect(own.lastWords("c")).toEqual(["lose"]);
  await writeFile(file, "keep d\n");
  expect(own.lastWords("d")).toEqual(["keep"]);
  expect(own.lastWords("a")).toEqual([]);
});

test("a file that has vanished is written again as a whole, and one that has not is only added to", async () => {
  sibling.hold("keep a\n");
  const file = await fileOfSibling();
  await appendFile(file, "");
  await rm(file);
  expect(sibling.hold("keep a\n")).toBe(true);
  expect(sibling.hold("keep a\nkeep b\n")).toBe(true);
  expect(readFileSync(file, "utf8")).toBe("keep a\nkeep b\n");
  await stop();
  expect(own.lastWords("a")).toEqual([]);
  stop = async () => {};
});

test.skipIf(process.platform !== "linux")("2,000 questions read 2,000 lines once", async () => {
  const lines = Array.from({ length: 2_000 }, (_, n) => `keep whc_${String(n).padStart(20, "0")}\n`);
  sibling.hold(lines.join(""));
  const before = charactersRead();
  for (const line of lines) expect(own.lastWords(line.slice(5, -1))).toEqual(["keep"]);
  // Once the file, and for each question a line about the process that has written it.
  expect(charactersRead() - before).toBeLessThan(3_000_000);
});

function charactersRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

test("one question removes what ended processes have left, and what is out of sight and a day old", async () => {
  sibling.hold("keep a\n");
  const named = await fileOfSibling();
  const mine = named.replace(/\d+$/, "");
  const dead = Array.from({ length: 5_000 }, (_, n) => `${mine}${900_000_000 + n}`);
  for (const file of dead) await writeFile(file, "lose a\n");
  const elsewhere = (host: string) => named.replace(encodeURIComponent(identityOf(1).host), host);
  await writeFile(elsewhere("old"), "");
  await writeFile(elsewhere("new"), "keep b\n");
  const days = Date.now() / 1_000 - 2 * 86_400;
  await utimes(elsewhere("old"), days, days);
  expect(own.lastWords("a")).toEqual(["keep"]);
  expect((await readdir(folder)).map((name) => join(folder, name)).sort()).toEqual(
    [named, elsewhere("new")].sort(),
  );
  // Who is out of sight may well run, so his words count.
  expect(own.lastWords("b")).toEqual(["keep"]);
});

test("a process has ended only if it would have to be in sight", () => {
  const self = identityOf(process.pid);
  expect(statusOf(self, self)).toBe("running");
  expect(statusOf({ ...self, pid: 900_000_000 }, self)).toBe("ended");
  expect(statusOf({ ...self, pid: 900_000_000, host: "elsewhere" }, self)).toBe("unknown");
  expect(statusOf({ ...self, pid: 900_000_000, namespace: "4026531837" }, self)).toBe("unknown");
});

test.skipIf(process.platform !== "linux")("a number that has come round again is another process", () => {
  const self = identityOf(process.pid);
  expect(statusOf({ ...self, started: "1" }, self)).toBe("ended");
});
