import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProject, pack, type Tarball } from "../support/tarball.js";
import { acceptsTypes, deploys, PULUMI_TEMPLATE } from "./consumers.js";

const require = createRequire(import.meta.url);
const { devDependencies } = require("../../package.json");
const { peerDependencies } = require("../../provider/package.json");
let tarball: Tarball;

beforeAll(() => {
  tarball = pack();
});
afterAll(() => tarball?.[Symbol.dispose]());

// The newest is the one that all other tests use.
const [, oldest] = /^>=(\d+\.\d+\.\d+) /.exec(peerDependencies["@pulumi/pulumi"]) ?? [];
test.each([oldest, "3.235.0"])("works with version %s of Pulumi's SDK", async (version) => {
  const tools = ["typescript", "@types/node"].map((name) => `${name}@${devDependencies[name]}`);
  using project = createProject(tarball.path, `@pulumi/pulumi@${version}`, ...tools);
  const installed = createRequire(`${project.folder}/`)("@pulumi/pulumi/package.json");
  expect(installed.version).toBe(version);
  acceptsTypes(project, [...PULUMI_TEMPLATE, "--skipLibCheck"]);
  await deploys(project);
});
