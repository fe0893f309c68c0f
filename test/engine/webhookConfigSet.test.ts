import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { engineStack, kompliant } from "../support/engine.js";
import { succeeded } from "../support/takeover.js";

test("refresh shows what is foreign in a set's account as drift, and up leaves it alone", async () => {
  await using emulator = await startEmulator();
  const urls = { one: "https://example.com/1", two: "https://example.com/2" };
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new kompliant.WebhookConfigSet("prod", { urls });
    },
  });
  succeeded(await stack.up());
  const foreign = emulator.put("https://example.com/theirs");
  const refreshed = succeeded(await stack.refresh());
  expect(refreshed.changes).toMatchObject({ update: 1 });
  expect(refreshed.output).toContain(foreign);
  expect(succeeded(await stack.up()).changes).toEqual({ same: 2 });
  expect(emulator.configs()).toHaveLength(3);
});
