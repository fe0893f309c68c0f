import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join, sep } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { printed, printedByEmulator } from "../support/printed.js";
import { createProject, type Project, pack, runIn, type Tarball } from "../support/tarball.js";
import { acceptsTypes, deploys, PULUMI_TEMPLATE } from "./consumers.js";

const require = createRequire(import.meta.url);
const repository = fileURLToPath(new URL("../../", import.meta.url));
const { devDependencies } = require("../../package.json");
const children: ChildProcess[] = [];
let tarball: Tarball;
let project: Project;
let installed: string;

beforeAll(() => {
  tarball = pack();
  const versions = ["@pulumi/pulumi", "typescript", "@types/node"].map(
    (name) => `${name}@${devDependencies[name]}`,
  );
  project = createProject(tarball.path, ...versions);
  installed = join(project.folder, "node_modules", "pulumi-kompliant");
}, 180_000);
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => {
  project?.[Symbol.dispose]();
  tarball?.[Symbol.dispose]();
});

const node = (...args: readonly string[]) => runIn(project, process.execPath, ...args);

/** A command that comes with one of this repository's packages. */
function bin(name: string, command: string): string {
  const manifest = require.resolve(join(repository, "node_modules", name, "package.json"));
  return join(dirname(manifest), require(manifest).bin[command]);
}

test("holds what is needed and nothing else", () => {
  const around = ["CHANGELOG.md", "LICENSE", "README.md", "bin/pulumi-kompliant.js", "package.json"];
  const sources = readdirSync(join(repository, "provider", "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `dist/${name.split(sep).join("/").slice(0, -".ts".length)}`)
    // It imports what is no dependency, and is in the plugin's one script with all of it.
    .filter((name) => !name.startsWith("dist/shells/plugin/"));
  const built = sources.flatMap((name) => [`${name}.js`, `${name}.d.ts`]);
  const plugin = [
    "LICENSES.txt",
    "plugin.cjs",
    "pulumi-resource-",
    "pulumi-resource-kompliant",
    "pulumi-resource-kompliant.cmd",
    "schema.json",
  ].map((name) => `dist/plugin/${name}`);
  expect(sources).toContain("dist/shells/dynamic/dynamic");
  const dynamic = "dist/shells/dynamic/LICENSES.txt";
  expect(tarball.files).toEqual([...around, ...built, dynamic, ...plugin].sort());
});

test("the plugin starts from where it is installed, with the licences of what is in it", async () => {
  const folder = join(installed, "dist", "plugin");
  const [launcher, shell] =
    process.platform === "win32"
      ? (["pulumi-resource-kompliant.cmd", true] as const)
      : (["pulumi-resource-kompliant", false] as const);
  const child = spawn(join(folder, launcher), [], { shell, stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [port] = await once(createInterface({ input: child.stdout }), "line");
  expect(port).toMatch(/^\d+$/);
  const licences = readFileSync(join(folder, "LICENSES.txt"), "utf8");
  for (const name of [
    "pulumi-kompliant",
    "@grpc/grpc-js",
    "@pulumi/pulumi",
    "google-protobuf",
    "undici",
    "zod",
  ])
    expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\n\n\\s*\\S`, "m"));
});

test("runs nothing when it is installed, and drags in few packages", () => {
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  expect(Object.keys(manifest.scripts)).toEqual(["prepack"]);
  expect(Object.keys(manifest.dependencies).sort()).toEqual(["commander", "undici", "zod"]);
  const lock = JSON.parse(readFileSync(join(project.folder, "package-lock.json"), "utf8"));
  expect(lock.packages["node_modules/pulumi-kompliant"]).not.toHaveProperty("hasInstallScript");
  for (const name of Object.keys(manifest.dependencies)) {
    const nested = lock.packages[`node_modules/pulumi-kompliant/node_modules/${name}`];
    const dependency = nested ?? lock.packages[`node_modules/${name}`];
    expect(dependency).toMatchObject({ version: expect.any(String) });
    expect(dependency).not.toHaveProperty("hasInstallScript");
    expect(dependency).not.toHaveProperty("dependencies");
  }
});

test("says where it comes from, as provenance asks for", () => {
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  expect(manifest).toMatchObject({
    name: "pulumi-kompliant",
    license: "Apache-2.0",
    repository: { type: "git", url: expect.stringMatching(/^git\+https:.*\.git$/), directory: "provider" },
    publishConfig: { access: "public", provenance: true },
  });
  expect(manifest).not.toHaveProperty("private");
  const root = (name: string) => readFileSync(join(repository, name), "utf8");
  expect(readFileSync(join(installed, "README.md"), "utf8")).toBe(root("README.md"));
  expect(readFileSync(join(installed, "LICENSE"), "utf8")).toBe(root("LICENSE"));
  expect(readFileSync(join(installed, "CHANGELOG.md"), "utf8")).toContain(manifest.version);
});

test("names no path of the machine it was packed on", () => {
  const machine = [repository, `${homedir()}${sep}`, "file://", "sourceMappingURL"];
  const found = tarball.files
    .filter((name) => name !== "README.md")
    .flatMap((name) => {
      const text = readFileSync(join(installed, name), "utf8");
      return machine.filter((path) => text.includes(path)).map((path) => `${name}: ${path}`);
    });
  expect(found).toEqual([]);
});

test("publint finds nothing", () => {
  const { status, stdout, stderr } = node(bin("publint", "publint"), tarball.path, "--strict");
  expect(stdout + stderr).toContain("All good!");
  expect(status).toBe(0);
});

test("the types are right for every kind of resolution", () => {
  const { status, stdout, stderr } = node(bin("@arethetypeswrong/cli", "attw"), tarball.path);
  expect(stdout + stderr).toContain("No problems found");
  expect(status).toBe(0);
});

test.each(["consumer.cjs", "consumer.mjs"])("%s uses all entry points", (program) => {
  const { status, stdout, stderr } = node(program);
  expect([status, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toEqual({
    classes: ["Provider", "WebhookConfig"],
    methods: ["check", "configure", "create", "delete", "diff", "read", "update"],
    emulator: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    version: require("../../provider/package.json").version,
  });
});

test.each([
  [PULUMI_TEMPLATE],
  [[...PULUMI_TEMPLATE, "--skipLibCheck"]],
  [["--target", "es2022", "--module", "node16"]],
  [["--target", "es2022", "--module", "nodenext", "--exactOptionalPropertyTypes", "--skipLibCheck"]],
])("TypeScript accepts it with %j", (settings) => {
  acceptsTypes(project, settings);
});

test("npx finds its command", () => {
  const { status, stdout } = runIn(project, "npx", "pulumi-kompliant", "--help");
  expect(stdout).toMatch(/^Usage: pulumi-kompliant /);
  expect(status).toBe(0);
});

test("its command runs the emulator", async () => {
  const { bin } = require(join(installed, "package.json"));
  const command = [join(installed, bin["pulumi-kompliant"]), "emulator", "--account", "lv_one"];
  const child = spawn(process.execPath, command, {
    cwd: project.folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  child.stderr.on("data", (data) => printed(String(data)));
  const lines = createInterface({ input: child.stdout }).on("line", printedByEmulator);
  const [first] = await once(lines, "line");
  const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(first) ?? [];
  const response = await fetch(`${url}/_emulator/configs?account_id=lv_one`);
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("[]")]);
});

test("a new user deploys, moves and destroys a first endpoint", async () => {
  await deploys(project);
});

test("the project finds no package of this repository", () => {
  expect(node("-e", 'require("vitest/package.json")').stderr).toContain("Cannot find module");
});
