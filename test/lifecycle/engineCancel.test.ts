import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { startProvider } from "../support/providerProcess.js";

const require = createRequire(import.meta.url);

test("what the engine says at Ctrl+C is heard in the provider process, in the middle of a call", async () => {
  const file = require.resolve("../../provider/dist/lifecycle/engineCancel.js");
  const text = `exports.handler = () => {
    const signal = require(${JSON.stringify(file)}).cancelSignal(process);
    return {
      check: async (_, inputs) => ({ inputs: { ...inputs, cancelled: signal.aborted } }),
      create: () => new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve({ id: "cancelled", outs: {} }))),
    };
  }`;
  await using provider = await startProvider({}, {}, { text });
  expect((await provider.check({}, {})).inputs).toMatchObject({ cancelled: false });
  const create = provider.create({});
  // Answered after the create has begun.
  await provider.check({}, {});
  await provider.cancel();
  expect(await create).toMatchObject({ id: "cancelled" });
});
