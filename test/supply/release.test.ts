import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type Ended, shellIn } from "../support/shell.js";
import { pack } from "../support/tarball.js";

interface Job {
  readonly steps: readonly {
    readonly uses?: string;
    readonly with?: Readonly<Record<string, string>>;
    readonly run?: string;
  }[];
}

const repository = fileURLToPath(new URL("../../", import.meta.url));
const { jobs } = parse(readFileSync(join(repository, ".github/workflows/release.yml"), "utf8"));
const VERSION = "7.8.9";

const folder = mkdtempSync(join(tmpdir(), "kompliant-release-"));
const origin = join(folder, "origin");
let workspaces = 0;
let registry: Server;
let environment: Record<string, string>;
/** What the registry answers about the package: none, or one with these versions. */
let published: readonly string[] | "none" | "broken" = ["7.8.8"];

/** Runs a script in the repository that the workflow checks out. */
async function inOrigin(script: string): Promise<void> {
  const { script: run } = await shellIn(origin, {});
  const { code, err } = await run(script);
  expect(code, err).toBe(0);
}

function edit(path: string, from: string | RegExp, to: string): void {
  const file = join(origin, path);
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
}

/** Commits this version, and tags it. */
async function commit(version: string): Promise<void> {
  edit("provider/package.json", /"version": ".*"/, `"version": "${version}"`);
  await inOrigin(`git add --all && git commit --quiet --message "${version}" && git tag "v${version}"`);
}

/** Runs a job as GitHub does, in a fresh folder, up to its first step that fails. */
async function runJob(
  { steps }: Job,
  tag: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const workspace = join(folder, `workspace-${++workspaces}`);
  mkdirSync(workspace);
  const { script } = await shellIn(workspace, { ...environment, GITHUB_REF_NAME: tag, ...more });
  let last: Ended = { code: 0, out: "", err: "" };
  for (const { uses = "", with: settings = {}, run } of steps) {
    const [action] = uses.split("@");
    if (action === "actions/checkout")
      last = await script(`git clone --quiet "${origin}" . && git checkout --quiet "$GITHUB_REF_NAME"`);
    else if (action === "actions/upload-artifact")
      upload(workspace, settings["path"] ?? "", artifact(settings["name"]));
    else if (action === "actions/download-artifact")
      cpSync(artifact(settings["name"]), workspace, { recursive: true });
    else if (run === "npm ci") install(workspace);
    // `.ci/run` runs this test. The Node.js at hand stands for the one that setup-node installs.
    else if (run === ".ci/run" || action === "actions/setup-node") continue;
    else if (run === undefined) throw new Error(`nothing stands for ${uses} here`);
    else last = await script(run);
    if (last.code !== 0) break;
  }
  return last;
}

/** The packages at hand, link by link: npm finds its own folder, and can remove nothing through it. */
function install(workspace: string): void {
  for (const parent of ["", "provider"]) {
    const from = join(repository, parent, "node_modules");
    const to = join(workspace, parent, "node_modules");
    mkdirSync(to);
    for (const name of readdirSync(from)) symlinkSync(join(from, name), join(to, name));
  }
  rmSync(join(workspace, "node_modules", ".package-lock.json"));
  writeFileSync(join(workspace, "node_modules", ".package-lock.json"), "{}");
}

function artifact(name: string | undefined): string {
  return join(folder, "artifacts", name ?? "artifact");
}

function upload(workspace: string, path: string, to: string): void {
  const [before = "", after = ""] = path.split("*");
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(workspace))
    if (name.startsWith(before) && name.endsWith(after)) cpSync(join(workspace, name), join(to, name));
}

// The steps are written for GitHub's bash.
describe.skipIf(process.platform === "win32")("a release", () => {
  beforeAll(async () => {
    // What is made here stays here. The README comes and goes while another test packs.
    const made = /^(\.git|\.pulumi-local|dist|node_modules|README\.md\..*)$/;
    cpSync(repository, origin, { recursive: true, filter: (path) => !made.test(basename(path)) });
    edit("provider/CHANGELOG.md", "## [Unreleased]", `## [Unreleased]\n\n## [${VERSION}] - 2026-03-04`);
    await inOrigin(`git init --quiet --initial-branch main
git config user.name test
git config user.email test@example.com`);
    await commit(VERSION);
    registry = createServer((_, response) => {
      const status = published === "none" ? 404 : published === "broken" ? 403 : 200;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(packument()));
    }).listen(0, "127.0.0.1");
    await once(registry, "listening");
    environment = {
      npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`,
      npm_config_cache: join(folder, "cache"),
    };
  });
  afterAll(async () => {
    registry?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function packument() {
    if (published === "none" || published === "broken") return { error: published };
    const name = "pulumi-kompliant";
    const versions = Object.fromEntries(published.map((version) => [version, { name, version, dist: {} }]));
    return { name, versions, "dist-tags": { latest: published.at(-1) } };
  }

  test("packs what a user gets, and publishes that under the tag", async () => {
    const packed = await runJob(jobs.pack, `v${VERSION}`);
    expect(packed.code, packed.out + packed.err).toBe(0);
    expect(readdirSync(artifact("package"))).toEqual([`pulumi-kompliant-${VERSION}.tgz`]);
    // That an engine takes them is the business of test/package.
    expect(readdirSync(artifact("plugin")).sort()).toEqual(
      ["darwin", "linux", "windows"].flatMap((os) =>
        ["amd64", "arm64"].map((cpu) => `pulumi-resource-kompliant-v${VERSION}-${os}-${cpu}.tar.gz`),
      ),
    );

    // Word for word the step that publishes, as far as the registry.
    const dry = { npm_config_dry_run: "true", npm_config_json: "true" };
    const { code, out, err } = await runJob(jobs.publish, `v${VERSION}`, dry);
    expect(code, err).toBe(0);
    const report = JSON.parse(out);
    const { version, files } = report["pulumi-kompliant"] ?? report;
    expect(version).toBe(VERSION);
    // What is in it is the business of test/package.
    using tarball = pack();
    expect(files.map(({ path }: { path: string }) => path).sort()).toEqual(tarball.files);

    const other = await runJob(jobs.publish, "v7.8.10", dry);
    expect(other).toMatchObject({ code: 254, err: expect.stringContaining("pulumi-kompliant-7.8.10.tgz") });
  });

  const refused = (version: string, tag: string, ...reasons: readonly string[]) => ({
    code: 1,
    err: `pulumi-kompliant ${version} cannot be released as ${tag}:\n${reasons.join("\n")}\n`,
  });

  test.each(["v7.8.8", "v7.8.90", "v7.8.9-rc.1"])("is refused under the tag %s", async (tag) => {
    await inOrigin(`git tag ${tag}`);
    const reason = `the tag must be v${VERSION}, for the version in provider/package.json`;
    expect(await runJob(jobs.pack, tag)).toMatchObject(refused(VERSION, tag, reason));
  });

  test.each([["8.0.0"], ["8.0.0-rc.1", "only versions of the form X.Y.Z are released"]])(
    "is refused for %s, a commit that was not merged and tells no changes",
    async (version, ...reasons) => {
      await inOrigin(`git checkout --quiet -b branch-${version}`);
      await commit(version);
      await inOrigin("git checkout --quiet main");
      expect(await runJob(jobs.pack, `v${version}`)).toMatchObject(
        refused(
          version,
          `v${version}`,
          ...reasons,
          `provider/CHANGELOG.md has no heading "## [${version}] - YYYY-MM-DD"`,
          "the commit is not on main",
        ),
      );
    },
  );

  test("is refused when the version is published", async () => {
    published = ["7.8.8", VERSION];
    const reason = `pulumi-kompliant ${VERSION} is published already; a new release needs a new version`;
    expect(await runJob(jobs.pack, `v${VERSION}`)).toMatchObject(refused(VERSION, `v${VERSION}`, reason));
  });

  test("is refused when the registry does not say what is published", async () => {
    published = "broken";
    const { code, err } = await runJob(jobs.pack, `v${VERSION}`);
    expect(code).toBe(1);
    expect(err).toContain(`npm does not say whether ${VERSION} is published: `);
    expect(err).toContain("403");
  });

  test("may be the first one of all", async () => {
    published = "none";
    const { steps } = jobs.pack;
    const check = steps.findIndex(({ run }: { run?: string }) => run?.startsWith("node scripts/release.mjs"));
    const { code, out } = await runJob({ steps: steps.slice(0, check + 1) }, `v${VERSION}`);
    expect([code, out]).toEqual([0, `pulumi-kompliant ${VERSION} can be released\n`]);
  });
});
