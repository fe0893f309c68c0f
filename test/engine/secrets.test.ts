import * as pulumi from "@pulumi/pulumi";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { engineStack, kompliant } from "../support/engine.js";

const { WebhookConfig, WebhookConfigSet } = kompliant;
const url = (path: string) => `https://example.com/kompliant/${path}`;

test("URLs may be secrets: deployed, left alone, changed, and encrypted in state", async () => {
  await using emulator = await startEmulator({ accountIds: ["lv_one", "lv_two"] });
  let token = "confidential";
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      const secret = (name: string) => pulumi.secret(url(`${name}?token=${token}`));
      new WebhookConfig("one", { url: secret("one") });
      new WebhookConfigSet("two", { accountId: "lv_two", urls: { a: secret("a"), b: url("b") } });
    },
  });
  const created = await stack.up();
  expect(created.ok, created.output).toBe(true);
  expect(await stack.state()).not.toContain(token);
  expect(await stack.up()).toMatchObject({ ok: true, changes: { same: 3 } });
  const ids = ["lv_one", "lv_two"].flatMap((account) => emulator.configs(account).map((c) => c.config_id));
  token = "another";
  expect(await stack.up()).toMatchObject({ ok: true, changes: { update: 2, same: 1 } });
  const live = ["lv_one", "lv_two"].flatMap((account) => emulator.configs(account));
  expect(live.map(({ config_id }) => config_id)).toEqual(ids);
  expect(new Set(live.map((each) => each.url))).toEqual(
    new Set([url("one?token=another"), url("a?token=another"), url("b")]),
  );
  expect(await stack.state()).not.toContain("another");
});
