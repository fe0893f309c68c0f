import { readFileSync } from "node:fs";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { type EngineStack, engineStack, kompliant, type StateResource } from "../support/engine.js";

const { Provider, WebhookConfig, WebhookConfigSet } = kompliant;
const at = (path: string) => `https://example.com/kompliant/${path}`;

/**
 * A stack's deployment as version 0.1.0 has written it, credentials being the published sample. Never to be made anew
 * by a later version: stacks in the field keep what 0.1.0 wrote, and a new one would only prove that a version can
 * read itself. A later layout gets a file of its own beside this one.
 */
const written = readFileSync(new URL("state/0.1.0.json", import.meta.url), "utf8");
const EMULATOR = "https://emulator.invalid";

interface Deployment {
  resources: StateResource[];
}

interface Upgraded {
  readonly emulator: Emulator;
  readonly stack: EngineStack;
  /** What the program adds to every path. */
  suffix: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A stack with what 0.1.0 wrote, the program that it was written for, and an account that matches. */
async function upgraded(partial: boolean): Promise<Upgraded> {
  const [main, eu] = ["lv_4K8mPxR9N2jL7hS5TdWfY1", "lv_eu"] as const;
  const emulator = await startEmulator({ accountIds: [main, eu], clock: () => new Date(2026, 5) });
  const { apiKey, secretKey, authToken } = emulator.credentials;
  const stack = await engineStack({
    env: emulator.env,
    program: async () => {
      const { suffix } = it;
      new WebhookConfig("orders", { url: at(`orders${suffix}`) });
      new WebhookConfigSet("rest", {
        urls: { payments: at(`payments${suffix}`), refunds: at(`refunds${suffix}`) },
      });
      const provider = new Provider("eu", {
        apiKey,
        secretKey,
        authToken,
        accountId: eu,
        baseUrl: emulator.url,
      });
      new WebhookConfig("orders-eu", { url: at(`orders${suffix}`) }, { provider });
      if (partial) new WebhookConfig("partial", { url: at(`partial${suffix}`) });
    },
  });
  const it: Upgraded = {
    emulator,
    stack,
    suffix: "",
    [Symbol.asyncDispose]: async () => {
      await stack.dispose();
      await emulator.close();
    },
  };
  const { version, deployment } = JSON.parse(written.replaceAll(EMULATOR, emulator.url));
  const state = deployment as Deployment;
  if (!partial) state.resources = state.resources.filter(({ urn }) => !urn.endsWith("::partial"));
  for (const { id = "", type, outputs } of state.resources) {
    const accountId = String(outputs?.["accountId"]);
    if (type === "pulumi-nodejs:dynamic/kompliant:WebhookConfig")
      emulator.put(String(outputs["url"]), { accountId, configId: id });
    if (type !== "pulumi-nodejs:dynamic/kompliant:WebhookConfigSet") continue;
    const urls = outputs["urls"] as Record<string, string>;
    for (const [name, configId] of Object.entries(outputs["ids"] as Record<string, string>))
      emulator.put(urls[name] ?? "", { accountId, configId });
  }
  await stack.stack.importStack({ version, deployment });
  return it;
}

const account = ({ emulator }: Upgraded) =>
  Object.fromEntries(
    emulator.accountIds.flatMap((id) => emulator.configs(id)).map(({ config_id, url }) => [config_id, url]),
  );

test("state of 0.1.0 is nothing to do, refreshes, is updated in place, and is deleted", async () => {
  await using it = await upgraded(false);
  const before = account(it);
  expect(Object.keys(before)).toHaveLength(4);
  const preview = await it.stack.preview();
  expect(preview, preview.output).toMatchObject({ ok: true, changes: { same: 5 } });
  expect(Object.keys(preview.changes)).toEqual(["same"]);
  expect(it.emulator.requests).toEqual([]);

  // The emulator's times are not those of the state, which is all that differs.
  const refreshed = await it.stack.refresh();
  expect(refreshed.ok, refreshed.output).toBe(true);
  expect(callsOf(it.emulator)).toEqual({ create: 0, get: 0, list: 2, update: 0, delete: 0 });
  expect(await it.stack.preview()).toMatchObject({ ok: true, changes: { same: 5 } });

  it.emulator.clearRequests();
  it.suffix = "/moved";
  const up = await it.stack.up();
  expect(up, up.output).toMatchObject({ ok: true, changes: { update: 3 } });
  expect(callsOf(it.emulator)).toMatchObject({ create: 0, update: 4, delete: 0, get: 0 });
  expect(account(it)).toEqual(
    Object.fromEntries(Object.entries(before).map(([id, url]) => [id, `${url}/moved`])),
  );

  it.emulator.clearRequests();
  expect(await it.stack.destroy()).toMatchObject({ ok: true });
  expect(callsOf(it.emulator)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 4 });
  expect(account(it)).toEqual({});
});

test("state of 0.1.0 can be deleted at once, without a program or a refresh before", async () => {
  await using it = await upgraded(true);
  expect(await it.stack.destroy()).toMatchObject({ ok: true });
  expect(callsOf(it.emulator)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 5 });
  expect(account(it)).toEqual({});
});

test("a resource that 0.1.0 could not read back is completed, without a write", async () => {
  await using it = await upgraded(true);
  const before = account(it);
  const preview = await it.stack.preview();
  expect(preview, preview.output).toMatchObject({ ok: true, changes: { same: 5, update: 1 } });
  expect(it.emulator.requests).toEqual([]);
  const up = await it.stack.up();
  expect(up, up.output).toMatchObject({ ok: true, changes: { same: 5, update: 1 } });
  expect(callsOf(it.emulator)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
  expect(account(it)).toEqual(before);
  const resources = await it.stack.resources();
  const partial = resources.find(({ urn }) => urn.endsWith("::partial"));
  expect(partial?.outputs["createdAt"]).toBe(
    it.emulator.configs().find(({ config_id }) => config_id === partial?.id)?.created_at,
  );
  expect(await it.stack.preview()).toMatchObject({ ok: true, changes: { same: 6 } });
});
