import { createRequire } from "node:module";
import { expect, test } from "vitest";
import {
  WEBHOOK_CONFIG_SET_TEXT,
  WEBHOOK_CONFIG_SET_TYPE,
  WEBHOOK_CONFIG_TEXT,
  WEBHOOK_CONFIG_TYPE,
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
});

test.each([WEBHOOK_CONFIG_TEXT, WEBHOOK_CONFIG_SET_TEXT])(
  "%s leads to a provider with every method of the runtime's contract",
  (text) => {
    const handler = new Function("exports", "require", `${text};return exports.handler`)({}, require);
    const provider = handler();
    for (const method of ["configure", "check", "diff", "create", "read", "update", "delete"])
      expect(provider[method]).toBeTypeOf("function");
  },
);
