import fc from "fast-check";
import { expect, test } from "vitest";
import { sign } from "../../provider/src/api/signature.js";
import { PartialFailure, UserError } from "../../provider/src/lifecycle/session.js";
import { createdIds, isDeceived, isRefusal, isSaidDone, lists } from "../support/documented.js";
import { anyCredentials, anyTurn } from "../support/hostileAnswers.js";
import {
  configOf,
  type Outcome,
  type Providers,
  providersFor,
  settled,
} from "../support/hostileRun.js";
import { type HostileAccount, startHostileServer } from "../support/hostileServer.js";
import { confidentialAll } from "../support/printed.js";
import { seed } from "../support/seed.js";
import { expectShowable, piecesOf } from "../support/shownCheck.js";

/** Played side by side, since most of a run is waiting. */
const LANES = 2;
const RUNS = 50;

const [credentials = { apiKey: "", secretKey: "", authToken: "" }] = fc.sample(anyCredentials, {
  seed,
  numRuns: 1,
});
confidentialAll(credentials);
const secrets = [...Object.values(credentials), sign(credentials.apiKey, credentials.secretKey)];
const pieces = piecesOf(secrets);

const A = "https://a.example.com/hook";
const B = "https://b.example.com/hook";
const C = "https://c.example.com/hook";
const NEW = "https://new.example.com/hook";
const TIMES = { createdAt: "2025-10-21T15:42:33.109Z", updatedAt: "2025-10-21T15:42:33.109Z" };

/** An account with two endpoints that state knows and one that it does not, whatever its server says of it. */
interface Scene {
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

interface Operation {
  /** Of how many operations it may consist, one after another. Default: 1. */
  readonly operations?: number;
  readonly run: (providers: Providers, scene: Scene) => Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: what a provider's method gives
  readonly holds: (outcome: Outcome<any>, scene: Scene) => void;
  /** Whose state it may change. */
  readonly about: (scene: Scene) => readonly string[];
}

const scenario = fc.record({
  turns: fc.array(fc.option(anyTurn(secrets), { nil: undefined, freq: 4 }), { minLength: 1, maxLength: 5 }),
  forever: fc.boolean(),
  /** What somebody has done before: nothing, deleted A, or changed its URL. */
  outside: fc.constantFrom("nothing", "nothing", "deleted", "changed"),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

const isGone = ({ account }: Scene, id: string) =>
  account.configs().every(({ config_id }) => config_id !== id);
const urlNow = ({ account }: Scene, id: string) =>
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
  if (scene.account.said.some((each) => each.method === "create" && isRefusal(each) && !each.isTrue)) return;
  expect(error.message).toMatch(HOW_TO_FIND);
}

const operations: Readonly<Record<string, Operation>> = {
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
    holds: expectSet,
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
    holds: expectSet,
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
    holds: expectSet,
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
  if (outcome.kind === "resolved") return expectHas(scene, id, outcome.value.outs.url);
  if (!(outcome.error instanceof PartialFailure)) {
    const { said } = scene.account;
    const isDenied = said.some((each) => each.method === "update" && isRefusal(each) && !each.isTrue);
    const isMoved = urlNow(scene, id) !== scene.before.get(id);
    if (isMoved && !isDenied) expect(outcome.error.message).toMatch(SETTLED_LATER);
    return;
  }
  expect(outcome.error.id).toBe(id);
  expectHas(scene, id, String(outcome.error.properties["url"]));
}

// biome-ignore lint/suspicious/noExplicitAny: what a provider's method gives
function expectSet(outcome: Outcome<any>, scene: Scene): void {
  const { error } = outcome as { error?: Error };
  if (error !== undefined && !(error instanceof PartialFailure)) return expectToldOf(scene, NEW, [], error);
  const outs =
    error instanceof PartialFailure ? error.properties : (outcome as { value: { outs: object } }).value.outs;
  const { ids, urls } = outs as {
    readonly ids: Record<string, string>;
    readonly urls: Record<string, string>;
  };
  for (const [name, id] of Object.entries(ids))
    if (![scene.a, scene.b].includes(id)) expectHas(scene, id, urls[name] ?? "");
  const isCreate = scene.account.said.every(({ configId }) => configId !== scene.a && configId !== scene.b);
  if (!isCreate)
    for (const id of [scene.a, scene.b]) if (!Object.values(ids).includes(id)) expectGone(scene, id);
  if (error !== undefined) expectToldOf(scene, NEW, Object.values(ids), error);
}

const server = await startHostileServer(credentials);

async function play(operation: Operation, { turns, forever, outside }: Scenario): Promise<void> {
  const account = server.open(turns, forever);
  const a = account.put(outside === "changed" ? "https://changed.example.com/hook" : A);
  const [b, foreign] = [account.put(B), account.put(C)];
  if (outside === "deleted") account.remove(a);
  const before = new Map(account.configs().map(({ config_id, url }) => [config_id, url]));
  const scene: Scene = { account, accountId: account.id, a, b, foreign, before };
  const texts: string[] = [];
  const providers = await providersFor(configOf(credentials, server.baseUrl), texts);
  const outcome = await settled(() => operation.run(providers, scene), operation.operations ?? 1);
  if (outcome.kind === "rejected") {
    expect(outcome.error, outcome.error.stack ?? "").toBeInstanceOf(UserError);
    texts.push(outcome.error.message, outcome.error.stack ?? "", String(outcome.error));
  } else {
    const { failures = [] } = (outcome.value ?? {}) as { failures?: readonly { reason: string }[] };
    texts.push(...failures.map(({ reason }) => reason));
  }
  for (const text of texts) expectShowable(text, pieces);
  operation.holds(outcome, scene);
  if (isDeceived(account.said)) return;
  for (const [id, url] of before)
    if (!operation.about(scene).includes(id)) expect(urlNow(scene, id), "what is not its own").toBe(url);
}

const lanes = Object.entries(operations).flatMap(([name, operation], i) =>
  Array.from({ length: LANES }, (_, lane) => [name, seed + LANES * i + lane, operation] as const),
);

test.concurrent.each(lanes)(
  "%s, whatever the server answers, seed %i",
  async (_, laneSeed, operation) => {
    await fc.assert(
      fc.asyncProperty(scenario, (each) => play(operation, each)),
      { seed: laneSeed, numRuns: RUNS },
    );
  },
  300_000,
);
