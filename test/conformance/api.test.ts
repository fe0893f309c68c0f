import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sign } from "../../provider/src/api/signature.js";
import { startEmulator } from "../../provider/src/emulator/index.js";

/**
 * The documented rules of `webhook.config.*`, each stated once. They are held against the emulator, or against a real
 * sandbox when the environment has KOMPLIANT_BASE_URL, KOMPLIANT_ACCOUNT_ID and the three credentials of a sandbox
 * (`sb_`). In a real account only configurations that the test has created are ever changed or deleted.
 */
const sandbox =
  (process.env["KOMPLIANT_API_KEY"] ?? "").startsWith("sb_") && process.env["KOMPLIANT_BASE_URL"];
let env: Record<string, string | undefined> = process.env;
let close = async () => {};
const mine = new Set<string>();
let prefix = "";

beforeAll(async () => {
  prefix = `https://example.com/conformance/${Date.now()}`;
  if (sandbox) return;
  const emulator = await startEmulator();
  env = emulator.env;
  close = () => emulator.close();
});
afterAll(async () => {
  for (const config_id of mine) await call("delete", { config_id });
  await close();
});

interface Answer {
  readonly status: number;
  readonly body: {
    readonly meta?: { readonly status: string; readonly trace_id: string; readonly version: string };
    readonly data?: Record<string, unknown>;
    readonly errors?: readonly {
      readonly code: string;
      readonly sub_code?: string;
      readonly message: string;
    }[];
  };
}

async function call(
  method: string,
  params: Record<string, unknown> | string,
  { verb = "POST", ...headers }: Record<string, string> = {},
): Promise<Answer> {
  const key = env["KOMPLIANT_API_KEY"] ?? "";
  const response = await fetch(`${env["KOMPLIANT_BASE_URL"]}/webhook.config.${method}`, {
    method: verb,
    headers: {
      "content-type": "application/json",
      authorization: `KSig1-HMAC-SHA256 ${sign(key, env["KOMPLIANT_SECRET_KEY"] ?? "")}`,
      "x-api-key": key,
      "x-api-auth-token": env["KOMPLIANT_AUTH_TOKEN"] ?? "",
      ...headers,
    },
    ...(verb === "GET"
      ? {}
      : { body: typeof params === "string" ? params : JSON.stringify({ account_id: account(), ...params }) }),
  });
  const body = (await response.json()) as Answer["body"];
  const id = body.data?.["config_id"];
  if (method === "create" && typeof id === "string") mine.add(id);
  if (method === "delete" && response.status === 200 && typeof params === "object")
    mine.delete(String(params["config_id"]));
  return { status: response.status, body };
}
const account = () => env["KOMPLIANT_ACCOUNT_ID"] ?? "";
const code = ({ body }: Answer) => body.errors?.[0]?.code;
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

describe("answers", () => {
  test("a success is HTTP 200 with status, trace id and version", async () => {
    const { status, body } = await call("list", {});
    expect(status).toBe(200);
    expect(body.meta).toMatchObject({ status: "SUCCESS", version: "2025-03-24" });
    expect(body.meta?.trace_id).toMatch(/^trc_/);
  });

  test("a failure has another status and says code and message", async () => {
    const answer = await call("get", { config_id: "whc_0000000000000000000000" });
    expect(answer.status).not.toBe(200);
    expect(answer.body.errors?.[0]).toMatchObject({ code: expect.any(String), message: expect.any(String) });
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
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    };
    expect((await call("get", { config_id: id })).body.data).toMatchObject(expected);
    expect(await listed(id)).toMatchObject(expected);
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
  test("an update keeps the id and changes URL and updated_at", async () => {
    const id = await created("update");
    await call("update", { config_id: id, ...config("update/2") });
    const after = await listed(id);
    expect(after?.["url"]).toBe(`${prefix}/update/2`);
    expect(Date.parse(String(after?.["updated_at"]))).toBeGreaterThanOrEqual(
      Date.parse(String(after?.["created_at"])),
    );
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
      expect([answer.status, code(answer)]).toEqual([404, "ENTITY_NOT_FOUND"]);
  });

  test("a deleted configuration's URL is free again", async () => {
    await call("delete", { config_id: await created("again") });
    expect((await call("create", config("again"))).status).toBe(200);
  });

  test("a URL is unique in its account, for create and update", async () => {
    await created("unique");
    const other = await created("other");
    for (const answer of [
      await call("create", config("unique")),
      await call("update", { config_id: other, ...config("unique") }),
    ])
      expect([answer.status, code(answer), answer.body.errors?.[0]?.sub_code]).toEqual([
        400,
        "SYSTEM_RULE_VIOLATION",
        "URL_ALREADY_EXISTS",
      ]);
  });

  test("URLs are compared character by character", async () => {
    await created("Case");
    expect((await call("create", config("case"))).status).toBe(200);
  });

  test("a URL must begin with https://", async () => {
    const answer = await call("create", { config: { url: "http://example.com" } });
    expect([answer.status, code(answer)]).toEqual([400, "BAD_REQUEST"]);
  });

  test("missing parameters and malformed ids are bad requests", async () => {
    for (const answer of [
      await call("create", {}),
      await call("get", {}),
      await call("get", { config_id: "not an id" }),
      await call("list", "{}"),
    ])
      expect([answer.status, code(answer)]).toEqual([400, "BAD_REQUEST"]);
  });

  test("an account has at most 20 active configurations, and deleted ones do not count", async () => {
    const room = 20 - (await active()).length;
    const ids = [];
    for (let i = 0; i < room; i++) ids.push(await created(`limit/${i}`));
    const answer = await call("create", config("limit/over"));
    expect([answer.status, code(answer), answer.body.errors?.[0]?.sub_code]).toEqual([
      400,
      "SYSTEM_RULE_VIOLATION",
      "MAX_WEBHOOK_URL_LIMIT",
    ]);
    await call("delete", { config_id: ids[0] ?? "" });
    expect((await call("create", config("limit/over"))).status).toBe(200);
    for (const id of [...mine]) await call("delete", { config_id: id });
  });

  test("create in an unknown account is ENTITY_NOT_FOUND with HTTP 400", async () => {
    const answer = await call("create", { account_id: "lv_0000000000000000000000", ...config("unknown") });
    expect([answer.status, code(answer)]).toEqual([400, "ENTITY_NOT_FOUND"]);
  });

  test("a wrong method name or HTTP verb is a 400", async () => {
    expect((await call("lost", {})).status).toBe(400);
    expect((await call("list", {}, { verb: "GET" })).status).toBe(400);
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

  test("AUTH_MISSING_HEADER without headers", async () => {
    const response = await fetch(`${env["KOMPLIANT_BASE_URL"]}/webhook.config.list`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(response.status).toBe(401);
    expect(((await response.json()) as Answer["body"]).errors?.[0]?.code).toBe("AUTH_MISSING_HEADER");
  });
});

// What the documentation leaves open is read strictly here, so that nothing of ours depends on the lenient reading.
describe.runIf(!sandbox)("the emulator's strict readings", () => {
  test("an update to the URL it has already is refused", async () => {
    const id = await created("own");
    expect((await call("update", { config_id: id, ...config("own") })).body.errors?.[0]?.sub_code).toBe(
      "URL_ALREADY_EXISTS",
    );
  });

  test("updated_at is absent until the first update", async () => {
    expect(await listed(await created("fresh"))).not.toHaveProperty("updated_at");
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
      [413, "application/json", JSON.stringify({ padding: "x".repeat(100_000) })],
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
