import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { CallFailure, startProvider } from "../support/providerProcess.js";

test("what the engine says at Ctrl+C ends the provider's calls within a second or two", async () => {
  await using emulator = await startEmulator();
  emulator.setFaults([{ method: "create", times: "all", effect: "status", status: 503 }]);
  await using provider = await startProvider({}, { ...emulator.env });
  const { inputs } = await provider.check({}, { url: "https://example.com/kompliant" });
  const created = provider.create(inputs).catch((error: unknown) => error);
  await expect.poll(() => emulator.requests.map(({ method }) => method)).toContain("webhook.config.create");
  const cancelled = performance.now();
  await provider.cancel();
  const failed = await created;
  expect(performance.now() - cancelled).toBeLessThan(2_000);
  expect(failed).toBeInstanceOf(CallFailure);
  expect(String(failed)).toContain("the deployment was cancelled after ");
  expect(emulator.configs()).toEqual([]);
});
