import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { appendFile, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type WordFiles, wordFilesOf } from "../../provider/src/core/wordFiles.js";

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
  sibling.write("keep a\n");
  expect(own.wordsOfOthers("a")).toEqual(["keep"]);
  const file = await fileOfSibling();
  await appendFile(file, "nothing a\nkeep b\nlose ");
  expect(own.wordsOfOthers("a")).toEqual(["nothing"]);
  expect(own.wordsOfOthers("b")).toEqual(["keep"]);
  await appendFile(file, "c\n");
  expect(own.wordsOfOthers("c")).toEqual(["lose"]);
  await writeFile(file, "keep d\n");
  expect(own.wordsOfOthers("d")).toEqual(["keep"]);
  expect(own.wordsOfOthers("a")).toEqual([]);
});

test("a file that has vanished is written again as a whole, and one that has not is only added to", async () => {
  sibling.write("keep a\n");
  const file = await fileOfSibling();
  await appendFile(file, "");
  await rm(file);
  expect(sibling.write("keep a\n")).toBe(true);
  expect(sibling.write("keep a\nkeep b\n")).toBe(true);
  expect(readFileSync(file, "utf8")).toBe("keep a\nkeep b\n");
  await stop();
  expect(own.wordsOfOthers("a")).toEqual([]);
  stop = async () => {};
});

test.skipIf(process.platform !== "linux")("2,000 questions read 2,000 lines once", async () => {
  const lines = Array.from({ length: 2_000 }, (_, n) => `keep whc_${String(n).padStart(20, "0")}\n`);
  sibling.write(lines.join(""));
  const before = charactersRead();
  for (const line of lines) expect(own.wordsOfOthers(line.slice(5, -1))).toEqual(["keep"]);
  // Once the file, and for each question a line about the process that has written it.
  expect(charactersRead() - before).toBeLessThan(3_000_000);
});

function charactersRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

test("one question removes what ended processes have left, and those of another place after a day", async () => {
  sibling.write("keep a\n");
  const named = await fileOfSibling();
  const mine = named.replace(/\d+$/, "");
  const dead = Array.from({ length: 5_000 }, (_, n) => `${mine}${900_000_000 + n}`);
  for (const file of dead) await writeFile(file, "lose a\n");
  // The place stands between the first comma and the second.
  const elsewhere = (digit: string) => named.replace(/,[\da-f]{16},/, `,${digit.repeat(16)},`);
  const [old, young] = [elsewhere("0"), elsewhere("1")];
  await writeFile(old, "");
  await writeFile(young, "keep b\n");
  const days = Date.now() / 1_000 - 2 * 86_400;
  await utimes(old, days, days);
  expect(own.wordsOfOthers("a")).toEqual(["keep"]);
  expect((await readdir(folder)).map((name) => join(folder, name)).sort()).toEqual([named, young].sort());
  // A process of another place may well run, so its words count.
  expect(own.wordsOfOthers("b")).toEqual(["keep"]);
});
