import { spawnSync } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  listen,
  type ProviderOptions,
  type ProviderProcess,
  startProvider,
} from "../support/providerProcess.js";

const url = "https://example.com/kept";
const HANDED_OVER = "was handed over to another resource of this stack";

let emulator: Emulator;
let home: string;
let folder: string;
let engine: Awaited<ReturnType<typeof listen>>;
let id: string;
let started: ProviderProcess[];

beforeEach(async () => {
  emulator = await startEmulator();
  home = await mkdtemp(join(tmpdir(), "kompliant-home-"));
  folder = join(home, "kompliant-runs");
  engine = await listen();
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
async function provider(options: ProviderOptions = {}): Promise<ProviderProcess> {
  const env = { ...emulator.env, PULUMI_HOME: home };
  const process = await startProvider({}, env, { engine: engine.address, ...options });
  started.push(process);
  return process;
}

async function adopt(by: ProviderProcess): Promise<void> {
  const { inputs, failures } = await by.check({}, { url, adoptExisting: true });
  expect(failures).toEqual([]);
  expect(await by.create(inputs)).toMatchObject({ id });
}

/** The package is loaded by the first call. */
async function awaken(it: ProviderProcess): Promise<void> {
  await it.check({}, { url: "https://example.com/awake" });
}

/** Has another process of the run look for the others, which then write down what they have told. */
async function overhear(engine?: string): Promise<void> {
  const other = await provider(engine === undefined ? {} : { engine });
  await other.check({}, { url: "https://example.com/other", adoptExisting: true });
  await other.close();
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
  await expect.poll(async () => (await readdir(folder)).length).toBe(1);
  await expect(third.create(byId.inputs)).rejects.toThrow(
    `cannot take over ${id}: this deployment deletes it`,
  );
  const created = await other.create(inputs);
  await gone;
  expect(live()).toEqual([created.id]);
  expect(created.id).not.toBe(id);
});

test("another run, and a process that has ended, have nothing to say", async () => {
  const other = await listen();
  const [ended, elsewhere, last] = [
    await provider(),
    await provider({ engine: other.address }),
    await provider(),
  ];
  await adopt(ended);
  await overhear();
  await adopt(elsewhere);
  await overhear(other.address);
  await ended.close();
  await last.delete(id, state());
  other.close();
  expect(live()).toEqual([]);
  const pids = (await readdir(folder)).map((name) => name.slice(name.lastIndexOf("-")));
  expect(pids).toEqual([`-${elsewhere.child.pid}`]);
});

test("flags before the engine's address do not make two runs one", async () => {
  const other = await listen();
  const flags = ["--logtostderr", "--tracing", "http://127.0.0.1:9/spans"];
  const [one, elsewhere] = [await provider({ flags }), await provider({ flags, engine: other.address })];
  await adopt(one);
  await elsewhere.delete(id, state());
  other.close();
  expect(live()).toEqual([]);
});

test("a run with one provider process writes nothing, nor do two of which one neither deletes nor takes over", async () => {
  const [one, other] = [await provider(), await provider()];
  await adopt(one);
  const first = await one.create((await one.check({}, { url: "https://example.com/a" })).inputs);
  const { inputs } = await one.check(first.properties, { url: "https://example.com/b" });
  await one.diff(first.id, first.properties, inputs);
  const moved = await one.update(first.id, first.properties, inputs);
  await one.read(first.id, moved);
  await one.delete(first.id, moved);
  const theirs = { ...state(), url: "https://example.com/theirs" };
  const { inputs: same } = await other.check(theirs, { url: theirs.url });
  await other.diff("whc_theirs", theirs, same);
  await one.create((await one.check({}, { url: "https://example.com/c" })).inputs);
  expect(await readdir(home)).toEqual([]);
});

test("what a process has told before anybody listened is heard all the same", async () => {
  const one = await provider();
  const { inputs } = await one.check(state(), { url });
  await one.diff(id, state(), inputs);
  expect(await readdir(home)).toEqual([]);
  const other = await provider();
  await other.delete(id, state());
  await expect.poll(() => other.output()).toContain(HANDED_OVER);
  expect(live()).toEqual([id]);
});

// A container has a process namespace of its own, which root can make without one.
const unshare = ["unshare", "-pf", "--mount-proc", "--kill-child"];
const [tool = "", ...flags] = [...unshare, "true"];
test.skipIf(spawnSync(tool, flags).status !== 0).each(["another run", "the same run"])(
  "%s in another process namespace takes away nobody's word",
  async (which) => {
    const elsewhere = await listen();
    const [one, other, stranger] = [
      await provider(),
      await provider(),
      await provider({ starter: unshare, ...(which === "another run" ? { engine: elsewhere.address } : {}) }),
    ];
    await adopt(one);
    await overhear();
    const foreign = emulator.put("https://example.com/foreign");
    await stranger.delete(foreign, { ...state(), url: "https://example.com/foreign" });
    expect(await readdir(folder)).toContainEqual(expect.stringMatching(new RegExp(`-${one.child.pid}$`)));
    await other.delete(id, state());
    elsewhere.close();
    await expect.poll(() => other.output()).toContain(HANDED_OVER);
    expect(live()).toEqual([id]);
  },
);

test("a process whose file has vanished writes its words again", async () => {
  const [one, other, third] = [await provider(), await provider(), await provider()];
  await adopt(one);
  await overhear();
  await rm(folder, { recursive: true });
  await other.delete(id, state());
  await expect.poll(() => other.output()).toContain(HANDED_OVER);
  await rm(folder, { recursive: true });
  await third.delete(id, state());
  await expect.poll(() => third.output()).toContain(HANDED_OVER);
  expect(live()).toEqual([id]);
});

test.skipIf(process.platform === "win32")(
  "the folder and its files are the user's alone, and what is somebody else's is neither read nor removed",
  async () => {
    await mkdir(folder);
    await chmod(folder, 0o755);
    const one = await provider();
    await adopt(one);
    await overhear();
    const [name = ""] = await readdir(folder);
    expect((await lstat(folder)).mode & 0o777).toBe(0o700);
    expect((await lstat(join(folder, name))).mode & 0o777).toBe(0o600);

    const dead = (pid: number) => name.replace(/\d+$/, String(pid));
    const target = join(home, "target");
    await writeFile(target, `lose ${id}\n`);
    await symlink(target, join(folder, dead(900_000_001)));
    await symlink(target, join(folder, name.replace("-", ",x-")));
    await mkdir(join(folder, dead(900_000_002)));
    for (const file of ["notes.txt", "127.0.0.1_4711-900000003", "999999999"])
      await writeFile(join(folder, file), "keep this\n");
    const before = (await readdir(folder)).sort();
    const other = await provider();
    await other.delete(id, state());
    await expect.poll(() => other.output()).toContain(HANDED_OVER);
    expect((await readdir(folder)).sort()).toEqual(before);
    expect(await readFile(target, "utf8")).toBe(`lose ${id}\n`);
  },
);

test.skipIf(process.platform === "win32")("nothing is written through a link", async () => {
  const [one, other] = [await provider(), await provider()];
  const elsewhere = join(home, "elsewhere");
  await mkdir(elsewhere);
  await symlink(elsewhere, folder);
  await awaken(one);
  await overhear();
  await adopt(one);
  await expect.poll(() => one.output()).toContain("nothing can be written to Pulumi's home folder");
  expect(await readdir(elsewhere)).toEqual([]);

  // What cannot be heard is not guessed.
  await expect(other.delete(id, state())).rejects.toThrow("cannot write there");
  expect(live()).toEqual([id]);
  await rename(folder, join(home, "link"));
  await other.delete(id, state());
  await expect.poll(() => other.output()).toContain(HANDED_OVER);
  expect(live()).toEqual([id]);
});

test("a process that others cannot hear says so when it takes something over", async () => {
  await writeFile(folder, "");
  const unheard = await provider();
  await awaken(unheard);
  await overhear();
  await adopt(unheard);
  await expect.poll(() => unheard.output()).toContain("nothing can be written to Pulumi's home folder");
  await unheard.delete(id, state());
  expect(live()).toEqual([id]);
});
