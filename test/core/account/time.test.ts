import { type Emulator, type Fault, startEmulator } from "pulumi-kompliant/emulator";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Account, createAccount } from "../../../provider/src/core/account/account.js";
import { createEvents } from "../../../provider/src/core/account/events.js";
import { createCalls } from "../../../provider/src/core/api/calls.js";
import { createClient } from "../../../provider/src/core/api/client.js";
import { type Operation, startOperation } from "../../../provider/src/core/api/operation.js";
import { cancellable, systemRuntime } from "../../../provider/src/core/api/runtime.js";
import { resolveSettings } from "../../../provider/src/core/api/settings.js";

const OLD = "https://example.com/old";
const NEW = "https://example.com/new";
const HOUR_MS = 3_600_000;

let emulator: Emulator;
let said: string[];
let cancel: AbortController;

beforeEach(async () => {
  emulator = await startEmulator();
  said = [];
  cancel = new AbortController();
});
afterEach(async () => {
  vi.useRealTimers();
  await emulator.close();
});

const never = (method: Fault["method"]): Fault => ({ method, times: "all", effect: "never", commit: false });

/** @param ms how long an operation may last */
function scene(ms: number, config: Record<string, string> = {}) {
  const all: Record<string, string> = { baseUrl: emulator.url, ...config };
  const resolved = resolveSettings({ get: (key) => all[key] }, emulator.env);
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  const runtime = cancellable(
    { ...systemRuntime, info: (message: string) => void said.push(message) },
    cancel.signal,
  );
  const accountId = emulator.accountIds[0] ?? "";
  const account = createAccount(
    createClient(
      accountId,
      createCalls({ ...resolved.settings, operationTimeoutMs: ms }, accountId, runtime),
    ),
    runtime,
    createEvents(runtime),
    () => false,
  );
  return { account, start: () => startOperation(runtime, runtime, accountId, "test", ms) };
}

const write: Record<string, (account: Account, id: string, op: Operation) => Promise<unknown>> = {
  create: (account, _, op) => account.create({ url: NEW }, op),
  update: (account, id, op) => account.move(id, { url: NEW }, op),
  delete: (account, id, op) => account.remove(id, op),
};

test.each(["create", "update", "delete"] as const)(
  "a %s that takes effect when its time is over is found by one more look",
  async (method) => {
    const id = emulator.put(OLD);
    const { account, start } = scene(600);
    emulator.setFaults([{ method, effect: "never", commit: true }]);
    const done = await write[method]?.(account, id, start());
    const urls = emulator.configs().map(({ url }) => url);
    expect(urls).toEqual({ create: [OLD, NEW], update: [NEW], delete: [] }[method]);
    if (method === "create") expect(done).toBe(emulator.configs()[1]?.config_id);
    expect(emulator.requests.at(-1)?.method).toBe("webhook.config.list");
  },
);

test.each(["create", "update", "delete"] as const)(
  "a %s that cannot be looked at ends within a second of its time",
  async (method) => {
    const id = emulator.put(OLD);
    const { account, start } = scene(600);
    await account.list(start());
    emulator.setFaults([never(method), never("list")]);
    const started = performance.now();
    await expect(write[method]?.(account, id, start())).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(1_000 + 1_000);
  },
);

test("what waits for others in the account has its time all the same", async () => {
  const { account, start } = scene(400, { maxConcurrentCalls: "1" });
  emulator.setFaults([{ method: "create", times: "all", effect: "latency", ms: 100 }]);
  const urls = Array.from({ length: 12 }, (_, i) => `${NEW}/${i}`);
  const ids = await Promise.all(urls.map((url) => account.create({ url }, start())));
  expect(new Set(ids)).toEqual(new Set(emulator.configs().map(({ config_id }) => config_id)));
  expect(ids).toHaveLength(12);
});

test.each([-HOUR_MS, HOUR_MS])(
  "a system clock that is set by %d ms changes no wait and no limit",
  async (by) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { account, start } = scene(5_000);
    emulator.setFaults([{ method: "create", effect: "drop", commit: true }]);
    const op = start();
    const created = account.create({ url: NEW }, op);
    vi.setSystemTime(Date.now() + by);
    expect(await created).toBe(emulator.configs()[0]?.config_id);
    expect(emulator.configs()).toHaveLength(1);
    expect(performance.now() - op.startedAt).toBeLessThan(5_000);
  },
);

test("a wait is announced until its own end at the latest", async () => {
  const { account, start } = scene(2_500);
  emulator.setFaults([{ method: "list", times: "all", effect: "status", status: 429, retryAfter: "1" }]);
  await expect(account.list(start())).rejects.toThrow();
  emulator.setFaults([]);
  const id = emulator.put(OLD);
  await expect(account.create({ url: OLD }, start())).rejects.toThrow("url-taken");
  expect(id).toBeDefined();
  for (const line of said) {
    const [, until = "", end = ""] = /^waiting until (\S+Z) .* \(giving up at (\S+Z)\)$/.exec(line) ?? [];
    expect(Date.parse(until)).toBeLessThanOrEqual(Date.parse(end));
  }
  expect(said).not.toEqual([]);
});

describe("a deployment that is cancelled", () => {
  const asked = () => expect.poll(() => emulator.requests.length).toBeGreaterThan(0);
  const busy = (method: Fault["method"]): Fault => ({ method, times: "all", effect: "status", status: 503 });

  test.each([
    ["waits to ask again", busy],
    ["is not answered", never],
  ])("ends within a second what %s", async (_, fault) => {
    const { account, start } = scene(60_000);
    emulator.setFaults([fault("list")]);
    const listed = account.list(start());
    const failed = expect(listed).rejects.toThrow("\nthe deployment was cancelled after ");
    await asked();
    const cancelled = performance.now();
    cancel.abort();
    await failed;
    expect(performance.now() - cancelled).toBeLessThan(1_000);
  });

  test("records what a write has done that was not answered yet", async () => {
    const { account, start } = scene(60_000);
    emulator.setFaults([{ method: "create", effect: "never", commit: true }]);
    const created = account.create({ url: NEW }, start());
    await expect.poll(() => emulator.configs()).toHaveLength(1);
    cancel.abort();
    expect(await created).toBe(emulator.configs()[0]?.config_id);
  });

  test("repeats no write, and looks once at what became of it", async () => {
    const { account, start } = scene(60_000);
    emulator.setFaults([busy("create")]);
    const created = account.create({ url: NEW }, start());
    await expect.poll(() => emulator.requests.map(({ method }) => method)).toContain("webhook.config.create");
    cancel.abort();
    await expect(created).rejects.toThrow();
    expect(emulator.configs()).toEqual([]);
    const after = emulator.requests.length;
    await systemRuntime.sleep(100);
    expect(emulator.requests).toHaveLength(after);
  });
});
