import { expect } from "vitest";
import { PartialFailure, UserError } from "../../provider/src/core/failures.js";
import { createdIds, isDeceived, isSaidDone, lists } from "./documented.js";
import { type Outcome, type Providers, settled } from "./hostileRun.js";
import type { HostileAccount } from "./hostileServer.js";

export const A = "https://a.example.com/hook";
export const B = "https://b.example.com/hook";
export const C = "https://c.example.com/hook";
const NEW = "https://new.example.com/hook";
const TIMES = { createdAt: "2025-10-21T15:42:33.109Z", updatedAt: "2025-10-21T15:42:33.109Z" };

/** An account with two endpoints that state knows and one that it does not, whatever its server says of it. */
export interface Scene {
  readonly account: HostileAccount;
  readonly accountId: string;
  /** State has A for it. */
  readonly a: string;
  /** State has B for it. */
  readonly b: string;
  /** State does not know it; it has C. */
  readonly foreign: string;
  /** What the endpoints had before: id to URL. */
  readonly before: ReadonlyMap<string, string>;
}

export interface Operation {
  /** Of how many operations it may consist, one after another. Default: 1. */
  readonly operations?: number;
  readonly run: (providers: Providers, scene: Scene) => Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: what a provider's method gives
  readonly holds: (outcome: Outcome<any>, scene: Scene) => void;
  /** Whose state it may change. */
  readonly about: (scene: Scene) => readonly string[];
}

const isGone = ({ account }: Scene, id: string) =>
  account.configs().every(({ config_id }) => config_id !== id);
export const urlNow = ({ account }: Scene, id: string) =>
  account.configs().find(({ config_id }) => config_id === id)?.url;
const wasListed = ({ account }: Scene, id: string, url: string) =>
  lists(account.said).some((list) => list.some((each) => each.config_id === id && each.url === url));
const wasUnlisted = ({ account }: Scene, id: string) =>
  lists(account.said).some((list) => list.every(({ config_id }) => config_id !== id));

/** That a configuration has a URL was seen, or had to be believed. */
function expectHas(scene: Scene, id: string, url: string): void {
  const { said } = scene.account;
  const isProven =
    urlNow(scene, id) === url ||
    wasListed(scene, id, url) ||
    isSaidDone(said, "update", id, url) ||
    createdIds(said).includes(id);
  expect(isProven, `nothing has shown that ${id} has ${url}`).toBe(true);
}

/** That a configuration is gone was seen, or had to be believed. */
function expectGone(scene: Scene, id: string): void {
  const isProven =
    isGone(scene, id) || wasUnlisted(scene, id) || isSaidDone(scene.account.said, "delete", id);
  expect(isProven, `nothing has shown that ${id} is gone`).toBe(true);
}

/** What a message has to say that cannot say what became of a write. */
const HOW_TO_FIND =
  /could not be (made to say|found out)|is found out|Look for|npx pulumi-kompliant list|option `import:|takes it over/;

/** The next deployment finds out what became of an update, since state and program differ still. */
const SETTLED_LATER = /could not be found out|is found out|[Rr]un the same command again|out of time/;

/** Where a URL was registered and no state knows it, the message leads there. */
function expectToldOf(scene: Scene, url: string, known: readonly string[], error: Error): void {
  const made = scene.account.configs().find((each) => each.url === url && !scene.before.has(each.config_id));
  if (made === undefined || known.includes(made.config_id)) return;
  const { said } = scene.account;
  if (isDeceived(said)) return;
  expect(error.message).toMatch(HOW_TO_FIND);
  const asked = said.map((each) => (each.method === "create" && each.url === url ? "create" : each.method));
  expect(asked.lastIndexOf("list"), "the account is looked at after the last try").toBeGreaterThan(
    asked.lastIndexOf("create"),
  );
}

export const operations: Readonly<Record<string, Operation>> = {
  read: {
    run: ({ single }, { accountId, a }) => single.read(a, { accountId, url: A, ...TIMES }),
    about: () => [],
    holds: (outcome, scene) => {
      if (outcome.kind === "rejected") return;
      if (outcome.value.id === undefined)
        return expect(wasUnlisted(scene, scene.a), "a list has shown that it is gone").toBe(true);
      expect(outcome.value.id).toBe(scene.a);
      expect(wasListed(scene, scene.a, outcome.value.props.url)).toBe(true);
    },
  },
  delete: {
    run: ({ single }, { accountId, a }) => single.delete(a, { accountId, url: A, ...TIMES }),
    about: ({ a }) => [a],
    holds: (outcome, scene) => {
      if (outcome.kind === "resolved") expectGone(scene, scene.a);
    },
  },
  create: {
    run: ({ single }, { accountId }) => single.create({ accountId, url: NEW }),
    about: () => [],
    holds: expectCreated,
  },
  "create with adoptExisting": {
    operations: 2,
    run: ({ single }, scene) => checked(single, scene, { url: C, adoptExisting: true }),
    about: ({ foreign }) => [foreign],
    holds: (outcome, scene) => {
      if (outcome.kind === "resolved") expectHas(scene, outcome.value.id, outcome.value.outs.url);
      expect(scene.account.configs().filter(({ url }) => url === C).length).toBeLessThanOrEqual(1);
    },
  },
  "create with import": {
    operations: 2,
    run: ({ single }, scene) => checked(single, scene, { url: NEW, import: scene.foreign }),
    about: ({ foreign }) => [foreign],
    holds: (outcome, scene) => {
      expect(scene.account.configs().length, "none is created").toBeLessThanOrEqual(scene.before.size);
      if (outcome.kind === "rejected") return;
      expect(outcome.value.id).toBe(scene.foreign);
      expectHas(scene, scene.foreign, outcome.value.outs.url);
    },
  },
  "check of a new one": {
    run: ({ single }, { accountId }) => single.check({}, { accountId, url: NEW }),
    about: () => [],
    holds: (outcome, { account, accountId }) => {
      expect(outcome).toMatchObject({ kind: "resolved", value: { inputs: { accountId, url: NEW } } });
      expect(account.said.every(({ method }) => method === "list")).toBe(true);
    },
  },
  update: {
    run: ({ single }, { accountId, a }) =>
      single.update(a, { accountId, url: A, ...TIMES }, { accountId, url: NEW }),
    about: ({ a }) => [a],
    holds: expectUpdated,
  },
  "update that completes what was cut off": {
    run: ({ single }, { accountId, a }) => single.update(a, { accountId, url: A }, { accountId, url: A }),
    about: ({ a }) => [a],
    holds: expectUpdated,
  },
  "two that trade places": {
    operations: 2,
    run: async ({ single }, { accountId, a, b }) => {
      const [first, second] = await Promise.all([
        settled(() => single.update(a, { accountId, url: A, ...TIMES }, { accountId, url: B }), 2),
        settled(() => single.update(b, { accountId, url: B, ...TIMES }, { accountId, url: A }), 2),
      ]);
      return { first, second };
    },
    about: ({ a, b }) => [a, b],
    holds: (outcome, scene) => {
      if (outcome.kind === "rejected") throw outcome.error;
      expectUpdated(outcome.value.first, scene);
      expectUpdated(outcome.value.second, scene, scene.b);
    },
  },
  "create of a set": {
    operations: 3,
    run: ({ set }, { accountId }) => set.create({ accountId, foreign: "keep", urls: { c: C, new: NEW } }),
    about: ({ foreign }) => [foreign],
    holds: (outcome, scene) => expectSet(outcome, scene, []),
  },
  "update of a set": {
    operations: 5,
    run: ({ set }, scene) =>
      set.update(scene.accountId, stateOfSet(scene, "keep"), {
        accountId: scene.accountId,
        foreign: "keep",
        urls: { a: NEW, more: "https://more.example.com/hook" },
      }),
    about: ({ a, b }) => [a, b],
    holds: (outcome, scene) => expectSet(outcome, scene, [scene.a, scene.b]),
  },
  "update of a set that removes what is foreign": {
    operations: 5,
    run: ({ set }, scene) =>
      set.update(scene.accountId, stateOfSet(scene, "keep"), {
        accountId: scene.accountId,
        foreign: "remove",
        urls: { a: A, b: B },
      }),
    about: ({ a, b, foreign }) => [a, b, foreign],
    holds: (outcome, scene) => expectSet(outcome, scene, [scene.a, scene.b]),
  },
  "read of a set": {
    run: ({ set }, scene) => set.read(scene.accountId, stateOfSet(scene, "keep")),
    about: () => [],
    holds: (outcome, scene) => {
      if (outcome.kind === "rejected") return;
      const { ids, urls, others } = outcome.value.props;
      for (const [name, id] of [
        ["a", scene.a],
        ["b", scene.b],
      ] as const)
        if (ids[name] === undefined)
          expect(wasUnlisted(scene, id), `a list has shown that ${name} is gone`).toBe(true);
        else expect(wasListed(scene, ids[name], urls[name]), name).toBe(true);
      for (const [id, url] of Object.entries<string>(others))
        expect(wasListed(scene, id, url), id).toBe(true);
    },
  },
  "delete of a set": {
    run: ({ set }, scene) => set.delete(scene.accountId, stateOfSet(scene, "keep")),
    about: ({ a, b }) => [a, b],
    holds: (outcome, scene) => {
      if (outcome.kind === "rejected") return;
      expectGone(scene, scene.a);
      expectGone(scene, scene.b);
    },
  },
};

function stateOfSet({ accountId, a, b }: Scene, foreign: "keep" | "remove") {
  return { accountId, foreign, urls: { a: A, b: B }, ids: { a, b }, others: {} };
}

/** Has a resource checked, and creates it if nothing is against it. */
async function checked(single: Providers["single"], { accountId }: Scene, news: object) {
  const { inputs, failures = [] } = await single.check({}, { accountId, ...news });
  if (failures.length > 0) throw new UserError(failures.map(({ reason }) => reason).join("\n"));
  return single.create(inputs);
}

// biome-ignore lint/suspicious/noExplicitAny: what a provider's method gives
function expectCreated(outcome: Outcome<any>, scene: Scene): void {
  const made = scene.account.configs().filter(({ config_id }) => !scene.before.has(config_id));
  expect(made.length, "one create makes one").toBeLessThanOrEqual(1);
  const { error } = outcome as { error?: Error };
  if (outcome.kind === "resolved") expectHas(scene, outcome.value.id, outcome.value.outs.url);
  else if (error instanceof PartialFailure) expectHas(scene, error.id, String(error.properties["url"]));
  else expectToldOf(scene, NEW, [], outcome.error);
}

// biome-ignore lint/suspicious/noExplicitAny: what a provider's method gives
function expectUpdated(outcome: Outcome<any>, scene: Scene, id = scene.a): void {
  if (outcome.kind === "resolved") expectHas(scene, id, outcome.value.outs.url);
  else if (outcome.error instanceof PartialFailure) {
    expect(outcome.error.id).toBe(id);
    expectHas(scene, id, String(outcome.error.properties["url"]));
  } else if (urlNow(scene, id) !== scene.before.get(id) && !isDeceived(scene.account.said))
    expect(outcome.error.message).toMatch(SETTLED_LATER);
}

/** @param before the ids that state had */
// biome-ignore lint/suspicious/noExplicitAny: what a provider's method gives
function expectSet(outcome: Outcome<any>, scene: Scene, before: readonly string[]): void {
  const error = outcome.kind === "rejected" ? outcome.error : undefined;
  const outs =
    outcome.kind === "resolved" ? outcome.value.outs : (error as Partial<PartialFailure>).properties;
  // Without properties state stays as it was.
  const { ids, urls } = outs ?? { ids: {}, urls: {} };
  const known = Object.values<string>(ids);
  if (error !== undefined) expectToldOf(scene, NEW, known, error);
  if (outs === undefined) return;
  for (const [name, id] of Object.entries<string>(ids))
    if (!before.includes(id)) expectHas(scene, id, urls[name]);
  for (const id of before) if (!known.includes(id)) expectGone(scene, id);
}
