import { expect, test } from "vitest";
import { shellUnderTest } from "../support/shellUnderTest.js";
import { recordScenario } from "./recorder.js";
import { textOf } from "./recording.js";
import { scenarios } from "./scenarios.js";

test.each(Object.entries(scenarios))("the engine asks what is recorded: %s", async (name, work) => {
  const recording = await recordScenario(name, work);
  await expect(textOf(recording)).toMatchFileSnapshot(`recordings/${shellUnderTest}/${name}.json`);
});
