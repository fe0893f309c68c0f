import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAccount } from "../../../provider/src/core/account/account.js";
import { createEvents } from "../../../provider/src/core/account/events.js";
import { type Board, isParkingUrl, nextStep, parkingUrl } from "../../../provider/src/core/account/trades.js";
import { type Change, type Outcome, playRun } from "../../support/engineOrder.js";
import { type RuledAccount, ruledAccount } from "../../support/ruledAccount.js";
import { seed } from "../../support/seed.js";
import { mulberry32, virtualTime } from "../../support/virtualTime.js";

const at = (i: number | string) => `https://host-${i}.example.com/hook`;
const idOf = (i: number) => `whc_${i}`;

interface Played {
  readonly account: RuledAccount;
  readonly outcomes: readonly Outcome[];
  readonly updates: number;
}

/**
 * Plays one run in virtual time.
 *
 * @param targets where configuration i, now at `at(i)`, is to go
 */
async function play(options: {
  targets: readonly string[];
  created?: readonly string[];
  /** Configurations that no change of this run is about. */
  foreign?: readonly string[];
  parallel: number;
  seed: number;
  order?: "forth" | "back" | "mixed";
}): Promise<Played> {
  const time = virtualTime(options.seed);
  const urls = new Map(options.targets.map((_, i) => [idOf(i), at(i)]));
  for (const [i, url] of (options.foreign ?? []).entries()) urls.set(`whc_foreign${i}`, url);
  const before = new Map(urls);
  const client = ruledAccount(time.runtime, urls);
  const events = createEvents(time.runtime);
  const account = createAccount(client, time.runtime, events, (id) => before.has(id));
  const updates = options.targets.flatMap((to, i): Change[] =>
    to === at(i) ? [] : [{ kind: "update", id: idOf(i), from: at(i), to }],
  );
  const changes = [...updates, ...(options.created ?? []).map((to): Change => ({ kind: "create", to }))];
  if (options.order === "back") changes.reverse();
  if (options.order === "mixed") shuffle(changes, mulberry32(options.seed));
  const outcomes = await time.until(playRun(account, time.runtime, events, changes, options.parallel));

  // Whatever happens: nobody is parked on another host, nobody is left parked, nobody is lost, nobody else is moved.
  for (const { id = "", url = "" } of client.calls.filter((call) => isParkingUrl(call.url ?? ""))) {
    const index = client.calls.findIndex((call) => call.id === id && call.url === url);
    const earlier = client.calls
      .slice(0, index)
      .filter((call) => call.id === id && call.method === "update" && call.ok);
    const present = earlier.at(-1)?.url ?? before.get(id) ?? "";
    expect(new URL(url).host).toBe(new URL(present).host);
  }
  expect([...client.urls.values()].filter(isParkingUrl)).toEqual([]);
  for (const id of before.keys()) expect(client.urls.has(id)).toBe(true);
  for (const [i, url] of (options.foreign ?? []).entries())
    expect(client.urls.get(`whc_foreign${i}`)).toBe(url);
  expect(client.calls.filter(({ method }) => method === "delete")).toEqual([]);
  for (const { change, error } of outcomes)
    if (error === undefined && change.kind === "update") expect(client.urls.get(change.id)).toBe(change.to);
  return {
    account: client,
    outcomes,
    updates: client.calls.filter(({ method }) => method === "update").length,
  };
}

function shuffle<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}

const rotation = (n: number) => Array.from({ length: n }, (_, i) => at((i + 1) % n));
const chain = (n: number) => Array.from({ length: n }, (_, i) => (i === n - 1 ? at("new") : at(i + 1)));
const errorsOf = ({ outcomes }: Played) => outcomes.filter(({ error }) => error !== undefined);

describe("with as many operations at a time as there are endpoints that trade", () => {
  test.each([
    ["a swap", rotation(2), 3],
    ["a cycle of 3", rotation(3), 4],
    ["a cycle of 5", rotation(5), 6],
    ["a rotation of 20", rotation(20), 21],
    ["a chain of 12", chain(12), 12],
    ["two swaps at once", [at(1), at(0), at(3), at(2)], 6],
  ])("%s takes the fewest updates, in any order", async (_, targets, fewest) => {
    for (const order of ["forth", "back", "mixed"] as const) {
      for (let i = 0; i < 10; i++) {
        const played = await play({ targets, parallel: 20, seed: seed + i, order });
        expect(errorsOf(played)).toEqual([]);
        expect(played.updates).toBe(fewest);
      }
    }
  });

  test("a new resource takes the URL that an update frees", async () => {
    for (const order of ["forth", "back"] as const) {
      const played = await play({ targets: [at("new")], created: [at(0)], parallel: 20, seed, order });
      expect(errorsOf(played)).toEqual([]);
      expect([...played.account.urls.values()].sort()).toEqual([at(0), at("new")].sort());
      expect(played.account.calls.filter(({ method, ok }) => method !== "list" && !ok)).toEqual([]);
    }
  });

  test("independent updates are read back together", async () => {
    const { account } = await play({ targets: [at("x"), at("y"), at("z")], parallel: 20, seed });
    expect(account.calls.filter(({ method }) => method === "list")).toHaveLength(2);
    expect(account.calls.filter(({ method }) => method === "update")).toHaveLength(3);
  });
});

describe("with fewer operations at a time", () => {
  test.each([1, 2, 3, 8])(
    "at %i, what does not get done says so, and never takes more than two updates",
    async (parallel) => {
      for (const targets of [rotation(5), rotation(20), chain(12)]) {
        for (const order of ["forth", "back", "mixed"] as const) {
          const played = await play({ targets, parallel, seed, order });
          const failures = errorsOf(played);
          if (failures.length === 0) {
            targets.forEach((to, i) => {
              expect(played.account.urls.get(idOf(i))).toBe(to);
            });
            expect(played.updates).toBeLessThanOrEqual(2 * targets.length);
          } else
            expect(failures[0]?.error).toMatchObject({
              conflict: { kind: "url-taken", parallel: targets.length },
            });
        }
      }
    },
  );

  test("a rotation that the engine cannot show whole is refused, and nobody is moved", async () => {
    for (const parallel of [2, 3, 8]) {
      const played = await play({ targets: rotation(20), parallel, seed, order: "back" });
      expect(errorsOf(played).length).toBeGreaterThan(0);
      for (const { error } of errorsOf(played))
        expect(error).toMatchObject({ conflict: { kind: "url-taken", parallel: 20 } });
      expect(played.account.calls.filter(({ method, ok }) => method === "update" && ok)).toEqual([]);
    }
  });
});

describe("where it cannot be resolved", () => {
  test("a foreign holder is never moved: the update fails, naming it", async () => {
    const played = await play({ targets: [at("theirs")], foreign: [at("theirs")], parallel: 20, seed });
    expect(errorsOf(played)).toHaveLength(1);
    expect(errorsOf(played)[0]?.error).toMatchObject({
      conflict: { kind: "url-taken", holder: "whc_foreign0", url: at("theirs") },
      cause: { subCode: "URL_ALREADY_EXISTS" },
    });
  });

  test("a chain that ends at a foreign holder leaves nobody parked", async () => {
    const targets = [at(1), at(2), at("theirs")];
    for (const order of ["forth", "back", "mixed"] as const) {
      const played = await play({ targets, foreign: [at("theirs")], parallel: 20, seed, order });
      expect(errorsOf(played).length).toBeGreaterThan(0);
      const regular = new Set([...[0, 1, 2].map(at), at("theirs")]);
      for (const url of played.account.urls.values()) expect(regular).toContain(url);
    }
  });

  test("a create does not take the last URL that parked ones could go back to", async () => {
    for (let i = 0; i < 20; i++) {
      const targets = [at(1), at("theirs")];
      const foreign = [at("theirs")];
      await play({ targets, created: [at(0)], foreign, parallel: 20, seed: seed + i, order: "mixed" });
    }
  });
});

test("any permutation with new and given-up URLs reaches the declaration, or says why not", async () => {
  const run = fc.record({
    n: fc.integer({ min: 1, max: 19 }),
    parallel: fc.constantFrom(1, 2, 3, 5, 8, 20),
    seed: fc.nat(),
    kinds: fc.array(fc.constantFrom("stay", "trade", "new"), { minLength: 20, maxLength: 20 }),
    creates: fc.integer({ min: 0, max: 1 }),
  });
  await fc.assert(
    fc.asyncProperty(run, async ({ n, parallel, seed, kinds, creates }) => {
      const random = mulberry32(seed);
      const traders = Array.from({ length: n }, (_, i) => i).filter((i) => kinds[i] === "trade");
      const places = shuffle([...traders], random);
      const targets = Array.from({ length: n }, (_, i) => {
        if (kinds[i] === "new") return at(`new-${i}`);
        return kinds[i] === "trade" ? at(places[traders.indexOf(i)] ?? i) : at(i);
      });
      const freed = Array.from({ length: n }, (_, i) => i).filter((i) => kinds[i] === "new");
      const created = creates === 1 && freed.length > 0 ? [at(freed[0] ?? 0)] : [];
      const played = await play({ targets, created, parallel, seed, order: "mixed" });
      const changing = targets.filter((to, i) => to !== at(i)).length + created.length;
      if (parallel >= changing) {
        expect(errorsOf(played)).toEqual([]);
        targets.forEach((to, i) => {
          expect(played.account.urls.get(idOf(i))).toBe(to);
        });
      }
      for (const { error } of errorsOf(played))
        expect(error).toMatchObject({ conflict: { kind: "url-taken" } });
    }),
    { seed, numRuns: 300 },
  );
});

describe("nextStep", () => {
  const board: Board = {
    holderOf: () => undefined,
    targetOf: () => undefined,
    busy: new Set(),
    isListed: true,
  };
  const holders =
    (held: Record<string, string>): Board["holderOf"] =>
    (url) =>
      held[url];

  test("moves nobody out of the way because of what state says", () => {
    const holderOf = holders({ [at("a")]: "whc_a", [at("b")]: "whc_b" });
    const targetOf = holders({ whc_a: at("b"), whc_b: at("a") });
    const step = (isListed: boolean) =>
      nextStep("whc_a", at("b"), { ...board, holderOf, targetOf, isListed });
    expect(step(false)).toEqual({ kind: "list" });
    expect(step(true)).toEqual({ kind: "rotate", ids: ["whc_a", "whc_b"] });
  });

  test("a create that waits for a cycle of others lets them rotate", () => {
    const holderOf = holders({ [at("a")]: "whc_a", [at("b")]: "whc_b" });
    const targetOf = holders({ whc_a: at("b"), whc_b: at("a") });
    expect(nextStep(undefined, at("b"), { ...board, holderOf, targetOf })).toEqual({
      kind: "rotate",
      ids: ["whc_b", "whc_a"],
    });
  });

  test("waits for calls under way, also for its own configuration", () => {
    expect(nextStep("whc_a", at("b"), { ...board, busy: new Set(["whc_a"]) })).toEqual({ kind: "wait" });
    expect(nextStep("whc_a", at("b"), { ...board, busy: new Set([at("b")]) })).toEqual({ kind: "wait" });
  });

  test("never moves a configuration that nothing in this run moves", () => {
    const holderOf = holders({ [at("b")]: "whc_theirs" });
    expect(nextStep("whc_a", at("b"), { ...board, holderOf })).toEqual({
      kind: "blocked",
      holder: "whc_theirs",
    });
  });
});

test.each([
  ["https://example.com", "https://example.com?kompliant-parked=whc_1"],
  ["https://example.com/a?b=c", "https://example.com/a?b=c&kompliant-parked=whc_1"],
  ["https://example.com/a?", "https://example.com/a?kompliant-parked=whc_1"],
  ["https://example.com/a#part?x", "https://example.com/a?kompliant-parked=whc_1#part?x"],
])("%s is parked at %s", (url, expected) => {
  expect(parkingUrl(url, "whc_1")).toBe(expected);
  expect(isParkingUrl(expected)).toBe(true);
  expect(isParkingUrl(url)).toBe(false);
});
