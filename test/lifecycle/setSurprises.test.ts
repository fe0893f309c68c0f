import { describe, expect, test } from "vitest";
import { WEBHOOK_CONFIG_SET_TEXT as __provider } from "../../provider/src/shells/dynamic/text.js";
import { callsOf } from "../support/calls.js";
import { type Deployment, type State, up } from "../support/grpcStack.js";
import { inWorld, type World } from "../support/world.js";

const SHORT = { "kompliant:requestTimeoutSeconds": "1", "kompliant:operationTimeoutSeconds": "3" };
const at = (path: string) => `https://example.com/${path}`;
type ByName = Readonly<Record<string, string>>;

/** A set in an account, as an earlier run has left both. */
async function scene(
  { emulator, process }: World,
  names: readonly string[],
  config: Record<string, string> = {},
) {
  const [accountId = ""] = emulator.accountIds;
  const { set: first } = await process(config);
  const urls = Object.fromEntries(names.map((name) => [name, at(name)]));
  const ids = Object.fromEntries(names.map((name) => [name, emulator.put(at(name))]));
  const inputs = { accountId, urls, foreign: "keep", __provider };
  const resource = { id: accountId, inputs, outputs: { ...inputs, ids, others: {} } };
  const state: State = new Map(names.length === 0 ? [] : [["set", resource]]);
  const declare = (declared: ByName) => new Map([["set", { urls: declared }]]);
  return {
    emulator,
    accountId,
    ids,
    output: first.output,
    /** Looks at the account, so that what changes before the next `up` comes as a surprise. */
    look: () => first.read(accountId, resource.outputs),
    preview: (declared: ByName) => first.preview({ urls: declared }),
    up: (declared: ByName) => up(first, state, declare(declared), 1),
    /** The same for a program that declares nothing. */
    clear: () => up(first, state, new Map(), 1),
    /** The next run, when all is well again. */
    next: async (declared: ByName): Promise<Deployment> => {
      emulator.setFaults([]);
      const { set: next } = await process(config);
      return await up(next, state, declare(declared), 1);
    },
    live: () => Object.fromEntries(emulator.configs().map(({ config_id, url }) => [url, config_id])),
    kept: () => state.get("set")?.outputs ?? {},
  };
}

/** What a run has failed with. */
function failureOf({ failures }: Deployment): string {
  expect(failures).toHaveLength(1);
  const [{ message = "" } = {}] = failures;
  expect(message).not.toMatch(/^\s+at .*:\d+:\d+/m);
  return message;
}

/** The account holds what is declared, each name's endpoint is the one that it was before, and state says the same. */
function expectReached({ ids, live, kept }: Awaited<ReturnType<typeof scene>>, declared: ByName): void {
  const inAccount = live();
  expect(Object.keys(inAccount).sort()).toEqual(Object.values(declared).sort());
  const own = Object.entries(declared).map(([name, url]) => [name, ids[name] ?? inAccount[url]]);
  expect(kept()).toMatchObject({ ids: Object.fromEntries(own), urls: declared, others: {} });
  for (const [name, id] of own) expect(inAccount[declared[name ?? ""] ?? ""]).toBe(id);
}

const KEPT = { first: at("first"), second: at("second") };

describe("an endpoint that a list which lags does not show is not forgotten, nor made twice", () => {
  test.each([
    ["is to go", 1, KEPT],
    ["is to go", "all", KEPT],
    ["is to move", 1, { ...KEPT, last: at("moved") }],
    ["is to move", "all", { ...KEPT, last: at("moved") }],
    ["is to stay", 1, { ...KEPT, last: at("last") }],
  ] as const)(
    "and %s (%s of the lists)",
    inWorld(async (world, _, times, urls: ByName) => {
      const it = await scene(world, ["first", "second", "last"]);
      // The last change is what the list does not show.
      it.emulator.setFaults([{ method: "list", times, effect: "stale" }]);
      const declared = { ...urls, added: at("added") };
      expect((await it.up(declared)).failures).toEqual([]);
      expectReached(it, declared);
      expect((await it.next(declared)).failures).toEqual([]);
      expectReached(it, declared);
      expect(callsOf(it.emulator).create).toBe(1);
    }),
  );

  test(
    "and is to stay, and no list ever shows it: its id is kept for the next run",
    inWorld(async (world) => {
      const it = await scene(world, ["first", "last"]);
      it.emulator.setFaults([
        { method: "list", effect: "stale" },
        { method: "list", nth: 2, times: "all", effect: "stale", behind: 2 },
      ]);
      const declared = { first: at("first"), last: at("last"), added: at("added") };
      const message = failureOf(await it.up(declared));
      expect(message).toContain(`cannot change the URL of ${it.ids["last"]} to ${at("last")} in account `);
      expect(message).toContain("No configuration of the account is listed with exactly");
      expect(it.kept()).toMatchObject({ ids: { ...it.ids, added: it.live()[at("added")] }, urls: declared });
      expect((await it.next(declared)).failures).toEqual([]);
      expectReached(it, declared);
    }),
  );

  test(
    "and is to go, where the run fails before its turn comes",
    inWorld(async (world) => {
      const it = await scene(world, ["first", "last"]);
      it.emulator.setFaults([
        { method: "list", effect: "stale" },
        { method: "create", effect: "status", status: 403 },
      ]);
      const declared = { first: at("first"), added: at("added") };
      failureOf(await it.up(declared));
      expect(it.kept()).toMatchObject({ ids: it.ids, urls: { first: at("first"), last: at("last") } });
      expect((await it.next(declared)).failures).toEqual([]);
      expectReached(it, declared);
    }),
  );
});

test(
  "what is gone is created anew under its name, or was to go anyway",
  inWorld(async (world) => {
    const it = await scene(world, ["first", "second", "third"]);
    const { emulator, ids } = it;
    emulator.remove(ids["second"] ?? "");
    emulator.remove(ids["third"] ?? "");
    const declared = { first: at("first"), second: at("moved") };
    expect((await it.up(declared)).failures).toEqual([]);
    expect(callsOf(emulator)).toEqual({ create: 1, get: 0, list: 2, update: 1, delete: 1 });
    expect(it.live()).toMatchObject({ [at("first")]: ids["first"] });
    expect(it.kept()).toMatchObject({
      ids: { first: ids["first"], second: it.live()[at("moved")] },
      urls: declared,
    });
    expect((await it.next(declared)).failures).toEqual([]);
    expect(Object.keys(it.live())).toHaveLength(2);
  }),
);

test(
  "a URL that somebody else takes after the list: the rest is done, and the next run takes it over",
  inWorld(async (world) => {
    const it = await scene(world, ["first"]);
    await it.look();
    const theirs = it.emulator.put(at("third"));
    const declared = { ...KEPT, third: at("third") };
    const message = failureOf(await it.up(declared));
    expect(message).toContain(
      `cannot create the webhook configuration "third" for ${at("third")} in account `,
    );
    expect(message).toContain("SYSTEM_RULE_VIOLATION / URL_ALREADY_EXISTS: ");
    expect(message).toContain(`${theirs} has ${at("third")}, since `);
    expect(message).toContain("- run `pulumi up` again: a name that has no configuration yet takes it over");
    expect(message).not.toMatch(/adoptExisting|aliases|import:/);
    expect(message).toMatch(/\n {2}call: webhook\.config\.create, trace id: trc_\w+$/);
    expect(it.kept()).toMatchObject({ urls: KEPT, ids: { ...it.ids, second: it.live()[at("second")] } });
    expect((await it.next(declared)).failures).toEqual([]);
    expectReached(it, declared);
    expect(it.live()[at("third")]).toBe(theirs);
  }),
);

test(
  "a URL that somebody else takes before a name moves there: the name keeps what it has until it is free",
  inWorld(async (world) => {
    const it = await scene(world, ["first", "second"]);
    await it.look();
    const theirs = it.emulator.put(at("moved"));
    const declared = { first: at("moved"), added: at("added") };
    const message = failureOf(await it.up(declared));
    expect(message).toContain(`cannot change the URL of ${it.ids["first"]} to ${at("moved")} in account `);
    expect(message).toContain(`${theirs} has ${at("moved")}, since `);
    expect(message).toContain("- a name that has a configuration keeps it: with another name in `urls`");
    const left = { ...KEPT, added: at("added") };
    expect(it.kept()).toMatchObject({ urls: left, ids: { ...it.ids, added: it.live()[at("added")] } });
    expect(Object.keys(it.live()).sort()).toEqual([...Object.values(left), at("moved")].sort());
    it.emulator.remove(theirs);
    expect((await it.next(declared)).failures).toEqual([]);
    expectReached(it, declared);
  }),
);

test(
  "an account that others fill after the list: what has room is made, the rest once there is some",
  inWorld(async (world) => {
    const it = await scene(world, ["first"]);
    await it.look();
    const theirs = Array.from({ length: 18 }, (_, i) => it.emulator.put(at(`theirs-${i}`)));
    const declared = { ...KEPT, third: at("third") };
    const message = failureOf(await it.up(declared));
    expect(message).toMatch(/^cannot create the webhook configuration "(second|third)" for /);
    expect(message).toContain("SYSTEM_RULE_VIOLATION / MAX_WEBHOOK_URL_LIMIT: ");
    expect(message).toContain('\n  Remove some of them, or set `foreign: "remove"`.');
    expect(Object.keys(it.live())).toHaveLength(20);
    expect(Object.keys(it.kept()["ids"] ?? {})).toHaveLength(2);
    for (const id of theirs) it.emulator.remove(id);
    expect((await it.next(declared)).failures).toEqual([]);
    expectReached(it, declared);
    expect(callsOf(it.emulator)).toMatchObject({ update: 0, delete: 0 });
  }),
);

test(
  "an endpoint that was to go, and that somebody deletes after the list, is gone",
  inWorld(async (world) => {
    const it = await scene(world, ["first", "second", "third"]);
    await it.look();
    it.emulator.remove(it.ids["third"] ?? "");
    expect((await it.up(KEPT)).failures).toEqual([]);
    expectReached(it, KEPT);
  }),
);

test(
  "an endpoint that was to move, and that somebody deletes after the list, is made anew by the next run",
  inWorld(async (world) => {
    const it = await scene(world, ["first", "second"]);
    await it.look();
    it.emulator.remove(it.ids["first"] ?? "");
    const declared = { ...KEPT, first: at("moved") };
    const message = failureOf(await it.up(declared));
    expect(message).toContain("ENTITY_NOT_FOUND: ");
    expect(message).toContain(`${it.ids["first"]} was deleted outside Pulumi, or belongs to another account`);
    expect(it.kept()).toMatchObject({
      urls: KEPT,
      ids: { first: it.ids["first"], second: it.ids["second"] },
    });
    expect((await it.next(declared)).failures).toEqual([]);
    expect(it.kept()).toMatchObject({ urls: declared, ids: { first: it.live()[at("moved")] } });
    expect(Object.keys(it.live())).toHaveLength(2);
  }),
);

test(
  "a create that has taken effect, and can be settled neither way, is taken over by the next run",
  inWorld(async (world) => {
    const it = await scene(world, [], SHORT);
    it.emulator.setFaults([
      { method: "create", effect: "never", commit: true },
      { method: "list", nth: 2, times: "all", effect: "status", status: 503 },
    ]);
    const message = failureOf(await it.up(KEPT));
    // Which of the two comes first is the network's affair.
    const [, lost = ""] =
      /^cannot create the webhook configuration "(first|second)" for .*: the answer to the create was lost/.exec(
        message,
      ) ?? [];
    const made = it.live();
    const [other = "", ...rest] = Object.keys(KEPT).filter((name) => name !== lost);
    expect(rest).toEqual([]);
    expect(it.kept()).toMatchObject({ urls: { [other]: at(other) }, ids: { [other]: made[at(other)] } });
    expect((await it.next(KEPT)).failures).toEqual([]);
    expectReached(it, KEPT);
    expect(it.live()).toEqual(made);
  }),
);

test(
  "a preview whose list fails is a warning, and the deployment goes on",
  inWorld(async (world) => {
    const it = await scene(world, [], SHORT);
    it.emulator.setFaults([{ method: "list", effect: "status", status: 404 }]);
    expect((await it.preview(KEPT)).failures).toEqual([]);
    expect((await it.up(KEPT)).failures).toEqual([]);
    expect(it.output()).toContain("What the set will find in the account cannot be said in advance.");
    expect(it.output()).toContain(`cannot list the webhook configurations in account ${it.accountId}: `);
    expect(it.output()).toContain(`${it.emulator.url} answered with HTTP 404, text/html`);
    expect(it.output()).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expectReached(it, KEPT);
    expect(callsOf(it.emulator)).toMatchObject({ create: 2, list: 2 });
  }),
);

test(
  "one process may create, compare, change and delete one set",
  inWorld(async (world) => {
    const it = await scene(world, []);
    const before = { first: at("first"), second: at("second") };
    for (const declared of [before, before, { first: at("moved"), third: at("third") }]) {
      expect((await it.up(declared)).failures).toEqual([]);
      expectReached(it, declared);
    }
    expect((await it.clear()).failures).toEqual([]);
    expect(it.live()).toEqual({});
  }),
);

test(
  "a preview that the API refuses fails, as the deployment would",
  inWorld(async (world) => {
    const { set: wrong } = await world.process({}, { KOMPLIANT_AUTH_TOKEN: "another-token-than-its-own" });
    const { failures } = await wrong.preview({ urls: KEPT });
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).toContain("AUTH_INVALID_AUTH_TOKEN");
  }),
);

test(
  "a set that moves to another account announces what it will take over and remove there",
  inWorld(
    async (world) => {
      const { emulator } = world;
      const [foreign, taken] = ["foreign", "first"].map((path) =>
        emulator.put(at(path), { accountId: "lv_new" }),
      );
      const { set: provider } = await world.process();
      const olds = { accountId: "lv_old", urls: KEPT, foreign: "remove" };
      const news = { ...olds, accountId: "lv_new" };
      const { inputs } = await provider.check(olds, news);
      const outputs = { ...olds, ids: { first: "whc_1", second: "whc_2" }, others: {} };
      expect(await provider.diff("lv_old", outputs, inputs)).toMatchObject({ replaces: ["accountId"] });
      expect((await provider.preview(news)).failures).toEqual([]);
      expect(provider.output()).toContain(`the set will take over ${taken}`);
      expect(provider.output()).toContain(
        `the set removes what nothing declares (\`foreign: "remove"\`): ${foreign}`,
      );
    },
    { accountIds: ["lv_old", "lv_new"] },
  ),
);
