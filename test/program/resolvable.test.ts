import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startEmulator } from "pulumi-kompliant/emulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { printed } from "../support/printed.js";
import { shellIn } from "../support/shell.js";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/** The copy of a library that the program uses: the program itself has none. */
const COPY = JSON.stringify(at("provider"));
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "kompliant-resolvable-")));
  link("@pulumi/pulumi");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function link(name: string): void {
  const path = join(folder, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(at(`node_modules/${name}`), path, "junction");
}

const sentence = () =>
  `pulumi-kompliant/dynamic cannot be resolved from ${folder}: add \`pulumi-kompliant\` to the dependencies of the program's own package.json, since Pulumi loads the provider from there.`;

/** Constructs each class in the folder. @returns what they say */
function construct(env: Record<string, string>): string[] {
  const program = `
    const pulumi = require("@pulumi/pulumi");
    const { WebhookConfig, WebhookConfigSet } = require(${COPY});
    pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ name, inputs }) => ({ id: name, state: inputs }) });
    const said = (declare) => { try { declare(); return "nothing"; } catch (error) { return pulumi.RunError.isInstance(error) + " " + error.message; } };
    process.chdir("/");
    console.log(JSON.stringify([
      said(() => new WebhookConfig("a", { url: "https://example.com/a" })),
      said(() => new WebhookConfigSet("b", { urls: {} })),
    ]));`;
  const { stdout } = spawnSync(process.execPath, ["-e", program], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...env },
    encoding: "utf8",
  });
  return JSON.parse(printed(stdout));
}

test("who is run by the language host is refused in one sentence where the package cannot be resolved", () => {
  const byHost = { PULUMI_NODEJS_MONITOR: "127.0.0.1:1" };
  expect(construct(byHost)).toEqual([`true ${sentence()}`, `true ${sentence()}`]);
  link("pulumi-kompliant");
  expect(construct(byHost)).toEqual(["nothing", "nothing"]);
});

test("who is run by anything else, as tests and inline programs are, is not refused: the engine's folder is unknown", () => {
  expect(construct({})).toEqual(["nothing", "nothing"]);
});

test("`pulumi preview` says that sentence and no stack trace; with the package, in the folder of `main`, it works", async () => {
  await using emulator = await startEmulator();
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: kompliant-test\nruntime: nodejs\nmain: src/\n");
  writeFileSync(join(folder, "src", "package.json"), JSON.stringify({ main: "index.js" }));
  writeFileSync(
    join(folder, "src", "index.js"),
    `const { WebhookConfig } = require(${COPY}); new WebhookConfig("a", { url: "https://example.com/a" });`,
  );
  const { pulumi } = await shellIn(folder, {
    ...emulator.env,
    PULUMI_BACKEND_URL: pathToFileURL(folder).href,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  });
  await pulumi("stack", "init", "test", "--non-interactive");
  const preview = async () => {
    const { code, out, err } = await pulumi("preview", "--non-interactive", "--stack", "test");
    return { code, said: out + err };
  };
  const refused = await preview();
  expect(refused.said).toContain(sentence().replace(folder, join(folder, "src")));
  expect(refused.said).not.toMatch(/^\s+at .*:\d+:\d+|Cannot find module/m);
  expect(refused.code).not.toBe(0);
  link("pulumi-kompliant");
  expect(await preview()).toMatchObject({ code: 0, said: expect.stringContaining("+ 2 to create") });
}, 60_000);
