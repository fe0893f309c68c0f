import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { engineStack, kompliant } from "../support/engine.js";
import { at, succeeded } from "../support/takeover.js";

const { Provider, WebhookConfig, WebhookConfigSet } = kompliant;

test("what another provider's process has created is not removed by a set that removes", async () => {
  await using emulator = await startEmulator();
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      const { apiKey, secretKey, authToken } = emulator.credentials;
      const provider = new Provider("eu", { apiKey, secretKey, authToken, baseUrl: emulator.url });
      const single = new WebhookConfig("single", { url: at("single") }, { provider });
      new WebhookConfigSet("set", { urls: { one: at("one") }, foreign: "remove" }, { dependsOn: [single] });
    },
  });
  succeeded(await stack.up());
  expect(callsOf(emulator)).toMatchObject({ create: 2, delete: 0 });
});
