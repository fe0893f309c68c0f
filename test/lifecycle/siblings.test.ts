import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ProviderProcess, startProvider } from "../support/providerProcess.js";

const url = "https://example.com/kept";
const HANDED_OVER = "was handed over to another resource of this stack";

let emulator: Emulator;
let home: string;
let engine: Server;
let id: string;
let started: ProviderProcess[];

beforeEach(async () => {
  emulator = await startEmulator();
  home = await mkdtemp(join(tmpdir(), "kompliant-home-"));
  engine = createServer().listen(0, "127.0.0.1");
  await once(engine, "listening");
  id = emulator.put(url);
  started = [];
});
afterEach(async () => {
  for (const provider of started) await provider.close();
  engine.close();
  await emulator.close();
  await rm(home, { recursive: true });
});

/** @param of the engine that has started the process; by default the same one for all */
async function provider(of = address()): Promise<ProviderProcess> {
  const process = await startProvider({}, { ...emulator.env, PULUMI_HOME: home }, { engine: of });
  started.push(process);
  return process;
}

function address(): string {
  return `127.0.0.1:${(engine.address() as { port: number }).port}`;
}

async function adopt(by: ProviderProcess): Promise<void> {
  const { inputs, failures } = await by.check({}, { url, adoptExisting: true });
  expect(failures).toEqual([]);
  expect(await by.create(inputs)).toMatchObject({ id });
}

const state = () => ({ accountId: emulator.accountIds[0], url, createdAt: "x", updatedAt: "x" });
const live = () => emulator.configs().map(({ config_id }) => config_id);

test("what one process of a run has taken over, another one does not delete", async () => {
  const [one, other] = [await provider(), await provider()];
  await adopt(one);
  await other.delete(id, state());
  await expect.poll(() => other.output()).toContain(HANDED_OVER);
  expect(live()).toEqual([id]);
});

test("what one process stands for, another one neither deletes nor takes over", async () => {
  const [one, other] = [await provider(), await provider()];
  const { inputs } = await one.check(state(), { url });
  await one.diff(id, state(), inputs);
  await other.delete(id, state());
  const { failures } = await other.check({}, { url: "https://example.com/stolen", import: id });
  expect(failures).toMatchObject([{ property: "import" }]);
  expect(failures[0]?.reason).toContain("another resource of this program stands for it already");
  expect(live()).toEqual([id]);

  // What it replaces is to be deleted after all.
  await one.check({}, { url });
  await other.delete(id, state());
  expect(live()).toEqual([]);
});

test("what one process deletes, another one does not take over: by URL it creates, by id it says so", async () => {
  const [one, other, third] = [await provider(), await provider(), await provider()];
  emulator.setFaults([{ method: "delete", effect: "latency", ms: 1_000 }]);
  const { inputs } = await other.check({}, { url, adoptExisting: true });
  const byId = await third.check({}, { url: "https://example.com/new", import: id });
  const gone = one.delete(id, state());
  await expect.poll(async () => (await readdir(join(home, "kompliant-runs"))).length).toBe(1);
  await expect(third.create(byId.inputs)).rejects.toThrow(
    `cannot take over ${id}: this deployment deletes it`,
  );
  const created = await other.create(inputs);
  await gone;
  expect(live()).toEqual([created.id]);
  expect(created.id).not.toBe(id);
});

test("another run, and a process that has ended, have nothing to say", async () => {
  const [ended, elsewhere, last] = [await provider(), await provider("127.0.0.1:1"), await provider()];
  await adopt(ended);
  await adopt(elsewhere);
  await ended.close();
  await last.delete(id, state());
  expect(live()).toEqual([]);
  const files = await readdir(join(home, "kompliant-runs"));
  const pids = [elsewhere, last].map(({ child }) => `-${child.pid}`);
  expect(files.map((name) => name.slice(name.lastIndexOf("-"))).sort()).toEqual(pids.sort());
});

test("a process that nobody can hear says so when it takes something over", async () => {
  await writeFile(join(home, "kompliant-runs"), "");
  const alone = await provider();
  await adopt(alone);
  await expect.poll(() => alone.output()).toContain("nothing can be written to Pulumi's home folder");
  await alone.delete(id, state());
  expect(live()).toEqual([id]);
});

test("what somebody has left that cannot be removed is in nobody's way", async () => {
  // No process has this number, and a folder is no file that could be removed.
  await mkdir(join(home, "kompliant-runs", `${address().replace(":", "_")}-999999999`), { recursive: true });
  const [one, other] = [await provider(), await provider()];
  await adopt(one);
  await other.delete(id, state());
  await expect.poll(() => other.output()).toContain(HANDED_OVER);
  expect(live()).toEqual([id]);
});
