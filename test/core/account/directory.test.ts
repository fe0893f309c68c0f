import { describe, expect, test } from "vitest";
import { createActivity } from "../../../provider/src/core/account/activity.js";
import type { AccountConflict } from "../../../provider/src/core/account/conflicts.js";
import { createDirectory } from "../../../provider/src/core/account/directory.js";
import { KompliantError } from "../../../provider/src/core/api/errors.js";
import { type Operation, startOperation } from "../../../provider/src/core/api/operation.js";
import { type Change, playRun } from "../../support/engineOrder.js";
import { ruledAccount } from "../../support/ruledAccount.js";
import { seed } from "../../support/seed.js";
import { virtualTime } from "../../support/virtualTime.js";

const at = (i: number | string) => `https://host-${i}.example.com/hook`;

function scene() {
  const time = virtualTime(seed);
  const urls = new Map<string, string>();
  const account = ruledAccount(time.runtime, urls);
  const activity = createActivity(time.runtime);
  const directory = createDirectory(account, time.runtime, activity);
  const lists = () => account.calls.filter(({ method }) => method === "list").length;
  return { ...time, urls, account, activity, directory, lists };
}

describe("creates are read back together", () => {
  test.each([1, 2, 3, 8, 16, 20])("20 of them, %i at a time, with one list a wave", async (parallel) => {
    const { until, runtime, activity, directory, lists, urls } = scene();
    const started = runtime.now();
    const changes = Array.from({ length: 20 }, (_, i): Change => ({ kind: "create", to: at(i) }));
    const outcomes = await until(playRun(directory, runtime, activity, changes, parallel));
    expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(urls.size).toBe(20);
    const waves = Math.ceil(20 / parallel);
    expect(lists()).toBe(waves + 1);
    // A wave has up to 20 arrivals 6 ms apart, a create and a list of up to 42 ms each; only once is it waited for
    // company in vain.
    expect(runtime.now() - started).toBeLessThan(250 + 42 + waves * (Math.min(20, parallel) * 6 + 2 * 42));
  });

  test.each([1, 2, 3, 8, 16])(
    "…and where the program tells that it is %i, nothing else is waited for",
    async (parallel) => {
      const { until, runtime, activity, directory, lists } = scene();
      const started = runtime.now();
      const changes = Array.from({ length: 20 }, (_, i): Change => ({ kind: "create", to: at(i) }));
      await until(playRun(directory, runtime, activity, changes, parallel, { parallel }));
      const waves = Math.ceil(20 / parallel);
      expect(lists()).toBe(waves + 1);
      expect(runtime.now() - started).toBeLessThan(42 + waves * (parallel * 6 + 2 * 42));
    },
  );

  test("one alone waits for nobody, once the program has said that it is alone", async () => {
    const { until, runtime, activity, directory, lists } = scene();
    const started = runtime.now();
    await until(playRun(directory, runtime, activity, [{ kind: "create", to: at(1) }], 8));
    expect(lists()).toBe(2);
    expect(runtime.now() - started).toBeLessThan(3 * 42 + 6);
  });

  test("one that comes late, from a program that counts nothing, is waited for and shares the list", async () => {
    const { until, runtime, activity, directory, lists } = scene();
    const create = (i: number) =>
      activity.operation(at(i), async () => {
        const op = startOperation(runtime, directory.accountId, "create", 120_000);
        return directory.readBack(await directory.create(at(i), op), at(i), op);
      });
    const late = runtime.sleep(200).then(() => create(2));
    await until(Promise.all([create(1), late]));
    expect(lists()).toBe(2);
  });
});

test("an operation ends with its time, however busy the others are", async () => {
  const { until, runtime, activity, directory, urls, account } = scene();
  urls.set("whc_theirs", at("theirs"));
  urls.set("whc_own", at("own"));
  const others = (async () => {
    for (let i = 0; i < 100; i++) {
      await runtime.sleep(500);
      activity.touch();
    }
  })();
  const op = startOperation(runtime, directory.accountId, "move", 10_000);
  const move = directory.update("whc_own", at("theirs"), op).catch((error: unknown) => error);
  const error = await until(move);
  expect(error).toMatchObject({ conflict: { kind: "url-taken", holder: "whc_theirs" } });
  expect(runtime.now() - op.startedAt).toBeGreaterThanOrEqual(10_000);
  expect(runtime.now() - op.startedAt).toBeLessThan(10_100);
  expect(account.calls.filter(({ method, ok }) => method === "update" && ok)).toEqual([]);
  await until(others);
});

test("an answer that is lost about another's move says nothing about the create that needed it", async () => {
  const { until, runtime, account, directory, urls } = scene();
  const { accountId, update } = account;
  urls.set("whc_mover", at("wanted"));
  const lost = { kind: "unanswered", reason: "reset" } as const;
  const refusal = {
    kind: "refused",
    status: 400,
    errors: [{ code: "BAD_REQUEST", message: "no", details: [] }],
  } as const;
  account.update = async (id, url, op) => {
    await update(id, url, op);
    op.uncertain = true;
    throw new KompliantError({ method: "webhook.config.update", accountId }, lost, "https://api");
  };
  account.create = async () => {
    throw new KompliantError({ method: "webhook.config.create", accountId }, refusal, "https://api");
  };
  directory.announce("whc_mover", at("wanted"), at("new"));
  const op = startOperation(runtime, accountId, "create", 10_000);
  const error = await until(directory.create(at("wanted"), op).catch((reason: unknown) => reason));
  expect([...urls]).toEqual([["whc_mover", at("new")]]);
  expect(error).toMatchObject({ name: "KompliantError", code: "BAD_REQUEST" });
});

test.each(["create", "update"] as const)(
  "a %s that a proxy answers, in an account that then cannot be listed, is told as not found out",
  async (method) => {
    const { until, runtime, account, directory, urls } = scene();
    const { accountId } = account;
    urls.set("whc_own", at("own"));
    const failed = (status: number) => {
      const failure = { kind: "unreadable", status, contentType: "text/html", excerpt: "proxy" } as const;
      return new KompliantError({ method: `webhook.config.${method}`, accountId }, failure, "https://api");
    };
    const turnedAway = async (op: Operation): Promise<never> => {
      account.list = async () => {
        throw failed(404);
      };
      op.uncertain = true;
      throw failed(403);
    };
    account.create = (_, op) => turnedAway(op);
    account.update = (_, __, op) => turnedAway(op);
    const op = startOperation(runtime, accountId, method, 10_000);
    await until(directory.list(op));
    const work = method === "create" ? directory.create(at(1), op) : directory.update("whc_own", at(1), op);
    const error = await until(Promise.resolve(work).catch((reason: unknown) => reason));
    const told = method === "create" ? { conflict: { kind: "unsettled", url: at(1) } } : {};
    const cause = method === "create" ? (error as AccountConflict).cause : error;
    expect(error).toMatchObject(told);
    expect(cause).toMatchObject({ status: 403, gaveUp: expect.stringContaining("could not be found out") });
  },
);

test("a holder that cannot be moved is asked for with growing pauses, and so announced once", async () => {
  const { until, runtime, account, directory, urls } = scene();
  const { accountId } = account;
  const told: string[] = [];
  runtime.info = (message) => void told.push(message);
  urls.set("whc_mover", at("wanted"));
  let asked = 0;
  account.update = async (_, __, op) => {
    asked++;
    op.attempts++;
    const down = { kind: "unreadable", status: 503, contentType: "", excerpt: "" } as const;
    throw new KompliantError({ method: "webhook.config.update", accountId }, down, "https://api");
  };
  directory.announce("whc_mover", at("wanted"), at("new"));
  const op = startOperation(runtime, accountId, "create", 120_000);
  const error = await until(directory.create(at("wanted"), op).catch((reason: unknown) => reason));
  expect(error).toBeInstanceOf(Error);
  expect([...urls]).toEqual([["whc_mover", at("wanted")]]);
  // Half a second, doubled up to eight, makes two dozen at the worst of luck; without that they would be hundreds.
  expect(asked).toBeLessThan(60);
  expect(told.filter((line) => line.includes("503"))).toHaveLength(1);
});
