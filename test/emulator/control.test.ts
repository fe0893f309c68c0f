import { beforeEach, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../../provider/src/emulator/index.js";
import { accountId as account_id, call } from "./call.js";

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ accountIds: [account_id, "lv_two"] });
  return () => emulator.close();
});

async function control(method: string, path: string, body?: unknown) {
  const response = await fetch(`${emulator.url}/_emulator/${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

test("changes an account behind everybody's back", async () => {
  const { body } = await control("POST", "configs", { url: "https://example.com/a" });
  const id = body["config_id"];
  expect(id).toMatch(/^whc_\w+$/);
  expect((await control("PATCH", `configs/${id}`, { url: "https://example.com/b" })).status).toBe(200);
  expect((await control("GET", "configs")).body).toMatchObject([
    { config_id: id, url: "https://example.com/b" },
  ]);
  expect((await control("DELETE", `configs/${id}`)).status).toBe(200);
  expect(emulator.configs()).toEqual([]);
});

test("reaches every account and takes an id of one's own", async () => {
  const given = { url: "https://example.com/a", account_id: "lv_two", config_id: "whc_mine" };
  expect((await control("POST", "configs", given)).body).toEqual({ config_id: "whc_mine" });
  expect((await control("GET", "configs")).body).toEqual([]);
  await control("PATCH", "configs/whc_mine?account_id=lv_two", { url: "https://example.com/b" });
  expect((await control("GET", "configs?account_id=lv_two")).body).toMatchObject([
    { config_id: "whc_mine", url: "https://example.com/b" },
  ]);
  await control("DELETE", "configs/whc_mine?account_id=lv_two");
  expect(emulator.configs("lv_two")).toEqual([]);
});

test("shows keys with their secrets, and rotates them", async () => {
  const { body } = await control("POST", "keys");
  const { body: theirs } = await control("POST", "keys", { account_id: "lv_two" });
  const { body: next } = await control("POST", "keys?account_id=lv_two", {});
  expect((await control("GET", "keys")).body).toEqual(emulator.keys());
  expect(emulator.keys()).toMatchObject([{ ...body, status: "ACTIVE" }]);
  expect((await control("GET", "keys?account_id=lv_two")).body).toMatchObject([
    { ...theirs, status: "DELETED", shared_secret: emulator.keys("lv_two")[0]?.shared_secret },
    { ...next, status: "ACTIVE" },
  ]);
});

test("sets, shows and ends the fault plan", async () => {
  const set = await control("PUT", "faults", [
    { method: "list", times: "all", effect: "status", status: 503 },
  ]);
  expect(set.body).toEqual(emulator.faults);
  expect((await control("GET", "faults")).body).toMatchObject([
    { method: "list", times: "all", status: 503 },
  ]);
  expect((await call(emulator, "list", { account_id })).status).toBe(503);
  expect((await control("DELETE", "faults")).body).toEqual([]);
  expect((await call(emulator, "list", { account_id })).status).toBe(200);
});

test("shows and clears the log, and is not in it", async () => {
  await call(emulator, "list", { account_id });
  expect((await control("GET", "requests")).body).toEqual(JSON.parse(JSON.stringify(emulator.requests)));
  expect(emulator.requests).toHaveLength(1);
  await control("DELETE", "requests");
  expect(emulator.requests).toEqual([]);
});

test.each([
  ["PUT", "faults", [{ method: "lost" }], 400, /the fault plan is not valid/],
  ["PUT", "faults", "no JSON", 400, /JSON/],
  ["POST", "configs", { uri: "https://example.com" }, 400, /url: /],
  ["POST", "configs", { url: "https://example.com", account_id: "lv_lost" }, 400, /no account lv_lost/],
  ["GET", "configs?account_id=lv_lost", undefined, 400, /no account lv_lost/],
  ["GET", "keys?account_id=lv_lost", undefined, 400, /no account lv_lost/],
  ["POST", "keys", { account_id: "lv_lost" }, 400, /no account lv_lost/],
  ["POST", "keys", { key_id: "whk_20260102_01" }, 400, /key_id/],
  ["PATCH", "configs/whc_lost", { url: "https://example.com" }, 400, /no configuration whc_lost/],
  ["DELETE", "configs/whc_lost", undefined, 400, /no configuration whc_lost/],
  ["DELETE", "configs", undefined, 404, /the emulator has no DELETE/],
  ["GET", "nothing", undefined, 404, /the emulator has no GET/],
])("%s %s with %j is refused with %i, saying why", async (method, path, body, status, words) => {
  const answer = await control(method, path, body);
  expect(answer.status).toBe(status);
  expect(answer.body["error"]).toMatch(words);
});
