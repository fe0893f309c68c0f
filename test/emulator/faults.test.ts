import { EventEmitter, once } from "node:events";
import { describe, expect, test } from "vitest";
import { faultFor, parsePlan } from "../../provider/src/emulator/faults.js";
import { type Fault, startEmulator } from "../../provider/src/emulator/index.js";
import { METHODS, type Method } from "../../provider/src/emulator/methods.js";
import { accountId as account_id, call, create } from "./call.js";

const URL_A = "https://example.com/a";
const URL_B = "https://example.com/b";

async function urlsListed(answer: Promise<Response>): Promise<string[]> {
  const { data } = (await (await answer).json()) as { data: { configs: { url: string }[] } };
  return data.configs.map(({ url }) => url).sort();
}

describe("which calls are hit", () => {
  const hits = (fault: Fault, method: Method = "webhook.config.create") =>
    [1, 2, 3, 4, 5].filter((n) => faultFor(parsePlan([fault]), method, n) !== undefined);

  test("the first one, if the plan says nothing else", () => {
    expect(hits({ method: "create", effect: "cut" })).toEqual([1]);
  });

  test("the nth, as often as it says", () => {
    expect(hits({ method: "create", nth: 2, times: 2, effect: "cut" })).toEqual([2, 3]);
  });

  test("all from the nth on", () => {
    expect(hits({ method: "create", nth: 3, times: "all", effect: "cut" })).toEqual([3, 4, 5]);
  });

  test("of the method that it names, in short or in full, or of each", () => {
    expect(hits({ method: "create", effect: "cut" }, "webhook.config.list")).toEqual([]);
    expect(hits({ method: "webhook.config.create", effect: "cut" })).toEqual([1]);
    for (const method of METHODS) expect(hits({ method: "*", effect: "cut" }, method)).toEqual([1]);
  });

  test("a key's method goes by its full name alone", () => {
    expect(hits({ method: "webhook.key.create", effect: "cut" }, "webhook.key.create")).toEqual([1]);
    expect(hits({ method: "webhook.key.create", effect: "cut" })).toEqual([]);
    expect(hits({ method: "create", effect: "cut" }, "webhook.key.create")).toEqual([]);
  });

  test("by the first fault that fits", () => {
    const plan = parsePlan([
      { method: "list", effect: "cut" },
      { method: "*", times: "all", effect: "status", status: 503 },
    ]);
    expect([1, 2].map((n) => faultFor(plan, "webhook.config.list", n)?.effect)).toEqual(["cut", "status"]);
  });

  test("counted from when the plan was set; calls of other paths do not count", async () => {
    await using emulator = await startEmulator({
      faults: [{ method: "create", nth: 2, effect: "status", status: 503 }],
    });
    await call(emulator, "/webhook.key.rotate", {});
    expect((await call(emulator, "create", create(URL_A))).status).toBe(200);
    emulator.setFaults([{ method: "create", effect: "status", status: 503 }]);
    expect((await call(emulator, "create", create(URL_B))).status).toBe(503);
    expect(emulator.faults).toEqual([
      { method: "create", nth: 1, times: 1, effect: "status", status: 503, body: "html", commit: false },
    ]);
  });
});

describe("what the caller sees", () => {
  test("latency: the usual answer, later", async () => {
    await using emulator = await startEmulator({
      faults: [{ method: "create", effect: "latency", ms: 100 }],
    });
    const before = performance.now();
    expect((await call(emulator, "create", create(URL_A))).status).toBe(200);
    // Timers may fire up to a millisecond early.
    expect(performance.now() - before).toBeGreaterThanOrEqual(99);
    expect(emulator.requests).toMatchObject([{ status: 200, committed: true, fault: "latency" }]);
  });

  test.each([
    ["drop", false, "UND_ERR_SOCKET"],
    ["drop", true, "UND_ERR_SOCKET"],
    ["reset", false, "ECONNRESET"],
    ["reset", true, "ECONNRESET"],
  ] as const)("%s, committed %s: no answer but %s", async (effect, commit, code) => {
    await using emulator = await startEmulator({ faults: [{ method: "create", effect, commit }] });
    const failure = await call(emulator, "create", create(URL_A)).catch((error: Error) => error);
    expect(failure).toMatchObject({ cause: { code } });
    expect(emulator.configs()).toHaveLength(commit ? 1 : 0);
    expect(emulator.requests).toMatchObject([{ status: 0, committed: commit, fault: effect }]);
  });

  test.each([false, true])("never, committed %s: nothing, for as long as it waits", async (commit) => {
    const events = new EventEmitter();
    const logged = once(events, "request");
    await using emulator = await startEmulator({
      faults: [{ method: "create", effect: "never", commit }],
      onRequest: (entry) => events.emit("request", entry),
    });
    const waiting = new AbortController();
    const answer = call(emulator, "create", create(URL_A), { signal: waiting.signal });
    expect(await logged).toMatchObject([{ status: 0, committed: commit, fault: "never" }]);
    // Another call is answered meanwhile, and the first one still is not.
    await call(emulator, "list", { account_id });
    expect(await Promise.race([answer, "nothing yet"])).toBe("nothing yet");
    waiting.abort();
    await expect(answer).rejects.toThrow(/abort/);
    expect(emulator.configs()).toHaveLength(commit ? 1 : 0);
  });

  test.each([
    [503, "html", "text/html", /^<html>.*503/],
    [502, "json", "application/json", /^\{"message":/],
    [504, "empty", null, /^$/],
    [200, "html", "text/html", /^<html>/],
  ] as const)("status %i with a body of %s", async (status, body, type, words) => {
    await using emulator = await startEmulator({
      faults: [{ method: "create", effect: "status", status, body }],
    });
    const answer = await call(emulator, "create", create(URL_A));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, type]);
    expect(await answer.text()).toMatch(words);
    expect(emulator.configs()).toEqual([]);
    expect(emulator.requests).toMatchObject([{ status, committed: false }]);
    expect(emulator.requests[0]).not.toHaveProperty("traceId");
  });

  test("a status although the call has taken effect", async () => {
    await using emulator = await startEmulator({
      faults: [{ method: "create", effect: "status", status: 504, commit: true }],
    });
    expect((await call(emulator, "create", create(URL_A))).status).toBe(504);
    expect(emulator.configs()).toMatchObject([{ url: URL_A }]);
    expect(emulator.requests).toMatchObject([{ status: 504, committed: true }]);
  });

  test.each(["2", "0", "Wed, 21 Oct 2026 07:28:00 GMT", "soon", "-1", "1e3"])(
    "a status with Retry-After: %s",
    async (retryAfter) => {
      await using emulator = await startEmulator({
        faults: [{ method: "list", effect: "status", status: 429, retryAfter }],
      });
      const answer = await call(emulator, "list", { account_id });
      expect(answer.headers.get("retry-after")).toBe(retryAfter);
    },
  );

  test.each([true, false])("cut, committed %s: the status, and half of the body", async (commit) => {
    await using emulator = await startEmulator({ faults: [{ method: "create", effect: "cut", commit }] });
    const answer = await call(emulator, "create", create(URL_A));
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow(/terminated/);
    expect(emulator.configs()).toHaveLength(commit ? 1 : 0);
  });

  test.each([
    [1, [URL_A]],
    [2, []],
    [100, []],
  ])("stale: the account as it was %i of its own changes ago", async (behind, urls) => {
    await using emulator = await startEmulator({ accountIds: [account_id, "lv_other"] });
    await call(emulator, "create", create(URL_A));
    await call(emulator, "create", create(URL_B));
    emulator.put(URL_A, { accountId: "lv_other" });
    emulator.setFaults([{ method: "list", effect: "stale", behind }]);
    expect(await urlsListed(call(emulator, "list", { account_id }))).toEqual(urls);
    expect(await urlsListed(call(emulator, "list", { account_id }))).toEqual([URL_A, URL_B]);
  });
});

test("a key's calls are hit as those of configurations are, and counted apart", async () => {
  await using emulator = await startEmulator({
    faults: [
      { method: "webhook.key.activate", effect: "drop", commit: true },
      { method: "webhook.key.get", nth: 2, effect: "status", status: 503 },
    ],
  });
  await call(emulator, "/webhook.key.create", { account_id });
  const key_id = emulator.keys()[0]?.key_id;
  await expect(call(emulator, "/webhook.key.activate", { key_id })).rejects.toThrow();
  expect(emulator.keys()).toMatchObject([{ key_id, status: "ACTIVE" }]);
  expect(emulator.requests[1]).toMatchObject({ status: 0, committed: true, fault: "drop" });
  await call(emulator, "get", { account_id });
  const get = async () => (await call(emulator, "/webhook.key.get", { key_id })).status;
  expect([await get(), await get(), await get()]).toEqual([200, 503, 200]);
});

test("a call that a fault holds back takes no effect once the emulator closes", async () => {
  const emulator = await startEmulator({
    faults: [
      { method: "create", effect: "latency", ms: 600_000 },
      { method: "create", nth: 2, effect: "status", status: 503 },
    ],
  });
  // One of the two is the second, which shows that the first is being held back.
  const calls = [URL_A, URL_B].map((url) => call(emulator, "create", create(url)));
  expect((await Promise.race(calls)).status).toBe(503);
  await emulator.close();
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect([emulator.configs(), emulator.requests.length]).toEqual([[], 1]);
});

describe("a plan that is not valid", () => {
  test("is refused with all that is wrong with it", () => {
    const plan = [
      { method: "list", effect: "explode" },
      { method: "all", effect: "cut", nth: 0, times: "often" },
      { method: "create", effect: "drop" },
      { method: "create", effect: "cut", comit: true },
      { method: "*", effect: "stale" },
      { method: "get", effect: "status", status: 99, retryAfter: "1\r\nx: y" },
      { method: "webhook.key.get", effect: "stale" },
      { method: "activate", effect: "cut" },
    ];
    let message = "";
    try {
      parsePlan(plan);
    } catch (error) {
      message = (error as Error).message;
    }
    for (const words of [
      "0.effect: ",
      "1.method: ",
      "1.nth: ",
      '1.times: must be a whole number from 1, or "all"',
      "2.commit: must be true (the call takes effect) or false (it does not)",
      '3: Unrecognized key: "comit"',
      "4.method: only list can be stale",
      "5.status: ",
      "5.retryAfter: cannot be sent as a header",
      "6.method: only list can be stale",
      "7.method: ",
    ])
      expect(message).toContain(words);
  });

  test("leaves the one that was there", async () => {
    await using emulator = await startEmulator({ faults: [{ method: "list", effect: "cut" }] });
    const before = emulator.faults;
    expect(() => emulator.setFaults({} as never)).toThrow(/^the fault plan is not valid:\n {2}- the plan: /);
    expect(emulator.faults).toBe(before);
  });

  test("does not start an emulator", async () => {
    await expect(startEmulator({ faults: [{ method: "lost" } as never] })).rejects.toThrow(TypeError);
  });
});
