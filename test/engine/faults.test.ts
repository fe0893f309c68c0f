import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { at, refused, scene, succeeded } from "../support/takeover.js";

test("a create that cannot be read back keeps its id in state; a refresh that a proxy answers takes nothing for deleted", async () => {
  await using it = await scene({ orders: { url: at("orders") } });
  await it.stack.stack.setConfig("kompliant:operationTimeoutSeconds", { value: "3" });
  it.emulator.setFaults([{ method: "list", nth: 2, times: "all", effect: "status", status: 503 }]);
  const failed = refused(await it.stack.up(), "answered with HTTP 503, text/html");
  const id = it.account()[at("orders")] ?? "";
  expect(failed.output).toContain(`${id} has ${at("orders")}, and is kept in state`);
  expect(await it.state()).toEqual({ orders: [id, at("orders")] });
  it.emulator.setFaults([]);
  it.emulator.clearRequests();
  succeeded(await it.stack.up());
  expect(callsOf(it.emulator)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
  const [completed] = await it.stack.resources();
  expect(completed?.outputs["createdAt"]).toBe(it.emulator.configs()[0]?.created_at);

  it.emulator.setFaults([{ method: "list", times: "all", effect: "status", status: 404 }]);
  refused(
    await it.stack.refresh(),
    "answered with HTTP 404, text/html",
    "Nothing was concluded from this answer.",
  );
  expect(await it.stack.resources()).toMatchObject([{ id, outputs: completed?.outputs }]);
});
