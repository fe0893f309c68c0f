import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { engineStack } from "../support/engine.js";
import { shellIn } from "../support/shell.js";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const module = at("provider/dist/program/sdk.js");
const { parallelism } = createRequire(import.meta.url)(
  module,
) as typeof import("../../provider/src/program/sdk.js");

test("a program that the Automation API runs knows how many resources the engine works on at a time", async () => {
  let told: number | undefined;
  await using stack = await engineStack({
    env: {},
    program: async () => {
      told = parallelism();
    },
  });
  await stack.up({ parallel: 3 });
  expect(told).toBe(3);
  await stack.up({ parallel: 7 });
  expect(told).toBe(7);
});

test("so does one that the language host runs; whoever runs elsewhere does not", async () => {
  expect(parallelism()).toBeUndefined();
  await mkdir(at(".pulumi-local"), { recursive: true });
  const folder = await mkdtemp(at(".pulumi-local/parallelism-"));
  try {
    await mkdir(join(folder, "state"));
    await writeFile(join(folder, "Pulumi.yaml"), "name: parallelism\nruntime: nodejs\n");
    await writeFile(join(folder, "package.json"), '{ "name": "parallelism", "main": "index.js" }\n');
    const program = `exports.told = require(${JSON.stringify(module)}).parallelism();\n`;
    await writeFile(join(folder, "index.js"), program);
    const { pulumi } = await shellIn(folder, {
      PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
    await pulumi("stack", "init", "test", "--non-interactive");
    const up = await pulumi("up", "--yes", "--non-interactive", "--parallel", "5");
    expect([up.code, up.out + up.err]).toEqual([0, expect.any(String)]);
    expect((await pulumi("stack", "output", "told")).out).toBe("5\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
