import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { lettersOf } from "../support/calls.js";
import { CallFailure, startProvider } from "../support/providerProcess.js";

/** Three cells of the fault table as the engine meets them: in a process of its own, over gRPC and over sockets. */
test("what a fault makes of a create, of its reading back and of a delete is the same in a real process", async () => {
  await using emulator = await startEmulator();
  const config = { "kompliant:requestTimeoutSeconds": "0.5", "kompliant:operationTimeoutSeconds": "2" };
  await using provider = await startProvider(config, { ...emulator.env });
  const [accountId = ""] = emulator.accountIds;
  const inputsOf = (path: string) => ({ accountId, url: `https://example.com/${path}` });
  const idOf = (path: string) =>
    emulator.configs().find(({ url }) => url === inputsOf(path).url)?.config_id ?? "nothing";

  const lost = await provider.check({}, inputsOf("lost"));
  emulator.clearRequests();
  emulator.setFaults([{ method: "create", effect: "reset", commit: true }]);
  const { id, properties } = await provider.create(lost.inputs);
  expect(lettersOf(emulator)).toBe("cl");
  expect(id).toBe(idOf("lost"));

  emulator.setFaults([{ method: "list", times: "all", effect: "never", commit: true }]);
  const unread = await provider.create(inputsOf("unread")).catch((error) => error);
  expect(unread).toBeInstanceOf(CallFailure);
  expect(unread.partial).toMatchObject({ id: idOf("unread"), properties: inputsOf("unread") });
  expect(unread.partial.reasons.join()).toContain("The next `pulumi up` completes it.");

  emulator.setFaults([{ method: "delete", effect: "status", status: 403, body: "html" }]);
  const refused = await provider.delete(id, properties).catch((error) => error);
  expect(refused.message).toContain(
    `cannot delete ${id} (${inputsOf("lost").url}) in account ${accountId}: `,
  );
  await expect.poll(provider.output).toContain(`kompliant: cannot delete ${id}`);
  expect(provider.output()).not.toMatch(/^\s+at .*:\d+:\d+/m);
});

test("a base URL where nothing answers is named with what the network says", async () => {
  await using emulator = await startEmulator();
  await using provider = await startProvider(
    { "kompliant:operationTimeoutSeconds": "1" },
    { ...emulator.env, KOMPLIANT_BASE_URL: "http://127.0.0.1:1" },
  );
  const [accountId = ""] = emulator.accountIds;
  const props = { accountId, url: "https://example.com/a" };
  const refused = await provider.read("whc_1", props).catch((error) => error);
  expect(refused.message).toContain("http://127.0.0.1:1 cannot be reached: ");
  expect(refused.message).toContain("ECONNREFUSED");
  expect(refused.message).toMatch(/out of time after \d+ attempts? over [\d.]+ s/);
});
