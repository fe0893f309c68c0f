import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startEmulator } from "../../provider/src/emulator/index.js";
import { mulberry32 } from "../support/virtualTime.js";
import { accountId as account_id, call } from "./call.js";

const accountIds = [account_id, "lv_two"];
const statuses = (keys: readonly { readonly key_id: string; readonly status: string }[]) =>
  keys.map(({ key_id, status }) => [key_id, status]);

test("ids, times and secrets come from what it is given, and the day is that of UTC", async () => {
  const clock = () => new Date("2026-01-02T23:30:00.000-05:00");
  const made = async () => {
    await using emulator = await startEmulator({ clock, random: mulberry32(1) });
    await call(emulator, "/webhook.key.create", { account_id });
    emulator.rotateKey();
    return emulator.keys();
  };
  const keys = await made();
  const created_at = "2026-01-03T04:30:00.000Z";
  expect(keys).toMatchObject([
    { key_id: "whk_20260103_01", created_at },
    { key_id: "whk_20260103_02", created_at, activated_at: created_at },
  ]);
  const secrets = new Set(keys.map(({ shared_secret }) => shared_secret));
  expect([...secrets].map((secret) => Buffer.from(secret, "base64").length)).toEqual([32, 32]);
  expect(await made()).toEqual(keys);
});

describe("rotated behind everybody's back", () => {
  test("a new key is active, what was active is deleted, and the log has no trace of it", async () => {
    let time = "2026-01-02T00:00:00.000Z";
    await using emulator = await startEmulator({ accountIds, clock: () => new Date(time) });
    const theirs = emulator.rotateKey("lv_two");
    const first = emulator.rotateKey();
    time = "2026-01-02T01:00:00.000Z";
    const second = emulator.rotateKey();
    expect(emulator.keys()).toMatchObject([
      { key_id: first, status: "DELETED", activated_at: "2026-01-02T00:00:00.000Z", deleted_at: time },
      { key_id: second, status: "ACTIVE", activated_at: time },
    ]);
    expect(statuses(emulator.keys("lv_two"))).toEqual([[theirs, "ACTIVE"]]);
    expect(emulator.requests).toEqual([]);
  });

  test("not in an account that there is not", async () => {
    await using emulator = await startEmulator();
    expect(() => emulator.rotateKey("lv_lost")).toThrow("the emulator has no account lv_lost");
    expect(() => emulator.keys("constructor")).toThrow("the emulator has no account constructor");
  });
});

test("all accounts share the 99 numbers of a day, and the next day begins anew", async () => {
  let day = "2026-01-02";
  await using emulator = await startEmulator({ accountIds, clock: () => new Date(`${day}T12:00:00.000Z`) });
  const ids = Array.from({ length: 99 }, (_, i) => emulator.rotateKey(accountIds[i % 2]));
  expect([new Set(ids).size, ids[0], ids[98]]).toEqual([99, "whk_20260102_01", "whk_20260102_99"]);
  expect(() => emulator.rotateKey()).toThrow("the day's numbers for webhook keys, 01 to 99, are used up");
  const create = () => call(emulator, "/webhook.key.create", { account_id: "lv_two" });
  const answer = await create();
  expect([answer.status, await answer.text()]).toEqual([
    400,
    expect.stringContaining("SYSTEM_RULE_VIOLATION"),
  ]);
  day = "2026-01-03";
  expect(await (await create()).text()).toContain("whk_20260103_01");
});

test("the log names the key of a request, and never has a secret", async () => {
  await using emulator = await startEmulator();
  await call(emulator, "/webhook.key.create", { account_id });
  const [key] = emulator.keys();
  await call(emulator, "/webhook.key.activate", { key_id: key?.key_id });
  await call(emulator, "/webhook.key.get", { key_id: key?.key_id });
  const known = { keyId: key?.key_id, status: 200 };
  expect(emulator.requests).toMatchObject([
    { method: "webhook.key.create", accountId: account_id, status: 200, committed: true },
    { method: "webhook.key.activate", ...known, committed: true },
    { method: "webhook.key.get", ...known, committed: false },
  ]);
  expect(key?.shared_secret).toHaveLength(44);
  expect(JSON.stringify(emulator.requests)).not.toContain(key?.shared_secret);
});

describe("in a file", () => {
  let folder = "";
  let file = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kompliant-"));
    file = join(folder, "account.json");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("keys are kept with the configurations", async () => {
    const first = await startEmulator({ file });
    first.rotateKey();
    first.rotateKey();
    first.put("https://example.com/a");
    await call(first, "/webhook.key.create", { account_id });
    await first.close();
    await using second = await startEmulator({ file });
    expect(second.keys()).toEqual(first.keys());
    expect(statuses(second.keys()).map(([, status]) => status)).toEqual(["DELETED", "ACTIVE", "INACTIVE"]);
    expect(second.configs()).toEqual(first.configs());
  });

  test("numbers of accounts that this emulator does not serve are taken, and their keys are unknown", async () => {
    const clock = () => new Date("2026-01-02T12:00:00.000Z");
    const first = await startEmulator({ file, clock, accountIds: ["lv_one"] });
    const key_id = first.rotateKey();
    await first.close();
    await using second = await startEmulator({ file, clock, accountIds: ["lv_two"] });
    expect(second.rotateKey()).toBe("whk_20260102_02");
    expect((await call(second, "/webhook.key.get", { key_id })).status).toBe(404);
  });

  test("one from before there were keys is read, and keeps keys from then on", async () => {
    const configs = [
      { config_id: "whc_a", url: "https://example.com/a", created_at: "2026-01-02T12:00:00.000Z" },
    ];
    writeFileSync(file, JSON.stringify({ [account_id]: configs }));
    await using emulator = await startEmulator({ file });
    expect([emulator.configs(), emulator.keys()]).toEqual([configs, []]);
    emulator.rotateKey();
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      [account_id]: { configs, keys: emulator.keys() },
    });
  });
});
