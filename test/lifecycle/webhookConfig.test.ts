import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { confidential } from "../support/printed.js";
import type { CallFailure, Props, ResourceCalls } from "../support/providerProcess.js";
import { inWorld, type World } from "../support/world.js";

const ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";
const url = (path: string) => `https://example.com/${path}`;
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let emulator: World["emulator"];
let process: World["process"];
let sleep: World["sleep"];
let provider: ResourceCalls;

/** A test with an account and a provider process of its own. */
function fresh<T extends readonly unknown[]>(work: (...each: T) => Promise<void>) {
  return inWorld(async (world, ...each: T) => {
    ({ emulator, process, sleep } = world);
    provider = (await process()).single;
    await work(...each);
  });
}

test(
  "check fills in the account and drops what must not reach state",
  fresh(async () => {
    const { inputs, failures } = await provider.check({}, { url: url("a"), adoptExisting: true });
    expect(failures).toEqual([]);
    expect(Object.keys(inputs).sort()).toEqual(["__provider", "accountId", "url"]);
    expect(inputs["accountId"]).toBe(ACCOUNT);
  }),
);

test(
  "check passes unknown values on and makes no call for them",
  fresh(async () => {
    const { inputs, failures } = await provider.check({}, { url: UNKNOWN });
    expect(failures).toEqual([]);
    expect(inputs["url"]).toBe(UNKNOWN);
    expect(emulator.requests).toEqual([]);
  }),
);

test.each([
  ["http://example.com", "does not begin with https://"],
  [" https://example.com", "blanks around it"],
  ["https://", "not a valid URL"],
])(
  "check fails for %j",
  fresh(async (wrong, rule) => {
    const { failures } = await provider.check({}, { url: wrong });
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ property: "url" });
    expect(failures[0]?.reason).toContain(rule);
    expect(failures[0]?.reason).toContain(JSON.stringify(wrong));
    expect(emulator.requests).toEqual([]);
  }),
);

test(
  "odd URLs are warnings",
  fresh(async () => {
    await provider.check({}, { url: "https://user:hunter2@10.0.0.1/#x" });
    expect(provider.output()).toContain("carries credentials");
    expect(provider.output()).toContain("fragment");
    expect(provider.output()).toContain("loopback or private");
    expect(provider.output()).not.toContain("hunter2");
  }),
);

test(
  "diff leaves a changed URL to the engine, and replaces for another account, old one first",
  fresh(async () => {
    const old = { accountId: ACCOUNT, url: url("a"), createdAt: "x", updatedAt: "x" };
    const same = await provider.diff("whc_1", old, { accountId: ACCOUNT, url: url("a") });
    expect(same).toEqual({ changes: "none", replaces: [], deleteBeforeReplace: true });
    const moved = await provider.diff("whc_1", old, { accountId: ACCOUNT, url: url("b") });
    expect(moved).toEqual({ changes: "unknown", replaces: [], deleteBeforeReplace: true });
    const other = await provider.diff("whc_1", old, { accountId: "lv_other", url: url("a") });
    expect(other).toEqual({ changes: "unknown", replaces: ["accountId"], deleteBeforeReplace: true });
    expect(emulator.requests).toEqual([]);
  }),
);

test(
  "create, read, update and delete; 20 reads at once are one list",
  fresh(async () => {
    const created = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const { inputs } = await provider.check({}, { url: url(`${i}`) });
        return provider.create(inputs);
      }),
    );
    expect(callsOf(emulator)).toMatchObject({ create: 20, get: 0 });
    expect(callsOf(emulator).list).toBeLessThanOrEqual(3);
    const [first] = created;
    expect(Object.keys(first?.properties ?? {}).sort()).toEqual([
      "__provider",
      "accountId",
      "createdAt",
      "updatedAt",
      "url",
    ]);
    expect(first?.properties["updatedAt"]).toBe(first?.properties["createdAt"]);

    const { single: fresh } = await process();
    emulator.clearRequests();
    const read = await Promise.all(created.map(({ id, properties }) => fresh.read(id, properties)));
    expect(callsOf(emulator)).toMatchObject({ list: 1, get: 0 });
    expect(read.map(({ properties }) => properties)).toEqual(created.map(({ properties }) => properties));
    expect(read[0]?.inputs).toMatchObject({ accountId: ACCOUNT, url: url("0") });

    const { id = "", properties = {} } = first ?? {};
    const updated = await fresh.update(id, properties, { accountId: ACCOUNT, url: url("moved") });
    expect(updated).toMatchObject({ url: url("moved"), createdAt: properties["createdAt"] });
    await fresh.delete(id, updated);
    expect(emulator.configs()).toHaveLength(19);
  }),
);

test(
  "one process may create, move again and again, and delete one configuration",
  fresh(async () => {
    let { inputs } = await provider.check({}, { url: url("a") });
    const created = await provider.create(inputs);
    const { id } = created;
    let { properties } = created;
    for (const path of ["b", "c", "c"]) {
      const { inputs: moved } = await provider.check(inputs, { url: url(path) });
      const { changes } = await provider.diff(id, properties, moved);
      if (changes !== "none") properties = await provider.update(id, properties, moved);
      expect(emulator.configs()).toMatchObject([{ config_id: id, url: url(path) }]);
      inputs = moved;
    }
    await provider.delete(id, properties);
    expect(emulator.configs()).toEqual([]);
    expect(callsOf(emulator)).toEqual({ create: 1, get: 0, list: 4, update: 2, delete: 1 });
  }),
);

test(
  "what was written is read back once as much is under way as the engine works on at a time",
  fresh(async () => {
    const { inputs } = await provider.check({}, { url: url("a") });
    let isDone = false;
    const created = provider.create(inputs).finally(() => {
      isDone = true;
    });
    // As long as there is something to do, it does not look as if nothing else came.
    const others = { accountId: ACCOUNT, url: url("b"), createdAt: "x", updatedAt: "x" };
    for (let i = 0; i < 10_000 && !isDone; i++) {
      await provider.diff("whc_1", others, others);
      await sleep(1);
    }
    expect(isDone).toBe(true);
    await created;
  }),
);

test(
  "read of what a successful list does not contain is gone",
  fresh(async () => {
    const id = emulator.put(url("a"));
    emulator.put(url("b"));
    emulator.remove(id);
    expect(await provider.read(id, { accountId: ACCOUNT, url: url("a") })).toMatchObject({ id: "" });
  }),
);

test(
  "an account that lists nothing at all is a warning that names where the credentials come from",
  fresh(async () => {
    await provider.read("whc_1", { accountId: ACCOUNT, url: url("a") });
    await provider.read("whc_2", { accountId: ACCOUNT, url: url("b") });
    expect(provider.output()).toContain("lists no configuration at all");
    expect(provider.output()).toContain("the environment");
    expect(provider.output().match(/lists no configuration/g)).toHaveLength(1);
  }),
);

test(
  "an unknown account is an error and never means deleted",
  fresh(async () => {
    const error = await failure(provider.read("whc_1", { accountId: "lv_unknown", url: url("a") }));
    expect(error.message).toContain(
      "The account lv_unknown is unknown to these credentials (from the environment)",
    );
    expect(error.message).toContain("trace id: trc_");
  }),
);

test(
  "an update of what was deleted outside says so",
  fresh(async () => {
    const props = { accountId: ACCOUNT, url: url("a"), createdAt: "x", updatedAt: "x" };
    const error = await failure(provider.update("whc_gone", props, { accountId: ACCOUNT, url: url("b") }));
    expect(error.message).toContain("ENTITY_NOT_FOUND");
    expect(error.message).toContain("pulumi refresh");
    expect(error.partial).toBeUndefined();
  }),
);

test(
  "wrong credentials name the credential and where it comes from, and never its value",
  fresh(async () => {
    for (const [variable, code, word] of [
      ["KOMPLIANT_API_KEY", "AUTH_INVALID_API_KEY", "API key"],
      ["KOMPLIANT_SECRET_KEY", "AUTH_SIGNATURE_MISMATCH", "secret key"],
      ["KOMPLIANT_AUTH_TOKEN", "AUTH_INVALID_AUTH_TOKEN", "auth token"],
    ] as const) {
      const value = confidential(variable === "KOMPLIANT_API_KEY" ? `sb_${"x".repeat(22)}` : "x".repeat(44));
      const { single: other } = await process({}, { [variable]: value });
      const error = await failure(other.read("whc_1", { accountId: ACCOUNT, url: url("a") }));
      expect(error.message).toContain(code);
      expect(error.message).toContain(word);
      expect(error.message).toContain("the environment");
      expect(other.output()).not.toMatch(/^\s+at .*:\d+:\d+/m);
    }
  }),
);

test(
  "a base URL where something else answers is named with what answered",
  fresh(async () => {
    emulator.setFaults([{ method: "list", effect: "status", status: 404, body: "html" }]);
    const bare = await failure(provider.read("whc_1", { accountId: ACCOUNT, url: url("a") }));
    expect(bare.message).toContain(`${emulator.url} answered with HTTP 404, text/html`);
    expect(bare.message).toContain("KOMPLIANT_BASE_URL");
  }),
);

test(
  "a Retry-After beyond the deadline fails at once and says when",
  fresh(async () => {
    const { single: impatient } = await process({ "kompliant:operationTimeoutSeconds": "5" });
    emulator.setFaults([{ method: "list", times: 9, effect: "status", status: 429, retryAfter: "3600" }]);
    const error = await failure(impatient.read("whc_1", { accountId: ACCOUNT, url: url("a") }));
    expect(error.message).toContain("it asks to be called again at ");
    expect(callsOf(emulator).list).toBe(1);
  }),
);

async function failure(call: Promise<unknown>): Promise<CallFailure> {
  return call.then(
    () => {
      throw new Error("the call should have failed");
    },
    (error: CallFailure) => error,
  );
}

/** Two endpoints that trade places, as check and diff of the program see them. */
async function trade(): Promise<{ a: Trader; b: Trader }> {
  const trader = (from: string, to: string) => {
    const id = emulator.put(url(from));
    const state = { accountId: ACCOUNT, url: url(from), createdAt: "x", updatedAt: "x" };
    const wanted = { accountId: ACCOUNT, url: url(to) };
    const refreshed = { accountId: ACCOUNT, url: url(from) };
    return {
      check: async () => void (await provider.check(refreshed, { url: url(to) })),
      diff: () => provider.diff(id, state, wanted),
      diffOfRefresh: () => provider.diff(id, state, refreshed),
      update: () => provider.update(id, state, wanted),
      id,
    };
  };
  return { a: trader("u", "v"), b: trader("v", "u") };
}
interface Trader {
  readonly id: string;
  check(): Promise<void>;
  diff(): Promise<unknown>;
  diffOfRefresh(): Promise<unknown>;
  update(): Promise<unknown>;
}

test.each([
  [
    "between check and diff of another resource",
    (a: Trader, b: Trader) => [b.check, a.diffOfRefresh, b.diff],
  ],
  ["after them", (a: Trader, b: Trader) => [b.check, b.diff, a.diffOfRefresh]],
])(
  "a diff of a refresh that comes %s says nothing about what this run will do",
  fresh(async (_, calls) => {
    const { a, b } = await trade();
    for (const call of calls(a, b)) await call();
    await a.check();
    expect(await a.diff()).toMatchObject({ replaces: [] });
    await Promise.all([a.update(), b.update()]);
    const live = emulator.configs().map(({ config_id, url }) => [config_id, url]);
    expect(Object.fromEntries(live)).toEqual({ [a.id]: url("v"), [b.id]: url("u") });
  }),
);

test(
  "an account that cannot be listed is asked once for all new resources, and the warning comes once",
  fresh(async () => {
    emulator.setFaults([{ method: "list", times: "all", effect: "status", status: 503 }]);
    const { single: impatient } = await process({ "kompliant:operationTimeoutSeconds": "1" });
    expect((await impatient.check({}, { url: url("a") })).failures).toEqual([]);
    expect(impatient.output()).toContain("cannot be seen in advance");
    emulator.clearRequests();
    for (const path of ["b", "c"])
      expect((await impatient.check({}, { url: url(path) })).failures).toEqual([]);
    expect(emulator.requests).toEqual([]);
    emulator.setFaults([]);
    await impatient.create({ accountId: ACCOUNT, url: url("a") });
    expect(impatient.output().match(/cannot be seen in advance/g)).toHaveLength(1);
  }),
);

test(
  "a delete that was not answered at first, and then finds nothing in another account, is not believed",
  fresh(async () => {
    const id = emulator.put(url("kept"));
    emulator.setFaults([{ method: "delete", effect: "status", status: 503 }]);
    const elsewhere = { accountId: "lv_elsewhere", url: url("kept"), createdAt: "x", updatedAt: "x" };
    await expect(provider.delete(id, elsewhere)).rejects.toThrow(`cannot delete ${id} (${url("kept")})`);
    expect(emulator.configs()).toHaveLength(1);
  }),
);

test(
  "an empty account of something to be read is an error at once",
  fresh(async () => {
    await expect(provider.read("whc_theirs", { accountId: "" })).rejects.toThrow(`"" is not an account's id`);
    expect(emulator.requests).toEqual([]);
  }),
);

/** One resource of a program, as check and diff see it. */
async function declare(news: Props, olds?: { id: string; url: string; accountId?: string }): Promise<Props> {
  const old = { accountId: olds?.accountId ?? ACCOUNT, url: olds?.url };
  const { inputs } = await provider.check(olds === undefined ? {} : old, news);
  const outputs = { ...old, createdAt: "x", updatedAt: "x" };
  if (olds !== undefined) await provider.diff(olds.id, outputs, inputs);
  return inputs;
}

const warnings = () => provider.output().match(/^warning: .*$/gm) ?? [];
/** The run is over: whatever there is to say is said now. */
const over = () => provider.cancel();

test(
  "a preview warns of a URL that others hold: of a new resource, a changed one, one that changes its account; one list",
  fresh(async () => {
    const [first, second, third] = [emulator.put(url("u")), emulator.put(url("v")), emulator.put(url("w"))];
    const mine = emulator.put(url("mine"));
    await declare({ url: url("u") });
    await declare({ url: url("v") }, { id: mine, url: url("mine") });
    await declare({ url: url("w") }, { id: "whc_there", url: url("w"), accountId: "lv_other" });
    await over();
    expect(warnings()).toHaveLength(3);
    expect(warnings()[0]).toMatch(
      new RegExp(
        `${first} of account ${ACCOUNT} has ${url("u")} already.*creating it will fail: if no other stack`,
      ),
    );
    expect(warnings()[1]).toMatch(
      new RegExp(
        `${second} .* has ${url("v")} already.*changing the URL of ${mine} will fail.*another stack`,
      ),
    );
    expect(warnings()[2]).toMatch(new RegExp(`${third} .* has ${url("w")} already.*creating it will fail`));
    expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
  }),
);

test(
  "nothing is warned of that another resource moves away from, whichever the engine shows first",
  fresh(async () => {
    const [a, b] = [emulator.put(url("a")), emulator.put(url("b"))];
    await declare({ url: url("a") });
    await declare({ url: url("b") }, { id: a, url: url("a") });
    await declare({ url: url("c") }, { id: b, url: url("b") });
    await over();
    expect(warnings()).toEqual([]);
  }),
);

test(
  "a preview in which nothing changes, and one that a refresh makes, make no call",
  fresh(async () => {
    const id = emulator.put(url("a"));
    emulator.put(url("b"));
    await declare({ url: url("a") }, { id, url: url("a") });
    const refreshed = { accountId: ACCOUNT, url: url("b"), createdAt: "x", updatedAt: "x" };
    await provider.diff(id, refreshed, { accountId: ACCOUNT, url: url("a") });
    await over();
    expect(emulator.requests).toEqual([]);
    expect(warnings()).toEqual([]);
  }),
);

test(
  "a deployment says nothing in advance",
  fresh(async () => {
    const id = emulator.put(url("a"));
    emulator.put(url("b"));
    const inputs = await declare({ url: url("c") }, { id, url: url("a") });
    await provider.update(id, { accountId: ACCOUNT, url: url("a") }, inputs);
    await declare({ url: url("b") });
    await over();
    expect(warnings()).toEqual([]);
  }),
);

test(
  "what is replaced without a diff, as by --target-replace or when it is tainted, is no addition to its account",
  fresh(async () => {
    const ids = Array.from({ length: 20 }, (_, i) => emulator.put(url(`${i}`)));
    await declare({ url: url("0") });
    await over();
    expect(warnings().join()).not.toContain("more than the 20");
    expect(warnings()).toEqual([
      expect.stringContaining(
        `Only if this resource is being replaced (\`--replace\`, \`--target-replace\`, \`pulumi state taint\`), ${ids[0]} is its own, which goes first by the option \`deleteBeforeReplace\`.`,
      ),
    ]);
  }),
);

test(
  "in its deployment nothing is said of what it holds itself, and its endpoint goes first",
  fresh(async () => {
    const id = emulator.put(url("a"));
    const inputs = await declare({ url: url("a") });
    await provider.delete(id, { ...inputs, createdAt: "x", updatedAt: "x" });
    await provider.create(inputs);
    await over();
    expect(warnings()).toEqual([]);
    expect(emulator.configs()).toHaveLength(1);
  }),
);

test(
  "an account that gets too full is one warning, of all that is new and nothing that was there",
  fresh(async () => {
    for (let i = 0; i < 19; i++) emulator.put(url(`${i}`));
    for (const path of ["x", "y", "0"]) await declare({ url: url(path) });
    await over();
    expect(warnings().filter((each) => each.includes("more than"))).toEqual([
      expect.stringContaining(
        "has 19 active configurations, and this program adds 2: 21 are more than the 20",
      ),
    ]);
  }),
);

test(
  "an import of what was deleted since says to remove the option",
  fresh(async () => {
    const { failures } = await provider.check({}, { url: url("a"), import: "whc_gone" });
    expect(failures[0]?.reason).toMatch(
      /^cannot take over whc_gone: account .* has no such .*\n {2}If it was deleted since .* remove the option `import`: `pulumi up` then creates a new one\.$/s,
    );
    const read = await failure(provider.read("whc_gone", { accountId: ACCOUNT }));
    expect(read.message).toContain("cannot read whc_gone: account");
    expect(read.message).not.toContain("import");
  }),
);

test(
  "the password of a URL shows in no message",
  fresh(async () => {
    const withPassword = "https://u:hunter2@example.com/a";
    await failure(provider.create({ accountId: "lv_unknown", url: withPassword }));
    emulator.put(withPassword);
    const error = await failure(provider.create({ accountId: ACCOUNT, url: withPassword }));
    expect(error.message).toContain("has https://…@example.com/a, since");
    for (const bad of [
      `http${withPassword.slice(5)}`,
      ` ${withPassword}`,
      withPassword.replace("//", "////"),
    ]) {
      const { failures } = await provider.check({}, { url: bad });
      expect(failures[0]?.reason).toContain("…@example.com/a");
      expect(failures[0]?.reason).not.toContain("hunter2");
    }
    expect(error.message + provider.output()).not.toContain("hunter2");
  }),
);
