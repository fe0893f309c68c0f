import { availableParallelism } from "node:os";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { type EngineStack, engineStack, kompliant } from "../support/engine.js";

const { WebhookConfig } = kompliant;
const at = (i: number | string) => `https://host-${i}.example.com/hook`;
const rotation = (n: number) => Array.from({ length: n }, (_, i) => at((i + 1) % n));

interface Trade {
  readonly emulator: Emulator;
  readonly stack: EngineStack;
  /** What the program declares: name to URL. Change it, then `up`. */
  readonly declared: Map<string, string>;
  /** The ids of the first deployment, by name. */
  readonly ids: Map<string, string>;
  /** The account's URLs by the names of the first deployment. */
  now(): Map<string, string | undefined>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A stack with `n` deployed endpoints, `hook-0` at `at(0)` and so on. */
async function deployed(n: number): Promise<Trade> {
  const emulator = await startEmulator();
  const declared = new Map(Array.from({ length: n }, (_, i) => [`hook-${i}`, at(i)]));
  const stack = await engineStack({
    env: emulator.env,
    program: async () => {
      for (const [name, url] of declared) new WebhookConfig(name, { url });
    },
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  const ids = new Map([...declared].map(([name, url]) => [name, idAt(emulator, url)]));
  emulator.clearRequests();
  return {
    emulator,
    stack,
    declared,
    ids,
    now: () =>
      new Map(
        [...ids].map(([name, id]) => [
          name,
          emulator.configs().find(({ config_id }) => config_id === id)?.url,
        ]),
      ),
    [Symbol.asyncDispose]: async () => {
      await stack.dispose();
      await emulator.close();
    },
  };
}

function idAt(emulator: Emulator, url: string): string {
  return emulator.configs().find((config) => config.url === url)?.config_id ?? "";
}

function declare({ declared }: Trade, targets: readonly string[]): void {
  targets.forEach((url, i) => {
    declared.set(`hook-${i}`, url);
  });
}

function expectNobodyParked({ emulator }: Trade): void {
  expect(emulator.configs().filter(({ url }) => url.includes("kompliant-parked"))).toEqual([]);
}

interface Shape {
  readonly name: string;
  readonly endpoints: number;
  /** The fewest updates that can be. */
  readonly fewest: number;
  /** The new URLs, from those that are held now, by number of the endpoint. */
  readonly next: (urls: readonly string[], run: number) => readonly string[];
}

const rotate = (urls: readonly string[]) => [...urls.slice(1), ...urls.slice(0, 1)];
const shapes: readonly Shape[] = [
  { name: "a swap", endpoints: 2, fewest: 3, next: rotate },
  { name: "a cycle of 3", endpoints: 3, fewest: 4, next: rotate },
  { name: "a cycle of 5", endpoints: 5, fewest: 6, next: rotate },
  { name: "a rotation of 20", endpoints: 20, fewest: 21, next: rotate },
  {
    name: "a chain of 12",
    endpoints: 12,
    fewest: 12,
    next: (urls, run) => [...urls.slice(1), at(`end-${run}`)],
  },
  {
    name: "a chain of 12 backwards",
    endpoints: 12,
    fewest: 12,
    next: (urls, run) => [at(`end-${run}`), ...urls.slice(0, -1)],
  },
];
/** What the engine keeps in flight by default. */
const DEFAULT_PARALLEL = 4 * availableParallelism();

test.each(shapes)(
  "$name of $endpoints endpoints at --parallel 1, 2, the default and 20",
  async ({ endpoints, fewest, next }) => {
    await using trade = await deployed(endpoints);
    for (const [i, parallel] of [1, 2, undefined, 20].entries()) {
      declare(trade, next([...trade.declared.values()], i));
      trade.emulator.clearRequests();
      const run = await trade.stack.up(parallel === undefined ? {} : { parallel });
      const calls = callsOf(trade.emulator);
      expect(calls).toMatchObject({ create: 0, delete: 0, get: 0 });
      expectNobodyParked(trade);
      expect([...trade.now().values()]).not.toContain(undefined);
      if ((parallel ?? DEFAULT_PARALLEL) >= endpoints) {
        expect(run.ok, run.output).toBe(true);
        expect(calls.update).toBe(fewest);
        expect(calls.list).toBeLessThanOrEqual(endpoints);
      } else if (run.ok) expect(calls.update).toBeLessThanOrEqual(2 * endpoints);
      else {
        expect(run.output).toContain(`pulumi up --parallel ${endpoints}`);
        expect(run.output).toContain("URL_ALREADY_EXISTS");
        expect(await trade.stack.up({ parallel: endpoints })).toMatchObject({ ok: true });
      }
      if (fewest > endpoints && parallel === 1)
        expect(run.ok, "a cycle cannot be seen one at a time").toBe(false);
      expect(trade.now()).toEqual(trade.declared);
    }
    expect(await trade.stack.up()).toMatchObject({ ok: true, changes: { same: endpoints + 1 } });
  },
);

test("a new resource takes the URL that an update frees", async () => {
  for (const parallel of [1, 2, undefined, 20]) {
    await using trade = await deployed(1);
    trade.declared.set("hook-0", at("moved"));
    trade.declared.set("added", at(0));
    let run = await trade.stack.up(parallel === undefined ? {} : { parallel });
    // One at a time, the new one may come first; then nothing can be known about who frees its URL.
    if (parallel === 1 && !run.ok) run = await trade.stack.up({ parallel: 2 });
    expect(run.ok, run.output).toBe(true);
    expect(trade.now().get("hook-0")).toBe(at("moved"));
    expect(trade.emulator.configs()).toHaveLength(2);
  }
});

test("a holder that --target leaves out is not moved", async () => {
  await using trade = await deployed(2);
  declare(trade, rotation(2));
  const urn =
    (await trade.stack.resources()).find((resource) => resource.urn.endsWith("::hook-0"))?.urn ?? "";
  const run = await trade.stack.up({ target: [urn] });
  expect(run.ok).toBe(false);
  expect(run.output).toContain(trade.ids.get("hook-1"));
  expect(run.output).toContain("--target");
  expect(trade.now()).toEqual(
    new Map([
      ["hook-0", at(0)],
      ["hook-1", at(1)],
    ]),
  );
  expect(await trade.stack.up()).toMatchObject({ ok: true });
  expect(trade.now()).toEqual(trade.declared);
});

test("a holder that the program removes: the removal has to be deployed first", async () => {
  await using trade = await deployed(2);
  trade.declared.set("hook-0", at(1));
  trade.declared.delete("hook-1");
  const run = await trade.stack.up();
  expect(run.ok).toBe(false);
  expect(run.output).toContain("deploy the removal first");
  expect(trade.emulator.configs()).toHaveLength(2);
  trade.declared.set("hook-0", at(0));
  expect(await trade.stack.up()).toMatchObject({ ok: true });
  trade.declared.set("hook-0", at(1));
  expect(await trade.stack.up()).toMatchObject({ ok: true });
  expect(trade.now().get("hook-0")).toBe(at(1));
});

test("a foreign holder is never touched", async () => {
  await using trade = await deployed(1);
  const foreign = trade.emulator.put(at("theirs"));
  trade.declared.set("hook-0", at("theirs"));
  const run = await trade.stack.up();
  expect(run.ok).toBe(false);
  expect(run.output).toContain(foreign);
  expect(trade.now().get("hook-0")).toBe(at(0));
  expect(idAt(trade.emulator, at("theirs"))).toBe(foreign);
});

test("up --refresh moves nobody for a diff that only the refresh asked for", async () => {
  await using trade = await deployed(3);
  const drifted = trade.ids.get("hook-0") ?? "";
  trade.emulator.change(drifted, at("drifted"));
  // The program no longer has hook-0, and hook-1 wants its old URL, which is free.
  trade.declared.delete("hook-0");
  trade.declared.set("hook-1", at(0));
  const run = await trade.stack.up({ refresh: true });
  expect(run.ok, run.output).toBe(true);
  const moves = trade.emulator.requests.filter(
    ({ method, configId }) => method.endsWith("update") && configId === drifted,
  );
  expect(moves).toEqual([]);
  expect(
    trade.emulator
      .configs()
      .map(({ url }) => url)
      .sort(),
  ).toEqual([at(0), at(2)]);
});

test("up --refresh --run-program looks at some while others trade already: all arrive", async () => {
  await using trade = await deployed(8);
  for (let shift = 1; shift <= 3; shift++) {
    const targets = Array.from({ length: 8 }, (_, i) => at((i + shift) % 8));
    declare(trade, targets);
    const run = await trade.stack.up({ refresh: true, runProgram: true, parallel: 4 });
    expect(run.ok, run.output).toBe(true);
    expect([...trade.now().values()]).toEqual(targets);
  }
});

test("the same URL twice, and more than 20 in an account, fail the preview and name the resources", async () => {
  await using trade = await deployed(1);
  trade.declared.set("second", at(0));
  const twice = await trade.stack.preview();
  expect(twice.ok).toBe(false);
  expect(twice.output).toContain(`"hook-0" and "second" declare the same URL ${at(0)} in account`);
  trade.declared.delete("second");
  for (let i = 1; i < 23; i++) trade.declared.set(`hook-${i}`, at(i));
  const many = await trade.stack.preview();
  expect(many.ok).toBe(false);
  expect(many.output).toContain("declares 23 webhook configurations in account lv_4K8mPxR9N2jL7hS5TdWfY1");
  expect(callsOf(trade.emulator)).toMatchObject({ create: 0, update: 0, delete: 0 });
});

test("a preview warns of a limit that the creates will pass, with one list", async () => {
  await using trade = await deployed(1);
  for (let i = 0; i < 18; i++) trade.emulator.put(at(`theirs-${i}`));
  for (let i = 1; i < 4; i++) trade.declared.set(`hook-${i}`, at(i));
  const preview = await trade.stack.preview();
  expect(preview.ok).toBe(true);
  expect(preview.output).toContain("has 19 active configurations, and this program adds");
  expect(preview.output).toContain("a removal must be deployed first");
  expect(callsOf(trade.emulator)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
});
