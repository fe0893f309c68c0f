import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { faults } from "./rules.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const examples = readdirSync(join(root, "examples")).map((name) => `examples/${name}/`);
const files = ["", ...examples]
  .map((folder) => `${folder}.github/workflows`)
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`));
const read = (name: string) => readFileSync(join(root, name), "utf8");

const ci = ".github/workflows/ci.yml";
const release = ".github/workflows/release.yml";
const pipeline = "examples/pipeline/.github/workflows/webhooks.yml";

test("these are all workflows", () => {
  expect(files.sort()).toEqual([ci, release, pipeline]);
});

test.each(files)("%s breaks no rule", (name) => {
  expect(faults(read(name))).toEqual([]);
});

test("an action is at the same commit wherever it is used", () => {
  const used = files.flatMap((name) => [...read(name).matchAll(/uses: (.*?)@(.*)/g)]);
  const versions = new Map(used.map(([, action, version]) => [action, version]));
  expect(
    used.filter(([, action, version]) => versions.get(action) !== version).map(([text]) => text),
  ).toEqual([]);
});

test("a release is only started by a tag, and what may publish waits for all that is built and tested", () => {
  const { on, permissions, concurrency, jobs } = parse(read(release));
  expect(on).toEqual({ push: { tags: ["v*.*.*"] } });
  expect(permissions).toEqual({ contents: "read" });
  expect(concurrency).toEqual({ group: "release", "cancel-in-progress": false });
  const { pack, sdks, ...publishing } = jobs;
  for (const job of [pack, sdks]) expect(job).not.toHaveProperty("permissions");
  const rights = Object.entries<{ permissions: object }>(publishing).map(([name, job]) => {
    expect(job).toMatchObject({ needs: ["pack", "sdks"], environment: "release" });
    return [name, job.permissions];
  });
  const asItself = { contents: "read", "id-token": "write" };
  expect(Object.fromEntries(rights)).toEqual({
    publish: asItself,
    "publish-plugin": { contents: "write" },
    "publish-sdk-nodejs": asItself,
    "publish-sdk-python": asItself,
    "publish-sdk-go": { contents: "write" },
  });
});

const checkout = /actions\/checkout@([0-9a-f]{40}) # v[\d.]+/;
const [, commit] = checkout.exec(read(ci)) ?? [];
const [node] = /actions\/setup-node@\w+/.exec(read(pipeline)) ?? [];
const events = /on:[\s\S]*?(?=permissions)/;
const permissions = /permissions:\n.*\n/;
const steps = "    steps:";
const publish = "- run: npm publish";
const expression = (text: string) => `${"$"}{{ ${text} }}`;
const secret = expression("secrets.KOMPLIANT_API_KEY");
const all = expression("toJSON(secrets)");
const title = expression("github.event.pull_request.title");
const branch = expression("github.head_ref");

/** In a workflow that breaks no rule, the first match of `from` becomes `to`. */
test.each<readonly [fault: string, file: string, from: string | RegExp, to: string]>([
  ["actions/checkout@v7 is not pinned by a commit", ci, checkout, "actions/checkout@v7"],
  ["actions/checkout@main is not pinned by a commit", ci, checkout, "actions/checkout@main # v7.0.1"],
  ["actions/checkout@3d3c42e is not pinned by a commit", ci, checkout, "actions/checkout@3d3c42e # v7.0.1"],
  ["docker://alpine:3 is not pinned by a commit", ci, checkout, "docker://alpine:3"],
  ["./.github/actions/own is not pinned by a commit", ci, checkout, "./.github/actions/own"],
  [`actions/checkout@${commit} has no tag in a comment`, ci, checkout, `actions/checkout@${commit}`],
  [`actions/checkout@${commit} has no tag in a comment`, ci, checkout, `actions/checkout@${commit} # v7`],
  ["pull_request_target starts the workflow", ci, "pull_request:", "pull_request_target:"],
  ["pull_request_target starts the workflow", ci, events, "on: pull_request_target\n"],
  ["workflow_run starts the workflow", ci, events, "on: [push, workflow_run]\n"],
  ["the workflow names no permissions", ci, permissions, ""],
  ["the workflow gives every job the right to write", ci, "contents: read", "contents: write"],
  ["the workflow gives every job the right to write", ci, permissions, "permissions: write-all\n"],
  ["the workflow is given a credential", ci, "jobs:", `env: { KEY: "${secret}" }\njobs:`],
  ["test: no timeout-minutes", ci, /.*timeout-minutes.*\n/, ""],
  ["test: `container` is not allowed", ci, steps, `    container: node:22\n${steps}`],
  ["test: `services` is not allowed", ci, steps, `    services: { redis: { image: redis } }\n${steps}`],
  [
    "test: `uses` is not allowed",
    ci,
    steps,
    `    uses: a/b/.github/workflows/c.yml@${commit} # v1.0.0\n${steps}`,
  ],
  ["test: the job is given a credential", ci, steps, `    secrets: inherit\n${steps}`],
  ["preview: the job is given a credential", pipeline, steps, `    env: { KEY: "${secret}" }\n${steps}`],
  ["preview: the job is given a credential", pipeline, steps, `    env: { ALL: "${all}" }\n${steps}`],
  [`preview: ${node} is given a credential`, pipeline, "cache: npm", `token: ${secret}`],
  [
    "preview: `npm ci` runs code of packages with a credential",
    pipeline,
    "run: npm ci",
    `run: npm ci\n        env: { KEY: "${secret}" }`,
  ],
  [
    "test: checkout leaves its token to the steps that follow",
    ci,
    "persist-credentials: false",
    "fetch-depth: 0",
  ],
  [`test: an expression inside \`run: echo ${title}\``, ci, "run: npm ci", `run: echo ${title}`],
  [`test: an expression inside \`run: echo ${branch}\``, ci, "run: npm ci", `run: echo ${branch}`],
  ["publish: may write, but no environment asks a person", release, /.*environment: release\n/, ""],
  [
    "publish: may write, and takes in code that could use it",
    release,
    publish,
    `- run: npm ci\n      ${publish}`,
  ],
  [
    "publish: may write, and takes in code that could use it",
    release,
    publish,
    `- uses: actions/checkout@${commit} # v7.0.1\n        with: { persist-credentials: false }\n      ${publish}`,
  ],
])("%s", (fault, file, from, to) => {
  const text = read(file);
  expect(text).toMatch(from);
  expect(faults(text.replace(from, () => to))).toEqual([fault]);
});
