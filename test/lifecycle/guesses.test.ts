import { expect, test } from "vitest";
import { at } from "../support/modelScene.js";
import { inWorld } from "../support/world.js";

test(
  "a new resource with the name of one under another parent is no replacement of that one",
  inWorld(async ({ emulator, process }) => {
    const [accountId = ""] = emulator.accountIds;
    const [first, second] = [emulator.put(at("first")), emulator.put(at("second"))];
    const { single } = await process();
    const inputs = { accountId, url: at("first") };
    const unchanged = await single.check(inputs, { url: at("first"), name: "orders" });
    await single.diff(first, { ...inputs, createdAt: "", updatedAt: "" }, unchanged.inputs);
    const added = await single.check({}, { url: at("second"), name: "orders", import: second });
    expect(added.failures).toEqual([]);
    expect(await single.create(added.inputs)).toMatchObject({ id: second });
    // What stands for the first one stands for it still: its former name's delete leaves it alone.
    const double = await single.check({}, { url: at("first"), name: "third" });
    expect(double.failures).toMatchObject([{ property: "url" }]);
    await single.delete(first, inputs);
    expect(emulator.configs().map(({ url }) => url)).toEqual([at("first"), at("second")]);
  }),
);
