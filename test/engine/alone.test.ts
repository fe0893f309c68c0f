import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { type EngineStack, engineStack, kompliant } from "../support/engine.js";
import { at, refused, succeeded } from "../support/takeover.js";

const { Provider, WebhookConfig, WebhookConfigSet } = kompliant;
const REFUSAL = "removes whatever it does not declare in account";

interface Scene {
  readonly emulator: Emulator;
  readonly stack: EngineStack;
  readonly accountId: string;
  /** Nothing was deleted, and all that is there is in state. */
  nothingIsLost(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param isKnown whether the program can know the account of resources that name none, and not only the engine */
async function scene(program: PulumiFn, isKnown: boolean): Promise<Scene> {
  const emulator = await startEmulator();
  const [accountId = ""] = emulator.accountIds;
  const stack = await engineStack({
    env: emulator.env,
    program,
    ...(isKnown ? { config: { "kompliant:accountId": { value: accountId } } } : {}),
  });
  return {
    emulator,
    stack,
    accountId,
    nothingIsLost: async () => {
      expect(callsOf(emulator)).toMatchObject({ delete: 0 });
      const resources = await stack.resources();
      const stated = resources.flatMap(({ id, outputs }) => Object.values(outputs["ids"] ?? { only: id }));
      expect(new Set(stated)).toEqual(new Set(emulator.configs().map(({ config_id }) => config_id)));
    },
    [Symbol.asyncDispose]: async () => {
      await stack.dispose();
      await emulator.close();
    },
  };
}

const removing = (name = "set") =>
  new WebhookConfigSet(name, { urls: { one: at("one") }, foreign: "remove" });

test("a resource with the very name of the set is another resource", async () => {
  const program = async () => {
    removing("prod");
    new WebhookConfig("prod", { url: at("single") });
  };
  await using it = await scene(program, true);
  refused(await it.stack.preview(), `the set "prod" ${REFUSAL}`, `and "prod" is in the same account`);
});

test("a resource whose URL is known only once the set is there is in its account all the same", async () => {
  await using it = await scene(async () => {
    new WebhookConfig("first", { url: at("first") });
  }, true);
  succeeded(await it.stack.up());
  it.stack.setProgram(async () => {
    const set = removing();
    new WebhookConfig("first", { url: set.others.apply(() => at("first")) });
  });
  refused(await it.stack.preview(), `the set "set" ${REFUSAL} ${it.accountId}, and "first"`);
  refused(await it.stack.up(), REFUSAL);
  await it.nothingIsLost();
});

test("so is one of a provider with a base URL of its own, which may lead to the same account", async () => {
  await using other = await startEmulator();
  await using it = await scene(async () => {
    const { apiKey, secretKey, authToken } = other.credentials;
    const provider = new Provider("eu", { apiKey, secretKey, authToken, baseUrl: other.url });
    removing();
    new WebhookConfig("single", { url: at("single") }, { provider });
  }, true);
  refused(await it.stack.preview(), `the set "set" ${REFUSAL} ${it.accountId}, and "single"`);
});

test.each([
  ["the set first", true],
  ["the other first", false],
])(
  "an account that only the engine knows is refused by check, before anything is removed: %s",
  async (_, setFirst) => {
    const parts = [() => removing(), () => new WebhookConfig("single", { url: at("single"), accountId })];
    await using it = await scene(async () => {
      for (const declare of setFirst ? parts : parts.toReversed()) declare();
    }, false);
    const { accountId } = it;
    refused(await it.stack.preview(), `a set of this program ${REFUSAL} ${accountId}`);
    refused(await it.stack.up(), `a set of this program ${REFUSAL} ${accountId}`);
    await it.nothingIsLost();

    it.stack.setProgram(async () => {
      parts[1]?.();
    });
    succeeded(await it.stack.up());
    it.stack.setProgram(async () => {
      for (const declare of setFirst ? parts : parts.toReversed()) declare();
    });
    it.emulator.clearRequests();
    refused(await it.stack.up(), `a set of this program ${REFUSAL} ${accountId}`);
    await it.nothingIsLost();
  },
);

test("what another provider's process has created or stands for is not removed, whatever the program could tell", async () => {
  let withSet = true;
  await using it = await scene(async () => {
    const { apiKey, secretKey, authToken } = it.emulator.credentials;
    const provider = new Provider("eu", { apiKey, secretKey, authToken, baseUrl: it.emulator.url });
    const single = new WebhookConfig("single", { url: at("single") }, { provider });
    if (withSet)
      new WebhookConfigSet("set", { urls: { one: at("one") }, foreign: "remove" }, { dependsOn: [single] });
  }, false);
  succeeded(await it.stack.up());
  await it.nothingIsLost();
  expect(it.emulator.configs()).toHaveLength(2);

  withSet = false;
  succeeded(await it.stack.up());
  expect(it.emulator.configs().map(({ url }) => url)).toEqual([at("single")]);
  it.emulator.clearRequests();
  withSet = true;
  succeeded(await it.stack.up());
  await it.nothingIsLost();
  expect(it.emulator.configs()).toHaveLength(2);
});
