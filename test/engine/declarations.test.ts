import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { engineStack, kompliant } from "../support/engine.js";

const { Provider, WebhookConfig, WebhookConfigSet } = kompliant;
const FIRST = "lv_first";
const SECOND = "lv_second";
const at = (path: number | string) => `https://example.com/kompliant/${path}`;

test("programs that run in one process, side by side or again and again, do not see each other's declarations", async () => {
  await using emulator = await startEmulator({ accountIds: [FIRST, SECOND] });
  const declareTwelve = async () => {
    for (let i = 0; i < 12; i++) new WebhookConfig(`hook-${i}`, { url: at(i) });
  };
  const options = { env: emulator.env, program: declareTwelve };
  await using first = await engineStack({ ...options, config: { "kompliant:accountId": { value: FIRST } } });
  await using second = await engineStack({ ...options, config: { "kompliant:accountId": { value: FIRST } } });

  const previews = await Promise.all([first.preview(), second.preview()]);
  for (const preview of [...previews, await first.preview()])
    expect(preview, preview.output).toMatchObject({ ok: true, changes: { create: 13 } });

  await second.stack.setConfig("kompliant:accountId", { value: SECOND });
  const ups = await Promise.all([first.up(), second.up()]);
  for (const up of [...ups, await first.up(), await second.up()]) expect(up.ok, up.output).toBe(true);
  expect([FIRST, SECOND].map((account) => emulator.configs(account).length)).toEqual([12, 12]);
  expect(callsOf(emulator)).toMatchObject({ create: 24, update: 0, delete: 0, get: 0 });
});

test("20 in each of two accounts, with the same URLs, are no conflict; twice in one account is one, by whichever providers", async () => {
  await using emulator = await startEmulator({ accountIds: [FIRST, SECOND] });
  const { apiKey, secretKey, authToken } = emulator.credentials;
  let more = (_provider: InstanceType<typeof Provider>) => {};
  await using stack = await engineStack({
    env: emulator.env,
    config: { "kompliant:accountId": { value: FIRST } },
    program: async () => {
      const provider = new Provider("other", { apiKey, secretKey, authToken, accountId: SECOND });
      for (let i = 0; i < 20; i++) {
        new WebhookConfig(`here-${i}`, { url: at(i) });
        new WebhookConfig(`there-${i}`, { url: at(i) }, { provider });
      }
      more(provider);
    },
  });
  const up = await stack.up();
  expect(up.ok, up.output).toBe(true);
  expect([FIRST, SECOND].map((account) => emulator.configs(account).length)).toEqual([20, 20]);

  emulator.clearRequests();
  expect(await stack.refresh()).toMatchObject({ ok: true });
  expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 2, update: 0, delete: 0 });
  expect(new Set(emulator.requests.map(({ accountId }) => accountId))).toEqual(new Set([FIRST, SECOND]));

  for (const samePath of [true, false]) {
    more = (provider) => {
      const again = { url: at(0), accountId: SECOND };
      new WebhookConfig("again", again, samePath ? { provider } : {});
    };
    const preview = await stack.preview();
    expect(preview.ok).toBe(false);
    expect(preview.output).toMatch(/"(there-0" and "again|again" and "there-0)" declare the same URL/);
    expect(preview.output).toContain(`declare the same URL ${at(0)} in account ${SECOND}`);
  }

  more = () => new WebhookConfigSet("all", { urls: {}, accountId: SECOND, foreign: "remove" });
  const preview = await stack.preview();
  expect(preview.ok).toBe(false);
  expect(preview.output).toMatch(
    new RegExp(`"all" removes whatever it does not declare in account ${SECOND}, and "there-\\d+" is in`),
  );
});

test("one URL in accounts with one id, each behind a base URL of its own, is no conflict", async () => {
  await using emulator = await startEmulator();
  await using other = await startEmulator();
  const { apiKey, secretKey, authToken } = other.credentials;
  const [accountId = ""] = emulator.accountIds;
  await using stack = await engineStack({
    env: emulator.env,
    // Not only in the environment of the engine, so that the program knows the account too.
    config: { "kompliant:accountId": { value: accountId } },
    program: async () => {
      const provider = new Provider("other", { apiKey, secretKey, authToken, baseUrl: other.url });
      new WebhookConfig("here", { url: at("orders") });
      new WebhookConfig("there", { url: at("orders") }, { provider });
    },
  });
  const up = await stack.up();
  expect(up.ok, up.output).toBe(true);
  const accounts = [emulator, other].map(({ accountIds, configs }) => [accountIds, configs()[0]?.url]);
  expect(accounts).toEqual([accounts[1], accounts[0]]);
  expect(accounts[0]?.[1]).toBe(at("orders"));
});

test("a URL that is known only after apply is held against the others once it is known", async () => {
  await using emulator = await startEmulator();
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      const orders = new WebhookConfig("orders", { url: at("orders") });
      new WebhookConfig("copy", { url: orders.id.apply(() => at("orders")) });
    },
  });
  const preview = await stack.preview();
  expect(preview.ok, preview.output).toBe(true);
  const up = await stack.up();
  expect(up.ok).toBe(false);
  expect(up.output).toContain(`"orders" and "copy" declare the same URL ${at("orders")}`);
  expect(emulator.configs()).toHaveLength(1);
});

test("replaceOnChanges deletes the old configuration first, so that the new one collides with nothing", async () => {
  await using emulator = await startEmulator();
  let url = at("orders");
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfig("orders", { url }, { replaceOnChanges: ["url"] });
    },
  });
  await stack.up();
  const before = emulator.configs()[0]?.config_id;
  for (let i = 1; i < 20; i++) emulator.put(at(i));
  emulator.clearRequests();
  url = at("moved");
  const up = await stack.up();
  expect(up, up.output).toMatchObject({ ok: true, changes: { replace: 1 } });
  const writes = emulator.requests
    .map(({ method }) => method.split(".").at(-1))
    .filter((method) => method !== "list");
  expect(writes).toEqual(["delete", "create"]);
  expect(emulator.configs()).toHaveLength(20);
  expect(emulator.configs().map(({ config_id }) => config_id)).not.toContain(before);
});
