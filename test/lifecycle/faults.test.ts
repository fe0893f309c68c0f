import { type Emulator, type Fault, startEmulator } from "pulumi-kompliant/emulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { CallFailure, type Props, type ProviderProcess, startProvider } from "../support/providerProcess.js";

type Effect = Fault extends infer F
  ? F extends unknown
    ? Omit<F, "method" | "nth" | "times">
    : never
  : never;
/** What a fault means for the provider: see the table in api/retry.ts. */
type Meaning = "none" | "turned away" | "lost, not done" | "lost, done" | "not the API";

const effects: readonly [string, Effect, Meaning][] = [
  ["latency", { effect: "latency", ms: 50 }, "none"],
  ["connection closed before", { effect: "drop", commit: false }, "lost, not done"],
  ["connection closed after", { effect: "drop", commit: true }, "lost, done"],
  ["connection reset before", { effect: "reset", commit: false }, "lost, not done"],
  ["connection reset after", { effect: "reset", commit: true }, "lost, done"],
  ["no answer, not done", { effect: "never", commit: false }, "lost, not done"],
  ["no answer, done", { effect: "never", commit: true }, "lost, done"],
  ["500 as HTML", { effect: "status", status: 500, body: "html" }, "lost, not done"],
  ["502 as JSON", { effect: "status", status: 502, body: "json" }, "lost, not done"],
  ["503, empty", { effect: "status", status: 503, body: "empty" }, "lost, not done"],
  ["503 with Retry-After", { effect: "status", status: 503, retryAfter: "1" }, "lost, not done"],
  ["504, done", { effect: "status", status: 504, body: "html", commit: true }, "lost, done"],
  ["429", { effect: "status", status: 429, body: "html" }, "turned away"],
  ["429 with Retry-After in seconds", { effect: "status", status: 429, retryAfter: "1" }, "turned away"],
  ["429 with nonsense", { effect: "status", status: 429, retryAfter: "soon" }, "turned away"],
  ["half of the answer", { effect: "cut" }, "lost, done"],
  ["200 from somebody else, not done", { effect: "status", status: 200, body: "html" }, "lost, not done"],
  ["a bare 404", { effect: "status", status: 404, body: "html" }, "not the API"],
  ["a bare 401", { effect: "status", status: 401, body: "html" }, "not the API"],
  ["a bare 403, empty", { effect: "status", status: 403, body: "empty" }, "not the API"],
];

/** Calls beyond those of a smooth run, by what the fault means. */
const extra = {
  create: { none: [0, 0], "turned away": [1, 0], "lost, not done": [1, 1], "lost, done": [0, 0] },
  update: { none: [0, 0], "turned away": [1, 0], "lost, not done": [1, 1], "lost, done": [0, 0] },
  delete: { none: [0, 0], "turned away": [1, 0], "lost, not done": [1, 0], "lost, done": [1, 0] },
} as const;

let emulator: Emulator;
let provider: ProviderProcess;
let cases = 0;
const accountIds = Array.from({ length: 200 }, (_, i) => `lv_case${i}`);

beforeAll(async () => {
  emulator = await startEmulator({ accountIds });
  provider = await startProvider(
    { "kompliant:requestTimeoutSeconds": "1", "kompliant:operationTimeoutSeconds": "20" },
    { ...emulator.env },
  );
});
afterAll(async () => {
  const { apiKey, secretKey, authToken } = emulator.credentials;
  const output = provider.output();
  await provider.close();
  await emulator.close();
  for (const secret of [apiKey, secretKey, authToken]) expect(output).not.toContain(secret);
  expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect(output).not.toContain("UnhandledPromise");
});

/** A fresh account with one configuration in it, and the fault set for the next calls of a method. */
async function prepare(method: Fault["method"], effect: Effect) {
  const accountId = accountIds[cases++] ?? "";
  const present = `https://example.com/${accountId}`;
  const id = emulator.put(present, { accountId });
  const state: Props = {
    accountId,
    url: present,
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
  };
  emulator.setFaults([{ method, ...effect } as Fault]);
  emulator.clearRequests();
  const urls = () =>
    emulator
      .configs(accountId)
      .map((config) => config.url)
      .sort();
  return { accountId, present, id, state, urls };
}

describe.each(effects)("%s", (_, effect, meaning) => {
  test("of a create", async () => {
    const { accountId, present, urls } = await prepare("create", effect);
    const wanted = `${present}/new`;
    const { inputs } = await provider.check({}, { accountId, url: wanted });
    const outcome = await provider.create(inputs).catch((error: Error) => error);
    if (meaning === "not the API") {
      expect(outcome).toBeInstanceOf(Error);
      expect((outcome as Error).message).toContain("is not an answer of the Kompliant API");
      expect(urls()).toEqual([present]);
      expect(callsOf(emulator)).toMatchObject({ create: 1, list: 1 });
      return;
    }
    if (outcome instanceof Error) throw outcome;
    expect(urls()).toEqual([present, wanted]);
    expect(emulator.configs(accountId).find(({ url }) => url === wanted)?.config_id).toBe(outcome.id);
    const [creates, lists] = extra.create[meaning];
    expect(callsOf(emulator)).toEqual({ create: 1 + creates, get: 0, list: 2 + lists, update: 0, delete: 0 });
  });

  test("of an update", async () => {
    const { accountId, present, id, state, urls } = await prepare("update", effect);
    const wanted = `${present}/moved`;
    const outcome = await provider
      .update(id, state, { accountId, url: wanted })
      .catch((error: Error) => error);
    if (meaning === "not the API") {
      expect(outcome).toBeInstanceOf(Error);
      expect(urls()).toEqual([present]);
      expect(callsOf(emulator)).toMatchObject({ update: 1 });
      return;
    }
    if (outcome instanceof Error) throw outcome;
    expect(urls()).toEqual([wanted]);
    expect(outcome).toMatchObject({ accountId, url: wanted });
    const [updates, lists] = extra.update[meaning];
    expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 1 + lists, update: 1 + updates, delete: 0 });
  });

  test("of a delete", async () => {
    const { id, present, state, urls } = await prepare("delete", effect);
    const outcome = await provider.delete(id, state).catch((error: Error) => error);
    if (meaning === "not the API") {
      expect(outcome).toBeInstanceOf(Error);
      expect(urls()).toEqual([present]);
      return;
    }
    if (outcome instanceof Error) throw outcome;
    expect(urls()).toEqual([]);
    expect(callsOf(emulator)).toEqual({
      create: 0,
      get: 0,
      list: 0,
      update: 0,
      delete: 1 + extra.delete[meaning][0],
    });
  });

  test("of a list: nothing ever looks deleted", async () => {
    const { id, state, present } = await prepare("list", effect);
    const outcome = await provider.read(id, state).catch((error: Error) => error);
    if (meaning === "not the API") {
      expect(outcome).toBeInstanceOf(Error);
      expect(callsOf(emulator).list).toBe(1);
      return;
    }
    if (outcome instanceof Error) throw outcome;
    expect(outcome).toMatchObject({ id, properties: { url: present } });
    expect(callsOf(emulator).list).toBe(meaning === "none" ? 1 : 2);
  });
});

test("a list that lags behind a create is asked again", async () => {
  const { accountId, present } = await prepare("list", { effect: "latency", ms: 1 });
  emulator.setFaults([{ method: "list", nth: 2, effect: "stale" }]);
  const { inputs } = await provider.check({}, { accountId, url: `${present}/new` });
  const created = await provider.create(inputs);
  expect(created.properties["createdAt"]).toBeTypeOf("string");
  expect(callsOf(emulator)).toMatchObject({ create: 1, list: 3 });
});

test("a create whose answer is lost is not taken for one that was there before", async () => {
  const { accountId, present, id } = await prepare("list", { effect: "latency", ms: 1 });
  const { inputs } = await provider.check({}, { accountId, url: `${present}/new` });
  // Moved behind our back, after the look at the account and before the create.
  emulator.change(id, `${present}/new`, accountId);
  emulator.setFaults([{ method: "create", effect: "drop", commit: true }]);
  const error = await provider.create(inputs).catch((failure: Error) => failure);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toContain(id);
  expect(emulator.configs(accountId)).toHaveLength(1);
});

test("a create that can be settled neither way names the URL and the account", async () => {
  const { accountId, present } = await prepare("list", { effect: "latency", ms: 1 });
  const { inputs } = await provider.check({}, { accountId, url: `${present}/new` });
  emulator.setFaults([
    { method: "create", effect: "never", commit: true },
    { method: "list", times: 1_000, effect: "status", status: 503 },
  ]);
  const error = await provider.create(inputs).catch((failure: Error) => failure);
  expect((error as Error).message).toContain("the answer to the create was lost");
  expect((error as Error).message).toContain(`Look for ${present}/new in account ${accountId}`);
});

test("an update that no list shows is kept as what was accepted, and completed by the next one", async () => {
  const { accountId, present, id, state } = await prepare("list", { effect: "stale" });
  emulator.setFaults([{ method: "list", times: "all", effect: "stale" }]);
  const inputs = { accountId, url: `${present}/moved` };
  await provider.check({ accountId, url: present }, inputs);
  await provider.diff(id, state, inputs);
  const error = await provider.update(id, state, inputs).catch((failure: Error) => failure);
  expect(error).toBeInstanceOf(CallFailure);
  const { partial } = error as CallFailure;
  expect(partial).toMatchObject({ id, properties: inputs });
  expect(partial?.reasons.join()).toContain(
    `${id} for ${present}/moved, but the account does not list it so`,
  );

  emulator.setFaults([]);
  emulator.clearRequests();
  await using next = await startProvider({}, { ...emulator.env });
  const completed = await next.update(id, partial?.properties ?? {}, inputs);
  expect(completed["updatedAt"]).toBe(emulator.configs(accountId)[0]?.updated_at);
  expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
});
