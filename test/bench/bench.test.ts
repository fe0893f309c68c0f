import { expect, test } from "vitest";
import { accountsOf, endpointsOf, live, OPERATIONS } from "../../bench/deployment.js";
import { fewestCalls } from "../../bench/minimum.js";

test("one endpoint costs the fewest calls, an update one list more, and as much state as the engine's floor", async () => {
  const floor = await live({ variant: "floor", size: 1, latencyMs: 0 }, ["up", "destroy"]);
  const ours = await live({ variant: "ours", size: 1, latencyMs: 0 });

  const accounts = accountsOf(endpointsOf(1)).length;
  for (const { operation, calls } of ours.samples) {
    const fewest = fewestCalls(operation, 1, accounts);
    // A diff may be that of a preview, which warns of URLs that are taken: the dynamic runtime does not say.
    const list = operation === "update" ? fewest.list + 1 : fewest.list;
    expect(calls, operation).toEqual({ ...fewest, list });
  }
  expect(ours.samples.map(({ operation }) => operation)).toEqual(OPERATIONS);
  expect(ours.stateBytes).toBeGreaterThan(500);
  expect(ours.stateBytes / floor.stateBytes).toBeLessThan(1.03);
});
