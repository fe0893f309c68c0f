import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../../support/calls.js";
import { type EngineStack, engineStack } from "../../support/engine.js";
import { classes, plugins } from "../../support/plugin.js";
import type { ShellName } from "../../support/shellUnderTest.js";
import { at, succeeded } from "../../support/takeover.js";

const ACCOUNTS = ["lv_one", "lv_two"] as const;

/** Every endpoint of both accounts: URL to id. */
const endpointsOf = (emulator: Emulator) =>
  Object.fromEntries(
    ACCOUNTS.flatMap((account) => emulator.configs(account)).map(({ url, config_id }) => [url, config_id]),
  );

/** The types of a stack's resources, and how often state has the constant text. */
async function stored(stack: EngineStack) {
  const types = (await stack.resources()).map(({ type }) => type);
  return {
    types: [...new Set(types)].sort(),
    texts: (await stack.state()).match(/__provider/g)?.length ?? 0,
  };
}

test("from the dynamic types to the plugin's and back: one update of what changes, every id kept, and all of it can be refreshed and destroyed", async () => {
  await using emulator = await startEmulator({ accountIds: ACCOUNTS });
  const imported = emulator.put(at("imported"));
  emulator.put(at("adopted"));
  const { apiKey, secretKey, authToken } = emulator.credentials;
  let shell: ShellName = "dynamic";
  let url = at("single");
  await using stack = await engineStack({
    env: emulator.env,
    settings: plugins,
    program: async () => {
      const { endpoint, set, key, activation, provider } = classes[shell];
      endpoint("single", { url });
      endpoint("adopted", { url: at("adopted"), adoptExisting: true });
      endpoint("imported", { url: at("imported") }, { import: imported });
      set("set", { urls: { a: at("a"), b: at("b") } });
      const account = { accountId: "lv_two", baseUrl: emulator.url };
      const eu = provider("eu", { apiKey, secretKey, authToken, ...account });
      endpoint("explicit", { url: at("explicit") }, { provider: eu });
      set("explicit-set", { urls: { x: at("x") } }, { provider: eu });
      activation("activation", { keyId: key("key", { keepers: { month: "1" } }).id });
    },
  });
  succeeded(await stack.up());
  const before = endpointsOf(emulator);
  const keys = emulator.keys();
  const movedTo = (next: string) => {
    const { [url]: id, ...others } = endpointsOf(emulator);
    url = next;
    return { ...others, [next]: id };
  };

  shell = "plugin";
  let expected = movedTo(at("by-the-plugin"));
  emulator.clearRequests();
  // The explicit provider is another one of the same name.
  expect(succeeded(await stack.up()).changes).toEqual({ create: 1, delete: 1, same: 8, update: 1 });
  expect(callsOf(emulator)).toMatchObject({ create: 0, update: 1, delete: 0 });
  expect(emulator.keys()).toEqual(keys);
  expect(endpointsOf(emulator)).toEqual(expected);
  expect(succeeded(await stack.refresh()).changes).toEqual({ same: 10 });
  expect(await stored(stack)).toEqual({
    types: [
      "kompliant:index:WebhookConfig",
      "kompliant:index:WebhookConfigSet",
      "kompliant:index:WebhookKey",
      "kompliant:index:WebhookKeyActivation",
    ],
    texts: 0,
  });

  shell = "dynamic";
  expected = movedTo(at("by-the-package"));
  emulator.clearRequests();
  // Whatever state has no constant text gets one, which is an update without a write.
  const back = { create: 1, delete: 1, same: 1, update: 8 };
  expect(succeeded(await stack.preview()).changes).toEqual(back);
  expect(succeeded(await stack.up()).changes).toEqual(back);
  expect(callsOf(emulator)).toMatchObject({ create: 0, update: 1, delete: 0 });
  expect(endpointsOf(emulator)).toEqual(expected);
  expect(succeeded(await stack.refresh()).changes).toEqual({ same: 10 });
  expect(await stored(stack)).toEqual({
    types: [
      "pulumi-nodejs:dynamic/kompliant:WebhookConfig",
      "pulumi-nodejs:dynamic/kompliant:WebhookConfigSet",
      "pulumi-nodejs:dynamic/kompliant:WebhookKey",
      "pulumi-nodejs:dynamic/kompliant:WebhookKeyActivation",
    ],
    texts: 16,
  });
  expect(Object.values(endpointsOf(emulator)).sort()).toEqual(Object.values(before).sort());
  expect(emulator.keys()).toEqual(keys);
  expect(await stack.state()).not.toContain(keys[0]?.shared_secret);
  succeeded(await stack.destroy());
  expect(endpointsOf(emulator)).toEqual({});
});

test.each([
  ["dynamic", "plugin"],
  ["plugin", "dynamic"],
] as const)(
  "both in one deployment: what the %s type gives up, a new name of the %s type takes over, and it is not deleted",
  async (from, to) => {
    await using emulator = await startEmulator({ accountIds: ACCOUNTS });
    let isHandedOver = false;
    await using stack = await engineStack({
      env: emulator.env,
      settings: plugins,
      program: async () => {
        classes[from].endpoint("stays", { url: at("stays") });
        if (!isHandedOver) classes[from].endpoint("old", { url: at("kept") });
        classes[to].endpoint("neighbour", { url: at("neighbour") });
        if (isHandedOver) classes[to].endpoint("new", { url: at("kept"), adoptExisting: true });
      },
    });
    succeeded(await stack.up());
    const before = endpointsOf(emulator);
    expect(Object.keys(before).sort()).toEqual([at("kept"), at("neighbour"), at("stays")]);
    isHandedOver = true;
    emulator.clearRequests();
    const up = succeeded(await stack.up());
    expect(up.changes).toEqual({ create: 1, delete: 1, same: 3 });
    expect(up.output).toContain(
      `${before[at("kept")]} (${at("kept")}) was handed over to another resource of this stack: it is not deleted`,
    );
    expect(callsOf(emulator)).toMatchObject({ create: 0, update: 0, delete: 0 });
    expect(endpointsOf(emulator)).toEqual(before);
  },
);
