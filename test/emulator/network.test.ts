import { describe, expect, test } from "vitest";
import { createHttp, type Http } from "../../provider/src/core/api/http.js";
import { type Runtime, systemRuntime } from "../../provider/src/core/api/runtime.js";
import { resolveSettings } from "../../provider/src/core/api/settings.js";
import { type Emulator, type Fault, startEmulator } from "../../provider/src/emulator/index.js";
import { networkIn } from "../support/network.js";
import { mulberry32, virtualTime } from "../support/virtualTime.js";
import { accountId as account_id, create } from "./call.js";

const [A, B, C] = ["a", "b", "c"].map((word) => `https://example.com/${word}`) as [string, string, string];
const SEED = 1;

/** What a caller sees and what is left when two calls of each of these methods have been made. */
async function seen(http: Http, emulator: Emulator, timeoutMs: number) {
  const configId = emulator.put(A, { configId: "whc_a" });
  emulator.change(configId, B);
  const params = { create: create(C), list: { account_id }, get: { account_id, config_id: configId } };
  const replies: unknown[] = [];
  for (const [method, body] of [...Object.entries(params), ...Object.entries(params)])
    replies.push(await http.post(`webhook.config.${method}`, JSON.stringify(body), timeoutMs));
  return { replies, log: emulator.requests, configs: emulator.configs(), faults: emulator.faults };
}

function httpOf({ env }: Emulator, runtime: Runtime): Http {
  const resolved = resolveSettings({ get: () => undefined }, env);
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  return createHttp(resolved.settings, runtime);
}

async function overSocket(faults: readonly Fault[], timeoutMs: number) {
  const { runtime } = virtualTime(SEED);
  const clock = () => new Date(runtime.date());
  await using emulator = await startEmulator({ faults, clock, random: mulberry32(SEED) });
  return await seen(httpOf(emulator, systemRuntime), emulator, timeoutMs);
}

async function inProcess(faults: readonly Fault[], timeoutMs: number) {
  const time = virtualTime(SEED);
  const clock = () => new Date(Date.parse("2026-01-01T00:00:00.000Z"));
  const network = networkIn(time.runtime, SEED, { faults, clock, random: mulberry32(SEED) });
  const http = httpOf(network, { ...time.runtime, dispatcher: network.dispatcher });
  const all = await time.until(seen(http, network, timeoutMs));
  return { all, ms: time.runtime.now() };
}

const each = { method: "*" } as const;
describe("the network without sockets is like the one with them", () => {
  test.each<[string, readonly Fault[]]>([
    ["no fault", []],
    ["latency", [{ ...each, effect: "latency", ms: 20 }]],
    ["drop, not committed", [{ ...each, effect: "drop", commit: false }]],
    ["drop, committed", [{ ...each, effect: "drop", commit: true }]],
    ["reset, not committed", [{ ...each, effect: "reset", commit: false }]],
    ["reset, committed", [{ ...each, effect: "reset", commit: true }]],
    ["a page", [{ ...each, effect: "status", status: 503 }]],
    ["a page, committed", [{ ...each, effect: "status", status: 502, commit: true }]],
    ["foreign JSON", [{ ...each, effect: "status", status: 200, body: "json" }]],
    ["nothing but a status", [{ ...each, effect: "status", status: 504, body: "empty" }]],
    ["Retry-After", [{ ...each, effect: "status", status: 429, retryAfter: "7" }]],
    ["cut, committed", [{ ...each, effect: "cut" }]],
    ["cut, not committed", [{ ...each, effect: "cut", commit: false }]],
    ["stale", [{ method: "list", effect: "stale", behind: 2 }]],
  ])("%s", async (_, faults) => {
    const { all } = await inProcess(faults, 10_000);
    expect(all).toEqual(await overSocket(faults, 10_000));
    expect(all.log).toHaveLength(6);
  });

  test.each([false, true])("never, committed %s", async (commit) => {
    const faults: Fault[] = [{ ...each, effect: "never", commit }];
    const { all } = await inProcess(faults, 300);
    expect(all).toEqual(await overSocket(faults, 300));
    expect(all.replies[0]).toEqual({ kind: "unanswered", reason: "no complete answer within 0.3 s" });
  });
});

test("waiting takes virtual time alone", async () => {
  const since = performance.now();
  const { all, ms } = await inProcess([{ ...each, effect: "never", commit: true, times: "all" }], 600_000);
  expect(all.replies).toHaveLength(6);
  expect(ms).toBeGreaterThanOrEqual(6 * 600_000);
  expect(performance.now() - since).toBeLessThan(10_000);
});

test("a call that was given up takes effect if a fault alone holds it back, and none once it is closed", async () => {
  for (const isClosed of [false, true]) {
    const { runtime, until } = virtualTime(SEED);
    const network = networkIn(runtime, SEED, { faults: [{ ...each, effect: "latency", ms: 5_000 }] });
    const http = httpOf(network, { ...runtime, dispatcher: network.dispatcher });
    const reply = await until(http.post("webhook.config.create", JSON.stringify(create(A)), 1_000));
    expect(reply).toMatchObject({ kind: "unanswered" });
    expect(network.configs()).toEqual([]);
    if (isClosed) await network.close();
    await until(runtime.sleep(10_000));
    expect(network.configs()).toHaveLength(isClosed ? 0 : 1);
  }
});
