import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { engineStack, kompliant } from "../support/engine.js";

const { Provider, WebhookConfig } = kompliant;
const at = (path: number | string) => `https://example.com/kompliant/${path}`;

test("programs that run in one process side by side do not see each other's declarations", async () => {
  await using emulator = await startEmulator();
  const program = async () => {
    for (let i = 0; i < 12; i++) new WebhookConfig(`hook-${i}`, { url: at(i) });
  };
  await using first = await engineStack({ env: emulator.env, program });
  await using second = await engineStack({ env: emulator.env, program });
  for (const preview of await Promise.all([first.preview(), second.preview()]))
    expect(preview, preview.output).toMatchObject({ ok: true, changes: { create: 13 } });
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
