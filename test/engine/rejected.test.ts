import * as pulumi from "@pulumi/pulumi";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { engineStack, kompliant } from "../support/engine.js";

const { getWebhookConfigOutput, Provider, WebhookConfig, WebhookConfigSet } = kompliant;
const at = (path: string) => `https://example.com/kompliant/${path}`;
const boom = (): never => {
  throw new Error("boom");
};

test("an input or option of an inline program that fails stops the deployment before its deletes", async () => {
  await using emulator = await startEmulator({ accountIds: ["lv_one", "lv_two"] });
  const { apiKey, secretKey, authToken } = emulator.credentials;
  const live = () => ["lv_one", "lv_two"].map((account) => emulator.configs(account));
  // biome-ignore lint/suspicious/noExplicitAny: each of them may be anything that fails
  let failing: Record<string, () => any> = {};
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const or = (key: string, good: any): any => failing[key]?.() ?? good;
  await using stack = await engineStack({
    env: emulator.env,
    // Lookups are made by the program itself, in this process.
    config: {
      "kompliant:accountId": { value: "lv_one" },
      "kompliant:baseUrl": { value: emulator.url },
      "kompliant:apiKey": { value: apiKey, secret: true },
      "kompliant:secretKey": { value: secretKey, secret: true },
      "kompliant:authToken": { value: authToken, secret: true },
    },
    program: async () => {
      const provider = new Provider("two", {
        apiKey: or("apiKey", apiKey),
        secretKey,
        authToken,
        accountId: "lv_two",
      });
      new WebhookConfig("by-provider", { url: or("lookup", at("by-provider")) }, { provider });
      new WebhookConfig("single", { url: or("url", at("single")) }, { dependsOn: or("dependsOn", []) });
      new WebhookConfigSet("set", { urls: or("urls", { a: or("a", at("a")), b: at("b") }) });
      if ("id" in failing) WebhookConfig.get("theirs", or("id", ""));
    },
  });
  const good = await stack.up();
  expect(good.ok, good.output).toBe(true);
  const before = live();
  const rejected = () => pulumi.output("x").apply(boom);
  const missing = () => getWebhookConfigOutput({ url: at("nowhere") }).url;
  const none = `account lv_one has no webhook configuration with the URL ${at("nowhere")}. It has: whc_`;
  const cases: readonly [typeof failing, resource: string, says: string][] = [
    [{ url: missing }, "single", `url: ${none}`],
    [{ url: () => Promise.reject(new Error("boom")) }, "single", "url: boom"],
    [{ a: missing }, "set", `urls.a: ${none}`],
    [{ urls: rejected }, "set", "urls: boom"],
    [
      { urls: () => JSON.parse(`{ "__proto__": "${at("c")}" }`) },
      "set",
      'urls: "__proto__" cannot be a name',
    ],
    [{ urls: () => JSON.parse(`{ "toString": "${at("c")}" }`) }, "set", 'urls: "toString" cannot be a name'],
    [
      { url: () => "https://example.com/\ud800" },
      "single",
      'url: "https://example.com/\\ud800" has half a character',
    ],
    [{ dependsOn: () => [rejected()] }, "single", "dependsOn.0: boom"],
    [{ apiKey: rejected }, "two", "apiKey: boom"],
    [{ id: rejected }, "theirs", "id: boom"],
  ];
  for (const [next, resource, says] of cases) {
    failing = next;
    const { ok, output } = await stack.up();
    expect(ok).toBe(false);
    expect(output).toContain(resource);
    expect(output).toContain(says);
    expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(live()).toEqual(before);
  }
  failing = {};
  expect(await stack.up()).toMatchObject({ ok: true, changes: { same: 5 } });
});
