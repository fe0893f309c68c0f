import { describe, expect, test } from "vitest";
import { callsOf, doneOf } from "../support/calls.js";
import type { Program } from "../support/engineModel.js";
import { at, type ModelScene, sceneOf, succeeded } from "../support/modelScene.js";
import { shellUnderTest } from "../support/shellUnderTest.js";

const THEIR_ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";

/** What `hook-0` and so on are to have. */
const declaring = (urls: readonly string[]): Program =>
  Object.fromEntries(urls.map((url, i) => [`hook-${i}`, { url }]));

interface Trade extends ModelScene {
  /** The ids of the first deployment, by name. */
  readonly ids: Readonly<Record<string, string>>;
  /** The account's URLs by the names of the first deployment. */
  now(): readonly (string | undefined)[];
}

/** A stack with `n` deployed endpoints, `hook-0` at `at(0)` and so on. */
async function deployed(n: number): Promise<Trade> {
  const it = sceneOf(declaring(Array.from({ length: n }, (_, i) => at(i))));
  succeeded(await it.stack.up());
  const ids = Object.fromEntries(Object.entries(it.state()).map(([name, [id]]) => [name, id]));
  it.network.clearRequests();
  return {
    ...it,
    ids,
    now: () =>
      Object.keys(it.stack.program)
        .filter((name) => name in ids)
        .map((name) => it.network.configs().find(({ config_id }) => config_id === ids[name])?.url),
  };
}

function expectNobodyParked({ network }: Trade): void {
  expect(network.configs().filter(({ url }) => url.includes("kompliant-parked"))).toEqual([]);
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

describe.each(shapes)("$name of $endpoints endpoints", ({ endpoints, fewest, next }) => {
  test.each(
    [1, 2, 4, 8, 16, 20].flatMap((parallel) => [false, true].map((shuffled) => ({ parallel, shuffled }))),
  )("at --parallel $parallel, shuffled $shuffled", async ({ parallel, shuffled }) => {
    const trade = await deployed(endpoints);
    const targets = next(trade.now() as string[], parallel);
    trade.stack.program = declaring(targets);
    const run = await trade.stack.up({ parallel, shuffled });
    const calls = callsOf(trade.network);
    expect(calls).toMatchObject({ create: 0, delete: 0, get: 0 });
    expectNobodyParked(trade);
    expect(trade.now()).not.toContain(undefined);
    if (parallel >= endpoints) {
      succeeded(run);
      expect(doneOf(trade.network, "update")).toBe(fewest);
      // The plugin has no list when the first update comes: the API tells it who has the URL, by a refusal.
      expect(calls.update - fewest).toBeLessThanOrEqual(shellUnderTest === "plugin" ? endpoints : 0);
      expect(calls.list).toBeLessThanOrEqual(endpoints);
    } else if (run.ok) expect(calls.update).toBeLessThanOrEqual(2 * endpoints);
    else {
      expect(run.output).toContain(`pulumi up --parallel ${endpoints}`);
      expect(run.output).toContain("URL_ALREADY_EXISTS");
      succeeded(await trade.stack.up({ parallel: endpoints }));
    }
    if (fewest > endpoints && parallel === 1)
      expect(run.ok, "a cycle cannot be seen one at a time").toBe(false);
    expect(trade.now()).toEqual(targets);
    expect(await trade.stack.up()).toMatchObject({ ok: true, changes: { same: endpoints } });
  });
});

test.each([1, 2, 16, 20])(
  "a new resource takes the URL that an update frees, at --parallel %i",
  async (parallel) => {
    for (const isFirst of [true, false]) {
      const trade = await deployed(1);
      const moved = { "hook-0": { url: at("moved") } };
      const added = { added: { url: at(0) } };
      trade.stack.program = isFirst ? { ...added, ...moved } : { ...moved, ...added };
      let run = await trade.stack.up({ parallel });
      // One at a time, the new one may come first; then nothing can be known about who frees its URL.
      if (parallel === 1 && isFirst && !run.ok) run = await trade.stack.up({ parallel: 2 });
      succeeded(run);
      expect(trade.now()).toEqual([at("moved")]);
      expect(trade.network.configs()).toHaveLength(2);
    }
  },
);

test("a holder that --target leaves out is not moved", async () => {
  const trade = await deployed(2);
  trade.stack.program = declaring([at(1), at(0)]);
  const run = await trade.stack.up({ target: ["hook-0"] });
  expect(run.ok).toBe(false);
  expect(run.output).toContain(trade.ids["hook-1"]);
  expect(run.output).toContain("--target");
  expect(trade.now()).toEqual([at(0), at(1)]);
  succeeded(await trade.stack.up());
  expect(trade.now()).toEqual([at(1), at(0)]);
});

test("a holder that the program removes: the removal has to be deployed first", async () => {
  const trade = await deployed(2);
  trade.stack.program = declaring([at(1)]);
  const run = await trade.stack.up();
  expect(run.ok).toBe(false);
  expect(run.output).toContain("deploy the removal first");
  expect(trade.network.configs()).toHaveLength(2);
  trade.stack.program = declaring([at(0)]);
  succeeded(await trade.stack.up());
  trade.stack.program = declaring([at(1)]);
  succeeded(await trade.stack.up());
  expect(trade.now()).toEqual([at(1)]);
});

test("a foreign holder is never touched, and a preview warns of it, with one list", async () => {
  const trade = await deployed(1);
  const foreign = trade.network.put(at("theirs"));
  trade.stack.program = declaring([at("theirs")]);
  const preview = succeeded(await trade.stack.preview());
  expect(preview.output).toContain(`${foreign} of account ${THEIR_ACCOUNT} has ${at("theirs")} already`);
  expect(callsOf(trade.network)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
  const run = await trade.stack.up();
  expect(run.ok).toBe(false);
  expect(run.output).toContain(foreign);
  expect(trade.now()).toEqual([at(0)]);
  expect(trade.account()[at("theirs")]).toBe(foreign);
});

test("up --refresh moves nobody for a diff that only the refresh asked for", async () => {
  const trade = await deployed(3);
  const drifted = trade.ids["hook-0"] ?? "";
  trade.network.change(drifted, at("drifted"));
  // The program no longer has hook-0, and hook-1 wants its old URL, which is free.
  trade.stack.program = { "hook-1": { url: at(0) }, "hook-2": { url: at(2) } };
  succeeded(await trade.stack.up({ refresh: true }));
  const moves = trade.network.requests.filter(
    ({ method, configId }) => method.endsWith("update") && configId === drifted,
  );
  expect(moves).toEqual([]);
  expect(Object.keys(trade.account()).sort()).toEqual([at(0), at(2)]);
});

test("up --refresh --run-program looks at some while others trade already: all arrive", async () => {
  const trade = await deployed(8);
  for (let shift = 1; shift <= 3; shift++) {
    const targets = Array.from({ length: 8 }, (_, i) => at((i + shift) % 8));
    trade.stack.program = declaring(targets);
    const run = await trade.stack.up({ refresh: true, runProgram: true, parallel: 8 });
    expect(run.ok, run.output).toBe(true);
    expect(trade.now()).toEqual(targets);
  }
});

test("a preview warns of a limit that the creates will pass, with one list", async () => {
  const trade = await deployed(1);
  for (let i = 0; i < 18; i++) trade.network.put(at(`theirs-${i}`));
  trade.stack.program = declaring([at(0), at(1), at(2), at(3)]);
  const preview = succeeded(await trade.stack.preview());
  expect(preview.output).toContain("has 19 active configurations, and this program adds");
  expect(preview.output).toContain("a removal must be deployed first");
  expect(callsOf(trade.network)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
});
