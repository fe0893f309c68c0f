import { expect, test } from "vitest";
import type { Fault, FaultPlan } from "../../provider/src/emulator/index.js";
import { callsOf, doneOf } from "../support/calls.js";
import { at, deployed, expectAsDeclared, expectPutRight, stored } from "../support/faultyStack.js";
import { confidential } from "../support/printed.js";

const ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";

const lost = (method: Fault["method"], nth = 1): readonly (readonly [string, Fault])[] => [
  ["closed", { method, nth, effect: "drop", commit: true }],
  ["never given", { method, nth, effect: "never", commit: true }],
  ["cut", { method, nth, effect: "cut" }],
  ["a gateway's 504", { method, nth, effect: "status", status: 504, commit: true }],
];

test("a create has taken effect, and its answer is lost: its id is found, and nothing is created twice", async () => {
  const on = await deployed(1);
  for (const [how, fault] of lost("create")) {
    on.declared.set(`new ${how}`, { url: at(`new-${how.length}`) });
    const run = await on.under([fault], (it) => it.up());
    expect(run, how).toMatchObject({ ok: true, changes: { create: 1 } });
    expect(callsOf(on.network), how).toEqual({ create: 1, get: 0, list: 2, update: 0, delete: 0 });
    expectAsDeclared(on);
  }
  await expectPutRight(on);
});

test("a list that fails or lags behind while a create is read back is asked again", async () => {
  const on = await deployed(0);
  const faults: readonly Fault[] = [
    { method: "list", nth: 2, effect: "status", status: 503 },
    { method: "list", nth: 2, effect: "stale" },
    { method: "list", nth: 2, effect: "status", status: 200, body: "html" },
  ];
  for (const [i, fault] of faults.entries()) {
    on.declared.set(`new-${i}`, { url: at(`new-${i}`) });
    const run = await on.under([fault], (it) => it.up());
    expect(run).toMatchObject({ ok: true, changes: { create: 1 } });
    expect(callsOf(on.network)).toEqual({ create: 1, get: 0, list: 3, update: 0, delete: 0 });
    expectAsDeclared(on);
  }
  await expectPutRight(on);
});

test("no list answers when a create is read back: its id is kept, and the next deployment completes it", async () => {
  const on = await deployed(1);
  on.declared.set("new", { url: at("new") });
  const faults: FaultPlan = [{ method: "list", nth: 2, times: "all", effect: "status", status: 503 }];
  const run = await on.under(faults, (it) => it.up());
  expect(run.ok).toBe(false);
  const id = on.live().get(at("new"));
  expect(run.output).toContain(
    `cannot create the webhook configuration for ${at("new")} in account ${ACCOUNT}`,
  );
  expect(run.output).toContain(`${on.network.url} answered with HTTP 503, text/html`);
  expect(run.output).toMatch(/out of time after \d+ attempts over [\d.]+ s/);
  expect(run.output).toContain(`${id} has ${at("new")}, and is kept in state; only its times are missing.`);
  expect(callsOf(on.network)).toMatchObject({ create: 1, update: 0, delete: 0 });
  expect(on.known().get(at("new"))).toBe(id);
  await expectPutRight(on, { list: 1 });
  const created = on.stack.resources().find((resource) => resource.id === id);
  expect(created?.outputs["createdAt"]).toBe(on.network.configs().at(-1)?.created_at);
  await expectPutRight(on);
});

test("a create can be settled neither way: the error says where to look, and taking over doubles nothing", async () => {
  const on = await deployed(1);
  on.declared.set("new", { url: at("new") });
  const faults: FaultPlan = [
    { method: "create", effect: "drop", commit: true },
    { method: "list", nth: 2, times: "all", effect: "status", status: 502 },
  ];
  const run = await on.under(faults, (it) => it.up());
  expect(run.ok).toBe(false);
  expect(run.output).toContain("the answer to the create was lost, and the account could not be made to say");
  expect(run.output).toContain(`Look for ${at("new")} in account ${ACCOUNT} (\`npx pulumi-kompliant list\`)`);
  const id = on.live().get(at("new"));
  expect([...on.known().keys()]).toEqual([at(0)]);

  const plain = await on.under([], (it) => it.up());
  expect(plain.ok).toBe(false);
  expect(plain.output).toContain(`import: "${id}"`);
  on.declared.set("new", { url: at("new"), adoptExisting: true });
  await expectPutRight(on, { list: 1 });
  expect(on.known().get(at("new"))).toBe(id);
});

test("two endpoints swap URLs, and the answer to one of the updates is lost: nobody loses an id or a URL", async () => {
  const on = await deployed(2);
  const ids = [...on.known()];
  for (const [i, nth] of [1, 2, 3].entries())
    for (const [how, fault] of lost("update", nth).slice(i === 0 ? 0 : 1, i === 0 ? 1 : 2)) {
      const [first = {}, second = {}] = on.declared.values();
      on.declared.set("hook-0", second).set("hook-1", first);
      const run = await on.under([fault], (it) => it.up());
      expect(run.ok, `${how}, ${nth}\n${run.output}`).toBe(true);
      expect(callsOf(on.network), how).toMatchObject({ create: 0, delete: 0 });
      expect(doneOf(on.network, "update"), how).toBe(3);
      expectAsDeclared(on);
    }
  await expectPutRight(on);
  expect([...on.known().values()].sort()).toEqual(ids.map(([, id]) => id).sort());
});

test("a delete has taken effect, and its answer is lost: a second one finds nothing left, which is what was wanted", async () => {
  const on = await deployed(4);
  for (const [i, [how, fault]] of lost("delete").entries()) {
    on.declared.delete(`hook-${i}`);
    const run = await on.under([fault], (it) => it.up());
    expect(run, how).toMatchObject({ ok: true, changes: { delete: 1 } });
    expect(callsOf(on.network), how).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 2 });
    expectAsDeclared(on);
  }
  await expectPutRight(on);
});

test("a refresh that something else answers fails, says what did, and takes nothing for deleted", async () => {
  const on = await deployed(2);
  const before = stored(on);
  const account = on.live();
  const answers = [
    { status: 404, body: "html", says: 'answered with HTTP 404, text/html, beginning "<html><body><h1>404' },
    { status: 401, body: "empty", says: "answered with HTTP 401, no content type, and an empty body" },
  ] as const;
  for (const { says, ...answer } of answers) {
    const run = await on.under([{ method: "list", times: "all", effect: "status", ...answer }], (it) =>
      it.refresh(),
    );
    expect(run.ok).toBe(false);
    expect(run.output).toContain(`${on.network.url} ${says}`);
    expect(run.output).toContain(
      `Check the base URL (kompliant:baseUrl or KOMPLIANT_BASE_URL, now ${on.network.url})`,
    );
    expect(run.output).toContain("Nothing was concluded from this answer.");
    expect(run.output).toContain("call: webhook.config.list");
    expect(callsOf(on.network)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
    expect(stored(on)).toEqual(before);
  }
  // A sign-in page with the status of success, once and then for good.
  const page: Fault = { method: "list", effect: "status", status: 200, body: "html" };
  const once = await on.under([page], (it) => it.refresh());
  expect(once).toMatchObject({ ok: true, changes: { same: 2 } });
  expect(callsOf(on.network).list).toBe(2);
  const always = await on.under([{ ...page, times: "all" }], (it) => it.refresh());
  expect(always.ok).toBe(false);
  expect(always.output).toContain(`${on.network.url} answered with HTTP 200, text/html, beginning "<html>`);
  expect(always.output).toMatch(/out of time after \d+ attempts over [\d.]+ s/);
  expect(stored(on)).toEqual(before);
  expect(on.live()).toEqual(account);
  await expectPutRight(on);
});

test("a refresh with a secret key that does not fit fails, names it and where it is from, and changes nothing", async () => {
  const on = await deployed(2);
  const before = stored(on);
  const wrong = confidential(Buffer.alloc(33, 7).toString("base64"));
  const right = on.stack.env["KOMPLIANT_SECRET_KEY"] ?? "";
  on.stack.env["KOMPLIANT_SECRET_KEY"] = wrong;
  const run = await on.under([], (it) => it.refresh());
  on.stack.env["KOMPLIANT_SECRET_KEY"] = right;
  expect(run.ok).toBe(false);
  expect(run.output).toContain(`in account ${ACCOUNT}: AUTH_SIGNATURE_MISMATCH: `);
  expect(run.output).toContain(
    "It is about the secret key (kompliant:secretKey, KOMPLIANT_SECRET_KEY), taken from the environment",
  );
  expect(run.output).toMatch(/call: webhook\.config\.list, trace id: trc_\w+/);
  expect(callsOf(on.network)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
  expect(stored(on)).toEqual(before);
  await expectPutRight(on);
});

test("a refresh from which everything looks deleted warns, naming account and credentials; nothing is doubled after it", async () => {
  const on = await deployed(2);
  const ids = on.known();
  const account = on.network.configs();
  for (const { config_id } of account) on.network.remove(config_id);
  const run = await on.under([], (it) => it.refresh());
  for (const { url, config_id } of account) on.network.put(url, { configId: config_id });
  expect(run).toMatchObject({ ok: true, changes: { delete: 2 } });
  expect(run.output).toContain(
    `account ${ACCOUNT} lists no configuration at all, although this stack has some`,
  );
  expect(run.output).toContain("credentials of another account (these come from the environment)");
  expect(run.output.match(/lists no configuration at all/g)).toHaveLength(1);
  expect(callsOf(on.network)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
  expect(stored(on)).toEqual([]);

  const plain = await on.under([], (it) => it.up());
  expect(plain.ok).toBe(false);
  for (const id of ids.values()) expect(plain.output).toContain(id);
  expect(callsOf(on.network)).toMatchObject({ update: 0, delete: 0 });
  for (const [name, its] of on.declared) on.declared.set(name, { ...its, adoptExisting: true });
  await expectPutRight(on, { list: 1 });
  expect(on.known()).toEqual(ids);
});

test("an account is filled up to its limit, and turns calls away: it is left alone as asked, and all end well", async () => {
  const on = await deployed(0);
  for (let i = 0; i < 19; i++) on.declared.set(`hook-${i}`, { url: at(i) });
  const busy: Fault = { method: "create", times: 10, effect: "status", status: 429, retryAfter: "2" };
  const run = await on.under([busy], (it) => it.up({ parallel: 20 }));
  expect(run, run.output).toMatchObject({ ok: true });
  expect(callsOf(on.network)).toMatchObject({ create: 29, get: 0, update: 0, delete: 0 });
  expect(callsOf(on.network).list).toBeLessThanOrEqual(4);
  expect(run.output).toMatch(
    /waiting until \S+Z to create the webhook configuration for https:\S+ in account lv_\w+: .*HTTP 429/,
  );
  const turnedAway = on.network.requests.filter(({ status }) => status === 429);
  expect(turnedAway).toHaveLength(10);
  for (const [i, { at: moment }] of turnedAway.entries()) {
    const later = turnedAway.slice(i + 1).map((entry) => Date.parse(entry.at) - Date.parse(moment));
    // Of five calls at a time four may be under way already, and arrive whenever they do. One that is let in would
    // free its place for another before the answer is read, so only those that are turned away count.
    expect(later.filter((ms) => ms < 1_990).length).toBeLessThanOrEqual(4);
  }
  expectAsDeclared(on);
  await expectPutRight(on);
});

test("an account that asks for more silence than there is time is not called again, and the error says when", async () => {
  const on = await deployed(1);
  for (const name of ["a", "b", "c"]) on.declared.set(name, { url: at(name) });
  const busy: Fault = { method: "create", times: "all", effect: "status", status: 429, retryAfter: "3600" };
  const run = await on.under([busy], (it) => it.up());
  expect(run.ok).toBe(false);
  expect(run.output).toMatch(
    /it asks to be called again at \S+Z, which is later than this operation may last/,
  );
  expect(run.output).toContain("Nothing is wrong with the program: run the same command again later.");
  expect(callsOf(on.network)).toMatchObject({ list: 1, update: 0, delete: 0 });
  expect(callsOf(on.network).create).toBeLessThanOrEqual(3);
  expect([...on.known().keys()]).toEqual([at(0)]);
  await expectPutRight(on, { create: 3, list: 2 });
});

test("Kompliant refuses nothing, but a proxy answers in its place: nothing is created, moved or deleted twice", async () => {
  const on = await deployed(3);
  const before = on.known();
  on.declared.set("new", { url: at("new") });
  on.declared.set("hook-0", { url: at("moved") });
  on.declared.delete("hook-1");
  const proxy = (method: Fault["method"]): Fault => ({ method, times: "all", effect: "status", status: 403 });
  const run = await on.under([proxy("create"), proxy("update"), proxy("delete")], (it) => it.up());
  expect(run.ok).toBe(false);
  expect(run.output).toContain(`${on.network.url} answered with HTTP 403, text/html`);
  expect(callsOf(on.network)).toMatchObject({ create: 1, update: 1 });
  expect(on.known()).toEqual(before);
  await expectPutRight(on, { create: 1, update: 1, delete: 1, list: 2 });
  expect(on.live().get(at("moved"))).toBe(before.get(at(0)));
});
