import { createRequire } from "node:module";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { systemRuntime } from "../../provider/src/core/api/runtime.js";
import { alone } from "../../provider/src/core/peers.js";
import { createDynamicShell } from "../../provider/src/shells/dynamic/shell.js";
import {
  WEBHOOK_CONFIG_SET_TEXT,
  WEBHOOK_CONFIG_SET_TYPE,
  WEBHOOK_CONFIG_TEXT,
  WEBHOOK_CONFIG_TYPE,
  WEBHOOK_KEY_ACTIVATION_TEXT,
  WEBHOOK_KEY_ACTIVATION_TYPE,
  WEBHOOK_KEY_TEXT,
  WEBHOOK_KEY_TYPE,
} from "../../provider/src/shells/dynamic/text.js";

const require = createRequire(import.meta.url);

// Every resource that was ever deployed keeps the text in its state, and the engine runs the text found there to
// refresh and delete it. The type token is part of every URN. Changing any of these strands all existing stacks, so
// these literals may never be adapted to the code.
test("the constant texts, the module path in them and the type tokens never change", () => {
  expect(WEBHOOK_CONFIG_TEXT).toBe('exports.handler=()=>require("pulumi-kompliant/dynamic").provider');
  expect(WEBHOOK_CONFIG_TYPE).toBe("pulumi-nodejs:dynamic/kompliant:WebhookConfig");
  expect(WEBHOOK_CONFIG_SET_TEXT).toBe('exports.handler=()=>require("pulumi-kompliant/dynamic").setProvider');
  expect(WEBHOOK_CONFIG_SET_TYPE).toBe("pulumi-nodejs:dynamic/kompliant:WebhookConfigSet");
  expect(WEBHOOK_KEY_TEXT).toBe('exports.handler=()=>require("pulumi-kompliant/dynamic").keyProvider');
  expect(WEBHOOK_KEY_TYPE).toBe("pulumi-nodejs:dynamic/kompliant:WebhookKey");
  expect(WEBHOOK_KEY_ACTIVATION_TEXT).toBe(
    'exports.handler=()=>require("pulumi-kompliant/dynamic").keyActivationProvider',
  );
  expect(WEBHOOK_KEY_ACTIVATION_TYPE).toBe("pulumi-nodejs:dynamic/kompliant:WebhookKeyActivation");
});

test.each([WEBHOOK_CONFIG_TEXT, WEBHOOK_CONFIG_SET_TEXT, WEBHOOK_KEY_TEXT, WEBHOOK_KEY_ACTIVATION_TEXT])(
  "%s leads to a provider with every method of the runtime's contract",
  (text) => {
    const handler = new Function("exports", "require", `${text};return exports.handler`)({}, require);
    const provider = handler();
    for (const method of ["configure", "check", "diff", "create", "read", "update", "delete"])
      expect(provider[method]).toBeTypeOf("function");
  },
);

// The engine keeps the outputs of what has not changed, and runs the text that it finds there to refresh and delete.
test("what the provider plugin had in state gets the text by an update that changes nothing else", async () => {
  await using emulator = await startEmulator();
  const url = "https://example.com/kompliant";
  const id = emulator.put(url);
  const { provider } = createDynamicShell(systemRuntime, emulator.env, () => alone);
  await provider.configure?.({ config: { get: () => undefined, require: () => "" } });
  const inputs = { url, accountId: emulator.accountIds[0] };
  const { props: state } = (await provider.read?.(id, inputs)) ?? {};
  const news = { ...inputs, __provider: WEBHOOK_CONFIG_TEXT };
  expect(await provider.diff?.(id, { ...state, __provider: WEBHOOK_CONFIG_TEXT }, news)).toMatchObject({
    changes: false,
  });
  expect(await provider.diff?.(id, state, news)).toMatchObject({ changes: true, replaces: [] });
  emulator.clearRequests();
  expect(await provider.update?.(id, state, news)).toEqual({ outs: state });
  expect(emulator.requests).toEqual([]);
});
