import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEmulator } from "../../provider/src/emulator/index.js";
import { type Answer, callApi, code } from "./call.js";
import { mayActivateKeys, sandboxOf } from "./sandbox.js";

/**
 * The documented rules of `webhook.key.*`, held against the emulator or a real sandbox as those of api.test.ts are. Each
 * run takes a few of the keys that an account can have in a day; they stay INACTIVE, since no method deletes a key.
 * An activated key replaces the one that the account's receivers decrypt with: see `mayActivateKeys`.
 */
const sandbox = sandboxOf(process.env);
let env: Readonly<Record<string, string>> = sandbox ?? {};
let close = async () => {};

const OTHER_ACCOUNT = "lv_1111111111111111111111";
/** Of a day before there was such a method. */
const UNKNOWN_KEY = "whk_20000101_01";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

beforeAll(async () => {
  if (sandbox !== undefined) return;
  const emulator = await startEmulator({ accountIds: ["lv_4K8mPxR9N2jL7hS5TdWfY1", OTHER_ACCOUNT] });
  env = emulator.env;
  close = () => emulator.close();
});
afterAll(() => close());

const call = (word: string, params: Record<string, unknown>) => callApi(env, `webhook.key.${word}`, params);
const create = (account_id = env["KOMPLIANT_ACCOUNT_ID"]) => call("create", { account_id });
const activate = (key_id: unknown) => call("activate", { key_id });
const get = (key_id: unknown) => call("get", { key_id });
const created = async (accountId?: string) => (await create(accountId)).body.data?.["key_id"];
const refusal = (answer: Answer) => [answer.status, code(answer)];

describe(`webhook.key.* of ${sandbox === undefined ? "the emulator" : env["KOMPLIANT_BASE_URL"]}`, () => {
  test("create answers the id, the secret, the status INACTIVE and the time", async () => {
    const { status, body } = await create();
    expect([status, body.data]).toMatchObject([
      200,
      {
        key_id: expect.stringMatching(/^whk_\d{8}_\d\d$/),
        shared_secret: expect.stringMatching(/^(?:[A-Za-z\d+/]{4})+(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/),
        status: "INACTIVE",
        created_at: expect.stringMatching(TIME),
      },
    ]);
  });

  test("each key has its own id and secret", async () => {
    const [one, other] = [(await create()).body.data, (await create()).body.data];
    expect(one?.["key_id"]).not.toBe(other?.["key_id"]);
    expect(one?.["shared_secret"]).not.toBe(other?.["shared_secret"]);
  });

  test("get answers what create has, but never the secret, and no time of what has not happened", async () => {
    const { shared_secret, ...made } = (await create()).body.data ?? {};
    const { status, body } = await get(made["key_id"]);
    expect([status, body.data]).toMatchObject([200, made]);
    expect(JSON.stringify(body)).not.toContain(shared_secret);
    for (const absent of ["shared_secret", "activated_at", "deleted_at"])
      expect(body.data).not.toHaveProperty(absent);
  });

  test.each([
    ["create", {}],
    ["activate", {}],
    ["activate", { key_id: "not an id" }],
  ])("a missing or malformed parameter is a BAD_REQUEST: %s %j", async (word, params) => {
    expect(refusal(await call(word, params))).toEqual([400, "BAD_REQUEST"]);
  });

  test("an unknown key is not activated: ENTITY_NOT_FOUND with HTTP 400", async () => {
    expect(refusal(await activate(UNKNOWN_KEY))).toEqual([400, "ENTITY_NOT_FOUND"]);
  });

  test.runIf(mayActivateKeys(process.env))("one key is active, and what was active is DELETED", async () => {
    const [one, other] = [await created(), await created()];
    const { status, body } = await activate(one);
    expect([status, body.data]).toMatchObject([
      200,
      { key_id: one, status: "ACTIVE", activated_at: expect.stringMatching(TIME) },
    ]);
    const { activated_at } = body.data ?? {};
    const active = (await get(one)).body.data;
    expect(active).toMatchObject({ status: "ACTIVE", activated_at });
    expect(active).not.toHaveProperty("deleted_at");

    expect((await activate(other)).status).toBe(200);
    expect((await get(one)).body.data).toMatchObject({
      status: "DELETED",
      activated_at,
      deleted_at: expect.stringMatching(TIME),
    });
    expect((await get(other)).body.data).toMatchObject({ status: "ACTIVE" });
  });
});

// What the documentation leaves open is read strictly here, as in api.test.ts.
describe.runIf(sandbox === undefined)("the emulator's own", () => {
  test("create in an unknown account is ENTITY_NOT_FOUND with HTTP 400", async () => {
    expect(refusal(await create("lv_0000000000000000000000"))).toEqual([400, "ENTITY_NOT_FOUND"]);
  });

  test("get of an unknown key is ENTITY_NOT_FOUND with HTTP 404, of none or a malformed one a BAD_REQUEST", async () => {
    expect(refusal(await get(UNKNOWN_KEY))).toEqual([404, "ENTITY_NOT_FOUND"]);
    for (const id of [undefined, "not an id", "whk_20260102_1", "whk_2026-01-02_01"])
      expect(refusal(await get(id))).toEqual([400, "BAD_REQUEST"]);
  });

  test("only an INACTIVE key is activated", async () => {
    const [one, other] = [await created(), await created()];
    for (const id of [one, other]) {
      expect((await activate(id)).status).toBe(200);
      expect(refusal(await activate(id))).toEqual([400, "SYSTEM_RULE_VIOLATION"]);
    }
    expect(refusal(await activate(one))).toEqual([400, "SYSTEM_RULE_VIOLATION"]);
    expect((await get(other)).body.data).toMatchObject({ status: "ACTIVE" });
  });

  test("each account has an active key of its own, and one that is INACTIVE stays so", async () => {
    const [mine, waiting, theirs] = [await created(), await created(), await created(OTHER_ACCOUNT)];
    await activate(mine);
    await activate(theirs);
    const statusOf = async (id: unknown) => (await get(id)).body.data?.["status"];
    expect([await statusOf(mine), await statusOf(waiting), await statusOf(theirs)]).toEqual([
      "ACTIVE",
      "INACTIVE",
      "ACTIVE",
    ]);
  });
});
