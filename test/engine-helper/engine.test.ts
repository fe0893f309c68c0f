import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { compareVersions, ENGINE_VERSION, findEngine, isUsable } from "../../scripts/engine/engine.mjs";
import { findYamlHost } from "../../scripts/engine/yamlHost.mjs";

test.each([
  ["3.254.0", true],
  ["3.260.1-dev.3+dirty", true],
  ["4.0.0", true],
  ["3.253.99", false],
  ["3.99.0", false],
  ["2.300.0", false],
  [undefined, false],
])("an engine of version %s is usable: %s", (version, usable) => {
  expect(isUsable(version)).toBe(usable);
});

test("compares versions by number, not by letter", () => {
  expect(compareVersions("3.100.0", "3.99.9")).toBeGreaterThan(0);
  expect(compareVersions("3.9.0", "3.10.0")).toBeLessThan(0);
  expect(compareVersions("3.259.0", "3.259.0")).toBe(0);
});

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A machine with nothing on it: an empty home, an empty PATH. */
function emptyMachine() {
  const folder = mkdtempSync(join(tmpdir(), "kompliant-engine-"));
  undo.push(() => rmSync(folder, { recursive: true }));
  const [home, path] = [join(folder, "home"), join(folder, "path")];
  for (const made of [home, path]) mkdirSync(made);
  const calls = join(folder, "calls");
  writeFileSync(calls, "");
  return {
    env: { HOME: home, PATH: path },
    cache: join(home, ".pulumi", "versions"),
    /** Puts a program on PATH, written in JavaScript. */
    command: (name: string, program: string) => script(join(path, name), program),
    /** Puts an engine of this version where it is asked for. */
    engine: (file: string, version: string) => script(file, `console.log("v${version}")`),
    /** Puts a Go on PATH whose builds go on like this, after they have been noted. */
    go: (build: string) =>
      script(
        join(path, "go"),
        `const args = process.argv.slice(2);
         const fs = require("node:fs");
         if (args[0] === "version") console.log("go version go1.25.11");
         else {
           fs.appendFileSync(${JSON.stringify(calls)}, JSON.stringify(args) + "\\n");
           const target = args[args.indexOf("-o") + 1];
           ${build}
         }`,
      ),
    /** The arguments of every Go build so far. */
    builds: (): string[][] =>
      readFileSync(calls, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}

function script(file: string, text: string): void {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `#!${process.execPath}\n${text}\n`, { mode: 0o755 });
}

const BUILD_WORKS = `fs.writeFileSync(target, "#!${process.execPath}\\nconsole.log('v${ENGINE_VERSION}')", { mode: 0o755 });`;
const HOST = "pulumi-language-yaml";
const log = () => {};

async function siteThat(answers: RequestListener): Promise<string> {
  const server = createServer(answers).listen(0, "127.0.0.1");
  await once(server, "listening");
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Where nothing listens. */
async function noSite(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}/`;
}

// What stands for an engine or for Go here is a script, which Windows does not run by its first line.
describe.skipIf(process.platform === "win32")("the engine", () => {
  test("is the one on PATH, if there is one", async () => {
    const { env, cache, command, engine } = emptyMachine();
    command("pulumi", 'console.log("v3.260.1")');
    engine(join(cache, "3.270.0", "bin", "pulumi"), "3.270.0");
    expect(await findEngine({ env, log })).toEqual({ root: undefined, version: "3.260.1", how: "on PATH" });
  });

  test("is the newest in Pulumi's cache, if the one on PATH is too old", async () => {
    const { env, cache, command, engine } = emptyMachine();
    command("pulumi", 'console.log("v3.200.0")');
    for (const [folder, version] of [
      ["3.99.0", "3.99.0"],
      ["3.254.0", "3.254.0"],
      ["v3.261.0", "3.261.0"],
      ["3.255.0", "3.255.0"],
    ] as const)
      engine(join(cache, folder, "bin", "pulumi"), version);
    // What a killed download leaves, what does not run, and what is no engine at all.
    mkdirSync(join(cache, "3.280.0", "bin"), { recursive: true });
    script(join(cache, "3.279.0", "bin", "pulumi"), "process.exit(1)");
    mkdirSync(join(cache, "notes"));
    expect(await findEngine({ env, log })).toEqual({
      root: join(cache, "v3.261.0"),
      version: "3.261.0",
      how: "in Pulumi's cache",
    });
  });

  test("is looked for in PULUMI_HOME, if that is set", async () => {
    const { env, cache, engine } = emptyMachine();
    engine(join(cache, "3.270.0", "bin", "pulumi"), "3.270.0");
    const elsewhere = join(env.HOME, "elsewhere");
    engine(join(elsewhere, "versions", "3.260.0", "bin", "pulumi"), "3.260.0");
    const found = await findEngine({ env: { ...env, PULUMI_HOME: elsewhere }, log });
    expect(found).toMatchObject({ root: join(elsewhere, "versions", "3.260.0"), version: "3.260.0" });
  });

  test.each([
    ["nothing listens", noSite, "ECONNREFUSED", 2_000],
    [
      "a proxy refuses",
      () => siteThat((_, response) => response.writeHead(403).end("not here")),
      "it answers 403",
      2_000,
    ],
    ["nothing is ever answered", () => siteThat(() => {}), "no answer in 5 s", 8_000],
  ])(
    "is given up quickly where %s and there is no Go, with all ways out",
    async (_, start, reason, within) => {
      const { env, cache, command } = emptyMachine();
      command("pulumi", 'console.log("v3.200.0")');
      const site = await start();
      const started = performance.now();
      const error = await findEngine({ env, site, log }).catch((error: Error) => error);
      expect(performance.now() - started).toBeLessThan(within);
      expect(error).toBeInstanceOf(Error);
      const { message } = error as Error;
      for (const problem of ["on PATH is 3.200.0, older than 3.254.0", `none in ${cache}`, reason, "no `go`"])
        expect(message).toContain(problem);
      const ways = message.split("\n").filter((line) => /^ {2}\d\. /.test(line));
      expect(ways).toEqual([
        expect.stringContaining("on PATH"),
        expect.stringContaining(`.pulumi/versions/${ENGINE_VERSION}/bin`),
        expect.stringContaining("get.pulumi.com"),
        expect.stringMatching(/Go 1\.25\.11 .*it is built then/),
      ]);
    },
  );

  test("is built from the pinned Go modules where it cannot be downloaded, and found from then on", async () => {
    const { env, cache, go, builds } = emptyMachine();
    go(BUILD_WORKS);
    const site = await noSite();
    const lines: string[] = [];
    const built = await findEngine({ env, site, log: (line) => lines.push(line) });
    const root = join(cache, ENGINE_VERSION);
    expect(built).toEqual({ root, version: ENGINE_VERSION, how: "built from its Go modules" });
    expect(lines.join("\n")).toContain("minutes");
    const [args] = builds();
    expect(args).toEqual(expect.arrayContaining(["build", "-mod=readonly", "-trimpath"]));
    // The engine finds the dynamic-provider server by the script beside it.
    const bin = join(root, "bin");
    expect(readdirSync(bin).filter((name) => !name.endsWith(".cmd"))).toEqual([
      "pulumi",
      "pulumi-resource-pulumi-nodejs",
    ]);
    for (const name of readdirSync(bin)) expect(statSync(join(bin, name)).mode & 0o111).toBe(0o111);
    expect(readdirSync(root)).toEqual(["bin"]);

    expect(await findEngine({ env, site, log })).toMatchObject({ root, how: "in Pulumi's cache" });
    expect(builds()).toHaveLength(1);
  });

  test("is not there after a build that failed, and the next try builds again", async () => {
    const { env, cache, go } = emptyMachine();
    const site = await noSite();
    go('fs.writeFileSync(target, "half"); console.error("go: a module\\ncannot be had"); process.exit(1);');
    await expect(findEngine({ env, site, log })).rejects.toThrow(
      /building it failed: go: a module; cannot be had\n[\s\S]*4\. install Go/,
    );
    expect(readdirSync(join(cache, ENGINE_VERSION), { recursive: true })).toEqual(["bin"]);
    go(BUILD_WORKS);
    expect(await findEngine({ env, site, log })).toMatchObject({ how: "built from its Go modules" });
  });

  test("is built once for all that want it at the same time", async () => {
    const { env, go, builds } = emptyMachine();
    go(BUILD_WORKS);
    const site = await noSite();
    const all = await Promise.all([1, 2, 3].map(() => findEngine({ env, site, log })));
    expect(new Set(all.map(({ root }) => root)).size).toBe(1);
    expect(builds()).toHaveLength(1);
  });

  test("is built at once after a build that was killed", async () => {
    const { env, go, cache } = emptyMachine();
    const site = await noSite();
    go("console.log(process.pid); setInterval(() => {}, 1_000);");
    const helper = new URL("../../scripts/engine/engine.mjs", import.meta.url);
    const program = `import(${JSON.stringify(helper)}).then(({ findEngine }) =>
      findEngine({ env: ${JSON.stringify(env)}, site: "${site}", log() {} }))`;
    const first = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const [pid] = await once(createInterface({ input: first.stdout }), "line");
    first.kill("SIGKILL");
    await once(first, "exit");
    process.kill(Number(pid), "SIGKILL");
    expect(readdirSync(join(cache, ENGINE_VERSION))).toContain("build.lock");

    go(BUILD_WORKS);
    const lines: string[] = [];
    const built = await findEngine({ env, site, log: (line) => lines.push(line) });
    expect(built).toMatchObject({ how: "built from its Go modules" });
    expect(lines.join("\n")).not.toContain("waiting");
  });
});

describe.skipIf(process.platform === "win32")("the host of programs in YAML", () => {
  test("is the one beside the engine, or on PATH", async () => {
    const { env, cache, command, engine, builds } = emptyMachine();
    const bin = join(cache, ENGINE_VERSION, "bin");
    engine(join(bin, "pulumi"), ENGINE_VERSION);
    command(HOST, "");
    expect(await findYamlHost({ env, log })).toBe(env.PATH);
    script(join(bin, HOST), "");
    expect(await findYamlHost({ env, log })).toBe(bin);
    expect(builds()).toEqual([]);
  });

  test.each(["in Pulumi's cache", "on PATH"])(
    "is built once, in Pulumi's cache, where an engine %s has none",
    async (where) => {
      const { env, cache, command, engine, go, builds } = emptyMachine();
      const bin = join(cache, ENGINE_VERSION, "bin");
      if (where === "on PATH") command("pulumi", `console.log("v${ENGINE_VERSION}")`);
      else engine(join(bin, "pulumi"), ENGINE_VERSION);
      go(BUILD_WORKS);
      const all = await Promise.all([1, 2].map(() => findYamlHost({ env, log })));
      expect([...all, await findYamlHost({ env, log })]).toEqual([bin, bin, bin]);
      expect(readdirSync(bin)).toContain(HOST);
      expect(builds()).toEqual([
        expect.arrayContaining([expect.stringMatching(/\/cmd\/pulumi-language-yaml$/)]),
      ]);
    },
  );

  test("says what is missing where it cannot be built", async () => {
    const { env, cache, engine } = emptyMachine();
    engine(join(cache, ENGINE_VERSION, "bin", "pulumi"), ENGINE_VERSION);
    await expect(findYamlHost({ env, log })).rejects.toThrow(
      /`pulumi-language-yaml` is needed[\s\S]*there is no `go` on PATH\nInstall Pulumi[\s\S]*or Go 1\.25\.11/,
    );
  });
});
