import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { sign } from "../../provider/src/core/api/signature.js";
import { startEmulator } from "../../provider/src/emulator/index.js";
import { accountId as account_id, call, create } from "./call.js";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "kompliant-"));
  folders.push(folder);
  return folder;
}

test("logs every request, with nothing of its credentials, and can be looked at from outside", async () => {
  await using emulator = await startEmulator();
  await call(emulator, "create", create("https://example.com/a"));
  await call(emulator, "create", create("https://example.com/a"));
  expect(emulator.requests).toMatchObject([
    {
      n: 1,
      method: "webhook.config.create",
      accountId: account_id,
      url: "https://example.com/a",
      status: 200,
      committed: true,
    },
    { n: 2, status: 400, code: "SYSTEM_RULE_VIOLATION", subCode: "URL_ALREADY_EXISTS", committed: false },
  ]);
  const { apiKey, secretKey, authToken } = emulator.credentials;
  for (const secret of [apiKey, secretKey, authToken, sign(apiKey, secretKey)])
    expect(JSON.stringify(emulator.requests)).not.toContain(secret);
  expect(await (await fetch(`${emulator.url}/_emulator/requests`)).json()).toEqual(emulator.requests);
});

test("the log has calls that reach no method too, and starts anew when cleared", async () => {
  await using emulator = await startEmulator();
  await call(emulator, "/somewhere/else", {});
  const [before] = emulator.requests;
  expect(before).toMatchObject({ n: 1, method: "somewhere/else", status: 400, code: "BAD_REQUEST" });
  emulator.clearRequests();
  expect(emulator.requests).toEqual([]);
  await call(emulator, "list", { account_id });
  expect(emulator.requests).toMatchObject([{ n: 1, method: "webhook.config.list" }]);
});

test("ids, times and the order of lists come from what it is given", async () => {
  const run = async () => {
    let n = 0;
    await using emulator = await startEmulator({
      clock: () => new Date("2026-01-02T03:04:05.678Z"),
      random: () => (n++ * 0.37) % 1,
    });
    for (const path of "abcd") await call(emulator, "create", create(`https://example.com/${path}`));
    return (await call(emulator, "list", { account_id })).text();
  };
  const listed = await run();
  expect(listed).toContain('"created_at":"2026-01-02T03:04:05.678Z"');
  expect(await run()).toBe(listed);
});

describe("changes behind everybody's back", () => {
  const url = "https://example.com/a";

  test("take effect, and leave no trace in the log", async () => {
    await using emulator = await startEmulator({ accountIds: ["lv_one", "lv_two"] });
    const id = emulator.put(url, { accountId: "lv_two", configId: "whc_mine" });
    expect(id).toBe("whc_mine");
    expect(emulator.configs("lv_two")).toMatchObject([{ config_id: id, url }]);
    expect(emulator.configs()).toEqual([]);
    emulator.change(id, `${url}/2`, "lv_two");
    expect(emulator.configs("lv_two")).toMatchObject([{ url: `${url}/2`, updated_at: expect.any(String) }]);
    emulator.remove(id, "lv_two");
    expect(emulator.configs("lv_two")).toEqual([]);
    expect(emulator.requests).toEqual([]);
  });

  test("are refused where they make no sense, saying why", async () => {
    await using emulator = await startEmulator();
    const id = emulator.put(url);
    const other = emulator.put(`${url}/2`);
    expect(() => emulator.put(url)).toThrow(`${id} has the URL ${url} already`);
    expect(() => emulator.put(`${url}/3`, { configId: id })).toThrow(`${id} exists already`);
    expect(() => emulator.put(`${url}/3`, { configId: "mine" })).toThrow(
      "mine is not whc_ and alphanumerics",
    );
    expect(() => emulator.change(other, url)).toThrow(`${id} has the URL ${url} already`);
    expect(() => emulator.change("whc_lost", url)).toThrow(
      `account ${account_id} has no configuration whc_lost`,
    );
    expect(() => emulator.remove("whc_lost")).toThrow(`account ${account_id} has no configuration whc_lost`);
    for (const misuse of [
      () => emulator.configs("lv_lost"),
      () => emulator.put(url, { accountId: "lv_lost" }),
      () => emulator.change(id, url, "lv_lost"),
      () => emulator.remove(id, "constructor"),
    ])
      expect(misuse).toThrow(/the emulator has no account (lv_lost|constructor); it has lv_4K8m/);
    expect(emulator.configs()).toHaveLength(2);
  });
});

test.each([[[]], [["lv_one", ""]]])("accountIds %j is refused", async (accountIds) => {
  await expect(startEmulator({ accountIds })).rejects.toThrow(/accountIds must be one or more non-empty/);
});

test("a port that is taken is an error that names it", async () => {
  await using emulator = await startEmulator();
  const port = Number(new URL(emulator.url).port);
  await expect(startEmulator({ port })).rejects.toThrow(new RegExp(`EADDRINUSE.*${port}`));
});

test("a half-written file beside the real one is of no account", async () => {
  const file = join(temporary(), "account.json");
  const first = await startEmulator({ file });
  const id = first.put("https://example.com/a");
  await first.close();
  writeFileSync(`${file}.new`, '{"lv_4K8m');
  await using second = await startEmulator({ file });
  expect(second.configs()).toMatchObject([{ config_id: id }]);
});

test("a file keeps accounts that this emulator does not serve", async () => {
  const file = join(temporary(), "account.json");
  const both = await startEmulator({ file, accountIds: ["lv_one", "lv_two"] });
  both.put("https://example.com/two", { accountId: "lv_two" });
  await both.close();
  const one = await startEmulator({ file, accountIds: ["lv_one"] });
  one.put("https://example.com/one");
  expect(() => one.configs("lv_two")).toThrow(/has no account/);
  await one.close();
  await using again = await startEmulator({ file, accountIds: ["lv_two", "lv_one"] });
  expect(["lv_one", "lv_two"].map((id) => again.configs(id)[0]?.url)).toEqual([
    "https://example.com/one",
    "https://example.com/two",
  ]);
});

test("a file of somebody else's is refused and left alone", async () => {
  const file = join(temporary(), "account.json");
  writeFileSync(file, "not ours");
  await expect(startEmulator({ file })).rejects.toThrow(/is not a file of the emulator/);
  expect(readFileSync(file, "utf8")).toBe("not ours");
});

test("a file that cannot be written is an error at the start, and later a 500 that changes nothing", async () => {
  const folder = temporary();
  const inner = join(folder, "inner");
  const file = join(inner, "account.json");
  await expect(startEmulator({ file })).rejects.toThrow(`the emulator cannot write ${file}: ENOENT`);
  mkdirSync(inner);
  await using emulator = await startEmulator({ file });
  rmSync(inner, { recursive: true });
  const answer = await call(emulator, "create", create("https://example.com/a"));
  expect([answer.status, await answer.text()]).toEqual([
    500,
    expect.stringContaining("the emulator cannot write"),
  ]);
  expect(emulator.configs()).toEqual([]);
});

test("what JavaScript knows of every object is no account", async () => {
  await using emulator = await startEmulator();
  for (const name of ["constructor", "__proto__", "toString"]) {
    const answer = await call(emulator, "create", {
      account_id: name,
      config: { url: "https://example.com" },
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("ENTITY_NOT_FOUND");
  }
});
