import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listen, type ProviderProcess, startProvider } from "../support/providerProcess.js";

const url = "https://example.com/kept";
const HANDED_OVER = "was handed over to another resource of this stack";

let emulator: Emulator;
let engine: Awaited<ReturnType<typeof listen>>;
let home: string;
let id: string;
let started: ProviderProcess[];

beforeEach(async () => {
  emulator = await startEmulator();
  engine = await listen();
  home = await mkdtemp(join(tmpdir(), "kompliant-home-"));
  id = emulator.put(url);
  started = [];
});
afterEach(async () => {
  for (const provider of started) await provider.close();
  engine.close();
  await emulator.close();
  await rm(home, { recursive: true });
});

/** By default all have been started by the same engine. */
async function provider(startedBy = engine.address): Promise<ProviderProcess> {
  const env = { ...emulator.env, HOME: home, PULUMI_HOME: home, TMPDIR: home };
  const child = await startProvider({}, env, { engine: startedBy });
  started.push(child);
  return child;
}

async function adopt(by: ProviderProcess): Promise<void> {
  const { inputs, failures } = await by.check({}, { url, adoptExisting: true });
  expect(failures).toEqual([]);
  expect(await by.create(inputs)).toMatchObject({ id });
}

const state = () => ({ accountId: emulator.accountIds[0], url, createdAt: "x", updatedAt: "x" });
const live = () => emulator.configs().map(({ config_id }) => config_id);

test("what one process of a run has taken over, another one does not delete; one of another run does", async () => {
  const elsewhere = await listen();
  const [one, other, stranger] = [await provider(), await provider(), await provider(elsewhere.address)];
  await adopt(one);
  await other.delete(id, state());
  await expect.poll(() => other.output()).toContain(HANDED_OVER);
  expect(live()).toEqual([id]);
  await stranger.delete(id, state());
  elsewhere.close();
  expect(live()).toEqual([]);
});

test("what one process stands for, another one neither deletes nor takes over", async () => {
  const [one, other] = [await provider(), await provider()];
  const { inputs } = await one.check(state(), { url });
  await one.diff(id, state(), inputs);
  const { failures } = await other.check({}, { url: "https://example.com/stolen", import: id });
  expect(failures).toMatchObject([{ property: "import" }]);
  expect(failures[0]?.reason).toContain("another resource of this program stands for it already");
  await other.delete(id, state());
  expect(live()).toEqual([id]);

  // What it replaces is to be deleted after all.
  await one.check({}, { url });
  await other.delete(id, state());
  expect(live()).toEqual([]);
});

test("what one process deletes, another one does not take over: by URL it creates, by id it says so", async () => {
  const [one, other, third] = [await provider(), await provider(), await provider()];
  emulator.setFaults([{ method: "delete", times: "all", effect: "status", status: 503 }]);
  const gone = one.delete(id, state());
  await expect
    .poll(() => emulator.requests.map(({ method }) => method), { interval: 5 })
    .toContain("webhook.config.delete");
  const { inputs } = await other.check({}, { url, adoptExisting: true });
  const byId = await third.check({}, { url: "https://example.com/new", import: id });
  await expect(third.create(byId.inputs)).rejects.toThrow(
    `cannot take over ${id}: this deployment deletes it`,
  );
  emulator.setFaults([]);
  await gone;
  const created = await other.create(inputs);
  expect(live()).toEqual([created.id]);
  expect(created.id).not.toBe(id);
});

test.skipIf(process.platform !== "linux")("the processes of a run write nothing", async () => {
  const [one, other] = [await provider(), await provider()];
  await adopt(one);
  await other.delete(id, state());
  expect(live()).toEqual([id]);
  expect(await readdir(home)).toEqual([]);
});
