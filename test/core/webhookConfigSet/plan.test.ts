import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Configuration } from "../../../provider/src/core/account/configuration.js";
import { type SetSituation, setPlan } from "../../../provider/src/core/webhookConfigSet/plan.js";
import { seed } from "../../support/seed.js";

const at = (n: number | string) => `https://example.com/${n}`;

/** An account from id to URL. */
function listed(entries: Record<string, string>): ReadonlyMap<string, Configuration> {
  return new Map(
    Object.entries(entries).map(([id, url]) => [
      id,
      { id, url, createdAt: "2025-10-21T15:42:33.109Z", updatedAt: "2025-10-21T15:42:33.109Z" },
    ]),
  );
}

function situation(given: {
  account: Record<string, string>;
  ids?: Record<string, string>;
  urls: Record<string, string>;
  removesForeign?: boolean;
  others?: readonly string[];
  limit?: number;
}): SetSituation {
  return {
    listed: listed(given.account),
    ids: new Map(Object.entries(given.ids ?? {})),
    urls: new Map(Object.entries(given.urls)),
    removesForeign: given.removesForeign ?? false,
    limit: given.limit ?? 20,
    isOthers: (id) => (given.others ?? []).includes(id),
  };
}

const nothing = {
  takenOver: [],
  removeFirst: [],
  moves: new Map(),
  creates: new Map(),
  unlisted: new Map(),
  removeLast: [],
};

describe("what a set does", () => {
  test("nothing, when nothing differs", () => {
    const plan = setPlan(situation({ account: { a: at(1) }, ids: { one: "a" }, urls: { one: at(1) } }));
    expect(plan).toEqual({ ...nothing, ids: new Map([["one", "a"]]) });
  });

  test("a name keeps its configuration when its URL changes", () => {
    const plan = setPlan(situation({ account: { a: at(1) }, ids: { one: "a" }, urls: { one: at(2) } }));
    expect(plan).toEqual({ ...nothing, ids: new Map([["one", "a"]]), moves: new Map([["a", at(2)]]) });
  });

  test("a new name with the URL of a removed one is a hand-over", () => {
    const plan = setPlan(situation({ account: { a: at(1) }, ids: { old: "a" }, urls: { new: at(1) } }));
    expect(plan).toEqual({ ...nothing, ids: new Map([["new", "a"]]) });
  });

  test("what goes, goes last, so that nothing is missing meanwhile", () => {
    const plan = setPlan(situation({ account: { a: at(1) }, ids: { old: "a" }, urls: { new: at(2) } }));
    expect(plan).toEqual({
      ...nothing,
      ids: new Map(),
      creates: new Map([["new", at(2)]]),
      removeLast: ["a"],
    });
  });

  test("in a full account, and where its URL is wanted, what goes, goes first", () => {
    const full = setPlan(
      situation({ account: { a: at(1) }, ids: { old: "a" }, urls: { new: at(2) }, limit: 1 }),
    );
    expect(full).toMatchObject({ removeFirst: ["a"], removeLast: [] });
    const wanted = setPlan(
      situation({ account: { a: at(1), b: at(2) }, ids: { old: "a", stays: "b" }, urls: { stays: at(1) } }),
    );
    expect(wanted).toMatchObject({ removeFirst: ["a"], moves: new Map([["b", at(1)]]) });
  });

  test("what the list does not show is to be asked for by its id before it is created anew, and deleted by its id", () => {
    const plan = setPlan(situation({ account: {}, ids: { one: "a", old: "b" }, urls: { one: at(1) } }));
    expect(plan).toEqual({
      ...nothing,
      ids: new Map(),
      creates: new Map([["one", at(1)]]),
      unlisted: new Map([["one", "a"]]),
      removeLast: ["b"],
    });
  });

  test("a foreign configuration is left alone, taken over for its URL, or removed if the set says so", () => {
    const account = { f: at(1), g: at(2) };
    expect(setPlan(situation({ account, urls: { one: at(1) } }))).toEqual({
      ...nothing,
      ids: new Map([["one", "f"]]),
      takenOver: ["f"],
    });
    expect(setPlan(situation({ account, urls: { one: at(1) }, removesForeign: true })).removeLast).toEqual([
      "g",
    ]);
  });

  test("what another resource of the program stands for is neither taken over nor removed", () => {
    const account = { f: at(1), g: at(2) };
    const plan = setPlan(
      situation({
        account,
        ids: { gone: "g" },
        urls: { one: at(1) },
        removesForeign: true,
        others: ["f", "g"],
      }),
    );
    expect(plan).toEqual({ ...nothing, ids: new Map(), creates: new Map([["one", at(1)]]) });
  });
});

test("whatever the account is like, the plan leads to the declaration and takes nothing from anybody", () => {
  const id = fc.integer({ min: 0, max: 9 }).map((n) => `whc_${n}`);
  const url = fc.integer({ min: 0, max: 12 }).map(at);
  const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const unique = { selector: ([, value]: [string, string]) => value, maxLength: 6 };
  const byName = (value: fc.Arbitrary<string>) =>
    fc.uniqueArray(fc.tuple(name, value), unique).map((entries) => Object.fromEntries(entries));
  const account = fc
    .uniqueArray(fc.tuple(id, url), { ...unique, maxLength: 10 })
    .map((entries) => Object.fromEntries(entries));
  const limit = 12;
  fc.assert(
    fc.property(
      account,
      byName(id),
      byName(url),
      fc.boolean(),
      fc.uniqueArray(id, { maxLength: 2 }),
      (present, ids, urls, removesForeign, others) => {
        // Another resource's URL that the set wants too can only be an error, which the account finds.
        fc.pre(!others.some((other) => Object.values(urls).includes(present[other] ?? "")));
        fc.pre(new Set(Object.values(urls)).size === Object.values(urls).length);
        // So can a foreign one's URL that a name shall move to: a name keeps its configuration.
        const heldByForeign = (wanted: string) =>
          Object.entries(present).some(([each, has]) => has === wanted && !Object.values(ids).includes(each));
        fc.pre(
          removesForeign ||
            !Object.entries(urls).some(
              ([each, to]) => present[ids[each] ?? ""] !== undefined && heldByForeign(to),
            ),
        );
        const plan = setPlan(situation({ account: present, ids, urls, removesForeign, others, limit }));
        const after = new Map(Object.entries(present));
        for (const gone of plan.removeFirst) after.delete(gone);
        for (const [moved, to] of plan.moves) after.set(moved, to);
        const stands = new Map(plan.ids);
        for (const [created, to] of plan.creates) {
          after.set(`new ${created}`, to);
          stands.set(created, `new ${created}`);
        }
        const foreign = Object.keys(present).filter((each) => !Object.values(ids).includes(each));
        const declared = Object.keys(urls).length;
        if (removesForeign) expect(after.size).toBeLessThanOrEqual(Math.max(limit, declared + others.length));
        for (const gone of plan.removeLast) after.delete(gone);

        for (const [each, wanted] of Object.entries(urls))
          expect(after.get(stands.get(each) ?? "")).toBe(wanted);
        for (const [each, before] of Object.entries(ids)) {
          if (urls[each] !== undefined && present[before] !== undefined && !others.includes(before))
            expect(stands.get(each)).toBe(before);
        }
        for (const other of others) expect(after.get(other)).toBe(present[other]);
        const left = [...after.keys()].filter((each) => ![...stands.values()].includes(each));
        if (removesForeign) expect(left.filter((each) => !others.includes(each))).toEqual([]);
        else for (const each of foreign) expect(after.has(each)).toBe(true);
        expect(new Set(after.values()).size).toBe(after.size);
      },
    ),
    { seed, numRuns: 2_000 },
  );
});
