import { describe, expect, test } from "vitest";
import { createAccount } from "../../../provider/src/core/account/account.js";
import type { AccountConflict } from "../../../provider/src/core/account/conflicts.js";
import { createEvents } from "../../../provider/src/core/account/events.js";
import { KompliantError } from "../../../provider/src/core/api/errors.js";
import { startOperation } from "../../../provider/src/core/api/operation.js";
import { type Change, playRun } from "../../support/engineOrder.js";
import { ruledAccount } from "../../support/ruledAccount.js";
import { seed } from "../../support/seed.js";
import { virtualTime } from "../../support/virtualTime.js";

const at = (i: number | string) => `https://host-${i}.example.com/hook`;

function scene() {
  const time = virtualTime(seed);
  const urls = new Map<string, string>();
  const client = ruledAccount(time.runtime, urls);
  const events = createEvents(time.runtime);
  const account = createAccount(client, time.runtime, events, () => false);
  const lists = () => client.calls.filter(({ method }) => method === "list").length;
  return { ...time, urls, client, account, events, lists };
}

describe("creates are read back together", () => {
  test.each([1, 2, 3, 8, 16, 20])("20 of them, %i at a time, with one list a wave", async (parallel) => {
    const { until, runtime, events, account, lists, urls } = scene();
    const started = runtime.now();
    const changes = Array.from({ length: 20 }, (_, i): Change => ({ kind: "create", to: at(i) }));
    const outcomes = await until(playRun(account, runtime, events, changes, parallel));
    expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(urls.size).toBe(20);
    const waves = Math.ceil(20 / parallel);
    expect(lists()).toBe(waves + 1);
    // A wave has up to 20 arrivals 6 ms apart, a create and a list of up to 42 ms each, and a moment of quiet, which is
    // longer in the last one, since fewer are under way.
    expect(runtime.now() - started).toBeLessThan(42 + waves * (Math.min(20, parallel) * 6 + 2 * 42 + 8) + 30);
  });

  test("where the engine works on fewer than before, others are waited for, and share the list", async () => {
    const { until, runtime, events, account, lists } = scene();
    const create = (i: number) => {
      const op = startOperation(runtime, runtime, account.accountId, "create", 120_000);
      return events.operation(
        account.create({ url: at(i) }, op).then((id) => account.readBack(id, { url: at(i) }, op)),
      );
    };
    await until(Promise.all([create(1), create(2)]));
    const before = lists();
    await until(Promise.all([create(3), runtime.sleep(25).then(() => create(4))]));
    expect(lists()).toBe(before + 1);
  });
});

test("who has joined a list goes on when the time of the one who asked for it is over", async () => {
  const { until, runtime, client, account, urls } = scene();
  const { accountId, list } = client;
  const start = (ms: number) => startOperation(runtime, runtime, accountId, "list", ms);
  urls.set("whc_own", at("own"));
  client.list = async (op) => {
    while (runtime.now() < 7_000) {
      if (runtime.now() >= op.deadline)
        throw new KompliantError(
          { method: "webhook.config.list", accountId },
          { kind: "unreadable", status: 503, contentType: "", excerpt: "" },
          "https://api",
          "out of time",
        );
      await runtime.sleep(100);
    }
    return list(op);
  };
  const first = account.list(start(5_000)).catch((error: unknown) => error);
  const joined = runtime.sleep(4_000).then(() => account.list(start(60_000)));
  expect(await until(first)).toMatchObject({ gaveUp: "out of time" });
  expect([...(await until(joined)).keys()]).toEqual(["whc_own"]);
});

test("a create whose answer was lost is found by the list of another, however busy that one is", async () => {
  const { until, runtime, events, client, account, urls } = scene();
  const { accountId, create, list } = client;
  const start = () => startOperation(runtime, runtime, accountId, "create", 10_000);
  const lost = { kind: "unanswered", reason: "reset" } as const;
  client.create = async (config, op) => {
    op.attempts += 2;
    await create(config, op);
    const call = { method: "webhook.config.create", accountId } as const;
    throw new KompliantError(call, lost, "https://api", undefined, true);
  };
  // The list after it lags. What it has not shown, another one shows.
  client.list = async (op) => (await list(op)).filter(() => runtime.now() > 600);
  runtime.random = () => 0.999;
  const created = account.create({ url: at("new") }, start()).catch((error: unknown) => error);
  const others = (async () => {
    urls.set("whc_own", at("own"));
    await runtime.sleep(600);
    await account.move("whc_own", { url: at("moved") }, start());
    await account.list(start());
    for (let i = 0; i < 40; i++) await runtime.sleep(500).then(events.happened);
  })();
  expect(await until(created)).toBe("whc_new1");
  await until(others);
});

test("a proxy's refusal does not settle the create before it, whose answer was lost while lists lag", async () => {
  const { until, runtime, client, account } = scene();
  const { accountId, create, list } = client;
  const call = { method: "webhook.config.create", accountId } as const;
  const proxy = { kind: "unreadable", status: 401, contentType: "text/html", excerpt: "" } as const;
  let sent = 0;
  client.create = async (config, op) => {
    if (++sent > 1) throw new KompliantError(call, proxy, "https://api", undefined, true);
    await create(config, op);
    throw new KompliantError(call, { kind: "unanswered", reason: "reset" }, "https://api", undefined, true);
  };
  client.list = async (op) => (await list(op)).slice(0, 0);
  const op = startOperation(runtime, runtime, accountId, "create", 10_000);
  const error = await until(account.create({ url: at("new") }, op).catch((reason: unknown) => reason));
  expect(error).toMatchObject({ conflict: { kind: "unsettled", url: at("new") }, cause: { status: 401 } });
});

test("an operation ends with its time, however busy the others are", async () => {
  const { until, runtime, events, account, urls, client } = scene();
  urls.set("whc_theirs", at("theirs"));
  urls.set("whc_own", at("own"));
  const others = (async () => {
    for (let i = 0; i < 100; i++) {
      await runtime.sleep(500);
      events.happened();
    }
  })();
  const op = startOperation(runtime, runtime, account.accountId, "move", 10_000);
  const move = account.move("whc_own", { url: at("theirs") }, op).catch((error: unknown) => error);
  const error = await until(move);
  expect(error).toMatchObject({ conflict: { kind: "url-taken", holder: "whc_theirs" } });
  expect(runtime.now() - op.startedAt).toBeGreaterThanOrEqual(10_000);
  expect(runtime.now() - op.startedAt).toBeLessThan(10_100);
  expect(client.calls.filter(({ method, ok }) => method === "update" && ok)).toEqual([]);
  await until(others);
});

test("an answer that is lost about another's move says nothing about the create that needed it", async () => {
  const { until, runtime, client, account, urls } = scene();
  const { accountId, update } = client;
  urls.set("whc_mover", at("wanted"));
  const lost = { kind: "unanswered", reason: "reset" } as const;
  const refusal = {
    kind: "refused",
    status: 400,
    errors: [{ code: "BAD_REQUEST", message: "no", details: [] }],
  } as const;
  client.update = async (id, config, op) => {
    await update(id, config, op);
    throw new KompliantError(
      { method: "webhook.config.update", accountId },
      lost,
      "https://api",
      undefined,
      true,
    );
  };
  client.create = async () => {
    throw new KompliantError({ method: "webhook.config.create", accountId }, refusal, "https://api");
  };
  account.announce("whc_mover", { url: at("wanted") }, { url: at("new") });
  const op = startOperation(runtime, runtime, accountId, "create", 10_000);
  const error = await until(account.create({ url: at("wanted") }, op).catch((reason: unknown) => reason));
  expect([...urls]).toEqual([["whc_mover", at("new")]]);
  expect(error).toMatchObject({ name: "KompliantError", code: "BAD_REQUEST" });
});

test.each(["create", "update"] as const)(
  "a %s that a proxy answers, in an account that then cannot be listed, is told as not found out",
  async (method) => {
    const { until, runtime, client, account, urls } = scene();
    const { accountId } = client;
    urls.set("whc_own", at("own"));
    const failed = (status: number, mayHaveActed: boolean) => {
      const failure = { kind: "unreadable", status, contentType: "text/html", excerpt: "proxy" } as const;
      return new KompliantError(
        { method: `webhook.config.${method}`, accountId },
        failure,
        "https://api",
        undefined,
        mayHaveActed,
      );
    };
    const turnedAway = async (): Promise<never> => {
      client.list = async () => {
        throw failed(404, false);
      };
      throw failed(403, true);
    };
    client.create = turnedAway;
    client.update = turnedAway;
    const op = startOperation(runtime, runtime, accountId, method, 10_000);
    await until(account.list(op));
    const work =
      method === "create" ? account.create({ url: at(1) }, op) : account.move("whc_own", { url: at(1) }, op);
    const error = await until(Promise.resolve(work).catch((reason: unknown) => reason));
    const told = method === "create" ? { conflict: { kind: "unsettled", url: at(1) } } : {};
    const cause = method === "create" ? (error as AccountConflict).cause : error;
    expect(error).toMatchObject(told);
    expect(cause).toMatchObject({ status: 403, gaveUp: expect.stringContaining("could not be found out") });
  },
);

test("a holder that cannot be moved is asked for with growing pauses, and so announced once", async () => {
  const { until, runtime, client, account, urls } = scene();
  const { accountId } = client;
  const told: string[] = [];
  runtime.info = (message) => void told.push(message);
  urls.set("whc_mover", at("wanted"));
  let asked = 0;
  client.update = async (_, __, op) => {
    asked++;
    op.attempts++;
    const down = { kind: "unreadable", status: 503, contentType: "", excerpt: "" } as const;
    throw new KompliantError(
      { method: "webhook.config.update", accountId },
      down,
      "https://api",
      undefined,
      true,
    );
  };
  account.announce("whc_mover", { url: at("wanted") }, { url: at("new") });
  const op = startOperation(runtime, runtime, accountId, "create", 120_000);
  const error = await until(account.create({ url: at("wanted") }, op).catch((reason: unknown) => reason));
  expect(error).toBeInstanceOf(Error);
  expect([...urls]).toEqual([["whc_mover", at("wanted")]]);
  // Half a second, doubled up to eight, makes two dozen at the worst of luck; without that they would be hundreds.
  expect(asked).toBeLessThan(60);
  expect(told.filter((line) => line.includes("503"))).toHaveLength(1);
});
