import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startEmulator } from "../../provider/src/emulator/index.js";
import { type Answer, callApi, code } from "./call.js";
import { sandboxOf } from "./sandbox.js";

/**
 * The documented rules of `webhook.config.*`, each stated once. They are held against the emulator, or against a real
 * sandbox when the environment has its account and credentials (see sandbox.ts). In a real account only
 * configurations that the test has created are ever changed or deleted.
 */
const sandbox = sandboxOf(process.env);
let env: Readonly<Record<string, string>> = sandbox ?? {};
let close = async () => {};
const mine = new Set<string>();
const prefix = `https://example.com/conformance/${Date.now()}`;

/** What a test other than that of the limit needs, with something to spare. */
const ROOM = 4;

beforeAll(async () => {
  if (sandbox === undefined) {
    const emulator = await startEmulator({ accountIds: ["lv_4K8mPxR9N2jL7hS5TdWfY1", OTHER_ACCOUNT] });
    env = emulator.env;
    close = () => emulator.close();
  }
  const { body } = await call("list", {});
  const configs = body.data?.["configs"];
  if (!Array.isArray(configs))
    throw new Error(`account ${account()} cannot be listed: ${JSON.stringify(body)}`);
  const held = configs.length;
  if (held + ROOM > 20)
    throw new Error(`account ${account()} holds ${held} configurations; the test needs room for ${ROOM}`);
});
afterEach(async () => {
  for (const config_id of [...mine]) {
    const answer = await call("delete", { config_id });
    if (answer.status !== 200) throw new Error(`${config_id} is left over: ${JSON.stringify(answer.body)}`);
  }
});
afterAll(() => close());

async function call(
  method: string,
  params: Record<string, unknown> | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const all = typeof params === "string" ? params : { account_id: account(), ...params };
  const answer = await callApi(env, `webhook.config.${method}`, all, headers);
  // Only what is in the account under test is cleaned up by afterEach.
  const ours = typeof params === "object" && (params["account_id"] ?? account()) === account();
  const id = answer.body.data?.["config_id"];
  if (method === "create" && ours && typeof id === "string") mine.add(id);
  if (method === "delete" && ours && answer.status === 200) mine.delete(String(params["config_id"]));
  return answer;
}
const account = () => env["KOMPLIANT_ACCOUNT_ID"] ?? "";
const config = (path: string) => ({ config: { url: `${prefix}/${path}` } });
async function created(path: string): Promise<string> {
  return String((await call("create", config(path))).body.data?.["config_id"]);
}
async function active(): Promise<Record<string, unknown>[]> {
  const { body } = await call("list", {});
  return body.data?.["configs"] as Record<string, unknown>[];
}
async function listed(id: string): Promise<Record<string, unknown> | undefined> {
  return (await active()).find(({ config_id }) => config_id === id);
}

/** An account that the credentials do not reach; in the emulator, a second one that they do. */
const UNKNOWN_ACCOUNT = "lv_0000000000000000000000";
const OTHER_ACCOUNT = "lv_1111111111111111111111";
const UNKNOWN_CONFIG = "whc_0000000000000000000000";

const refused = (answer: Answer) => [answer.status, code(answer), answer.body.errors?.[0]?.sub_code];

describe(`webhook.config.* of ${sandbox === undefined ? "the emulator" : env["KOMPLIANT_BASE_URL"]}`, () => {
  describe("answers", () => {
    test("a success is HTTP 200 with status, trace id and version", async () => {
      const { status, body } = await call("list", {});
      expect(status).toBe(200);
      expect(body.meta).toMatchObject({ status: "SUCCESS", version: "2025-03-24" });
      expect(body.meta?.trace_id).toMatch(/^trc_/);
    });

    test("a failure has another status and says code and message", async () => {
      const answer = await call("get", { config_id: UNKNOWN_CONFIG });
      expect(answer.status).not.toBe(200);
      expect(answer.body.errors?.[0]).toMatchObject({
        code: expect.any(String),
        message: expect.any(String),
      });
    });

    test("a failure with meta has the status ERROR", async () => {
      const { body } = await call("get", { config_id: UNKNOWN_CONFIG });
      expect(body.meta?.status ?? "ERROR").toBe("ERROR");
    });

    test("create answers the id alone", async () => {
      const { status, body } = await call("create", config("answer"));
      expect(status).toBe(200);
      expect(Object.keys(body.data ?? {})).toEqual(["config_id"]);
      expect(body.data?.["config_id"]).toMatch(/^whc_[A-Za-z0-9]+$/);
    });

    test("get and list answer id, URL and times", async () => {
      const id = await created("times");
      const expected = {
        config_id: id,
        url: `${prefix}/times`,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      };
      expect((await call("get", { config_id: id })).body.data).toMatchObject(expected);
      expect(await listed(id)).toMatchObject(expected);
    });

    test("updated_at is created_at or absent until the first update", async () => {
      const { created_at, updated_at = created_at } = (await listed(await created("fresh"))) ?? {};
      expect(updated_at).toBe(created_at);
    });

    test("list answers [] for an account without configurations", async () => {
      const held = await active();
      if (held.length > 0)
        throw new Error(
          `this test needs an empty account, and ${account()} holds ${held.length} configurations`,
        );
      expect((await call("list", {})).body.data).toEqual({ configs: [] });
    });

    test("update and delete answer nothing", async () => {
      const id = await created("nothing");
      const updated = await call("update", { config_id: id, ...config("nothing/2") });
      expect([updated.status, updated.body.data]).toEqual([200, {}]);
      const deleted = await call("delete", { config_id: id });
      expect([deleted.status, deleted.body.data]).toEqual([200, {}]);
    });
  });

  describe("rules", () => {
    test("an update keeps the id and created_at and changes URL and updated_at", async () => {
      const id = await created("update");
      const before = await listed(id);
      await call("update", { config_id: id, ...config("update/2") });
      const after = await listed(id);
      expect(after).toMatchObject({ url: `${prefix}/update/2`, created_at: before?.["created_at"] });
      expect(Date.parse(String(after?.["updated_at"]))).toBeGreaterThanOrEqual(
        Date.parse(String(after?.["created_at"])),
      );
    });

    test("an update frees the URL that was there before", async () => {
      const id = await created("freed");
      await call("update", { config_id: id, ...config("freed/2") });
      expect((await call("create", config("freed"))).status).toBe(200);
    });

    test("a deleted configuration is not listed, read, updated or deleted any more", async () => {
      const id = await created("deleted");
      await call("delete", { config_id: id });
      expect(await listed(id)).toBeUndefined();
      for (const answer of [
        await call("get", { config_id: id }),
        await call("update", { config_id: id, ...config("deleted/2") }),
        await call("delete", { config_id: id }),
      ])
        expect(refused(answer)).toEqual([404, "ENTITY_NOT_FOUND", undefined]);
    });

    test("a deleted configuration's URL is free again, under another id", async () => {
      const id = await created("again");
      await call("delete", { config_id: id });
      expect(await created("again")).not.toBe(id);
    });

    test("an id that never was is ENTITY_NOT_FOUND with HTTP 404", async () => {
      for (const answer of [
        await call("get", { config_id: UNKNOWN_CONFIG }),
        await call("update", { config_id: UNKNOWN_CONFIG, ...config("never") }),
        await call("delete", { config_id: UNKNOWN_CONFIG }),
      ])
        expect([answer.status, code(answer)]).toEqual([404, "ENTITY_NOT_FOUND"]);
    });

    test("a URL is unique in its account, for create and update", async () => {
      await created("unique");
      const other = await created("other");
      for (const answer of [
        await call("create", config("unique")),
        await call("update", { config_id: other, ...config("unique") }),
      ])
        expect(refused(answer)).toEqual([400, "SYSTEM_RULE_VIOLATION", "URL_ALREADY_EXISTS"]);
      expect(await listed(other)).toMatchObject({ url: `${prefix}/other` });
    });

    test("URLs are compared character by character", async () => {
      await created("Case");
      expect((await call("create", config("case"))).status).toBe(200);
      expect((await call("create", config("case/"))).status).toBe(200);
    });

    test("a URL must begin with https://, for create and update", async () => {
      const http = { config: { url: "http://example.com" } };
      const id = await created("scheme");
      for (const answer of [await call("create", http), await call("update", { config_id: id, ...http })])
        expect([answer.status, code(answer)]).toEqual([400, "BAD_REQUEST"]);
    });

    test.each([
      ["create without config", "create", {}],
      ["create without url", "create", { config: {} }],
      ["get without config_id", "get", {}],
      ["update without config_id", "update", { config: { url: "https://example.com/conformance" } }],
      ["update without config", "update", { config_id: UNKNOWN_CONFIG }],
      ["delete without config_id", "delete", {}],
      ["list without account_id", "list", "{}"],
    ])("a missing parameter is a BAD_REQUEST: %s", async (_, method, params) => {
      const answer = await call(method, params);
      expect([answer.status, code(answer)]).toEqual([400, "BAD_REQUEST"]);
    });

    test.each(["get", "delete"])("a malformed config_id is a BAD_REQUEST: %s", async (method) => {
      const answer = await call(method, { config_id: "not an id" });
      expect([answer.status, code(answer)]).toEqual([400, "BAD_REQUEST"]);
    });

    test("an account has at most 20 active configurations, and deleted ones do not count", async () => {
      const held = (await active()).length;
      const ids: string[] = [];
      for (let i = held; i < 20; i++) ids.push(await created(`limit/${i}`));
      expect(refused(await call("create", config("limit/over")))).toEqual([
        400,
        "SYSTEM_RULE_VIOLATION",
        "MAX_WEBHOOK_URL_LIMIT",
      ]);
      await call("delete", { config_id: ids[0] ?? "" });
      expect((await call("create", config("limit/over"))).status).toBe(200);
    });

    test("create in an unknown account is ENTITY_NOT_FOUND with HTTP 400", async () => {
      const answer = await call("create", { account_id: UNKNOWN_ACCOUNT, ...config("unknown") });
      expect([answer.status, code(answer)]).toEqual([400, "ENTITY_NOT_FOUND"]);
    });

    test("a wrong method name or HTTP verb is a 400", async () => {
      expect((await call("lost", {})).status).toBe(400);
      expect((await call("list", {}, { verb: "GET" })).status).toBe(400);
    });

    test("a version may be asked for", async () => {
      const { status, body } = await call("list", {}, { "x-api-version": "2025-03-24" });
      expect([status, body.meta?.version]).toEqual([200, "2025-03-24"]);
    });

    test("an unknown version is refused", async () => {
      expect(code(await call("list", {}, { "x-api-version": "1999-01-01" }))).toBe("UNKNOWN_VERSION");
    });
  });

  describe("authentication", () => {
    test.each([
      ["AUTH_INVALID_API_KEY", "x-api-key", `sb_${"0".repeat(22)}`],
      ["AUTH_INVALID_AUTH_TOKEN", "x-api-auth-token", "wrong"],
      ["AUTH_SIGNATURE_MISMATCH", "authorization", `KSig1-HMAC-SHA256 ${"A".repeat(43)}=`],
      ["AUTH_INVALID_HEADER", "authorization", "Bearer token"],
    ])("%s is HTTP 401", async (expected, header, value) => {
      const answer = await call("list", {}, { [header]: value });
      expect([answer.status, code(answer)]).toEqual([401, expected]);
    });

    test.each(["authorization", "x-api-key", "x-api-auth-token"])(
      "AUTH_MISSING_HEADER is HTTP 401: %s",
      async (header) => {
        const answer = await call("list", {}, { without: header });
        expect([answer.status, code(answer)]).toEqual([401, "AUTH_MISSING_HEADER"]);
      },
    );
  });
});

// What the documentation leaves open is read strictly here, so that nothing of ours depends on the lenient reading;
// and what takes a second account or a large body is asked of the emulator alone.
describe.runIf(sandbox === undefined)("the emulator's own", () => {
  test("another account's configuration is ENTITY_NOT_FOUND with HTTP 404", async () => {
    const config_id = await created("theirs");
    for (const answer of [
      await call("get", { account_id: OTHER_ACCOUNT, config_id }),
      await call("update", { account_id: OTHER_ACCOUNT, config_id, ...config("theirs/2") }),
      await call("delete", { account_id: OTHER_ACCOUNT, config_id }),
    ])
      expect([answer.status, code(answer)]).toEqual([404, "ENTITY_NOT_FOUND"]);
    expect(await listed(config_id)).toMatchObject({ url: `${prefix}/theirs` });
  });

  test("a URL may be in two accounts", async () => {
    await created("shared");
    const answer = await call("create", { account_id: OTHER_ACCOUNT, ...config("shared") });
    expect(answer.status).toBe(200);
    const config_id = String(answer.body.data?.["config_id"]);
    expect((await call("delete", { account_id: OTHER_ACCOUNT, config_id })).status).toBe(200);
  });

  test("list of an unknown account is ENTITY_NOT_FOUND with HTTP 400", async () => {
    const answer = await call("list", { account_id: UNKNOWN_ACCOUNT });
    expect([answer.status, code(answer)]).toEqual([400, "ENTITY_NOT_FOUND"]);
  });

  test("an update to the URL it has already is refused", async () => {
    const config_id = await created("own");
    expect(refused(await call("update", { config_id, ...config("own") }))[2]).toBe("URL_ALREADY_EXISTS");
  });

  test("an update with a malformed config_id is a BAD_REQUEST", async () => {
    const answer = await call("update", { config_id: "not an id", ...config("malformed") });
    expect([answer.status, code(answer)]).toEqual([400, "BAD_REQUEST"]);
  });

  test("what begins with https:// and is no URL is a BAD_REQUEST", async () => {
    expect(code(await call("create", { config: { url: "https://" } }))).toBe("BAD_REQUEST");
  });

  test("a body that is no JSON object is a BAD_REQUEST", async () => {
    for (const body of ["", "[]", "null", "no JSON"])
      expect(code(await call("list", body))).toBe("BAD_REQUEST");
  });

  test("updated_at is absent until the first update", async () => {
    const config_id = await created("fresh");
    expect(await listed(config_id)).not.toHaveProperty("updated_at");
    expect((await call("get", { config_id })).body.data).not.toHaveProperty("updated_at");
  });

  test("lists come in no order", async () => {
    for (let i = 0; i < 8; i++) await created(`order/${i}`);
    const orders = new Set<string>();
    for (let i = 0; i < 8; i++) orders.add(JSON.stringify((await call("list", {})).body.data));
    expect(orders.size).toBeGreaterThan(1);
  });

  test("another content type is 415, a huge body 413, neither in Kompliant's envelope", async () => {
    for (const [status, type, body] of [
      [415, "text/plain", "{}"],
      [413, "application/json", JSON.stringify({ padding: "x".repeat(1_000_000) })],
    ] as const) {
      const response = await fetch(`${env["KOMPLIANT_BASE_URL"]}/webhook.config.list`, {
        method: "POST",
        headers: { "content-type": type },
        body,
      });
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toBe("text/plain");
    }
  });
});
