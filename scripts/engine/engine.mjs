import { spawnSync } from "node:child_process";
import { constants, existsSync, readdirSync } from "node:fs";
import { access, chmod, copyFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildOnce, goBuild } from "./build.mjs";

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const windows = process.platform === "win32";
const executable = windows ? "pulumi.exe" : "pulumi";

/** The engine that is downloaded or built where none is found: the one that go.mod pins. */
export const ENGINE_VERSION = "3.259.0";
/** `pulumi import --file` takes dynamic resources from this version on. */
export const MINIMUM_VERSION = "3.254.0";

/** Where the official download comes from; asked first for its installer, which is small. */
const DOWNLOAD_SITE = "https://get.pulumi.com/";
const PROBE_MS = 5_000;

/**
 * @typedef {object} Engine
 * @property {string | undefined} root Folder with `bin/pulumi` in it; undefined for the one on PATH
 * @property {string} version
 * @property {string} how Where it came from, in words
 */

/**
 * Finds the Pulumi engine, or gets it: on PATH, in Pulumi's own cache, by the official download, or built from its
 * Go modules.
 *
 * @param {{log?: (line: string) => void, env?: NodeJS.ProcessEnv, site?: string}} [options] `site`: what is asked
 *   whether the download can be reached
 * @returns {Promise<Engine>}
 */
export async function findEngine({ log = console.log, env = process.env, site = DOWNLOAD_SITE } = {}) {
  const onPath = versionOf("pulumi", env);
  if (isUsable(onPath)) return { root: undefined, version: /** @type {string} */ (onPath), how: "on PATH" };

  const cache = cacheOf(env);
  const cached = findCached(cache, env);
  if (cached !== undefined) return cached;

  const root = join(cache, ENGINE_VERSION);
  const problems = [
    onPath === undefined
      ? "no `pulumi` on PATH"
      : `the \`pulumi\` on PATH is ${onPath}, older than ${MINIMUM_VERSION}`,
    `none in ${cache}`,
  ];
  const reachable = await canReach(site);
  if (reachable === true) {
    log(`downloading the Pulumi engine ${ENGINE_VERSION} into ${root} …`);
    try {
      await download(root);
      return { root, version: ENGINE_VERSION, how: "downloaded" };
    } catch (error) {
      problems.push(`its download failed: ${firstLine(error)}`);
    }
  } else problems.push(`its download site cannot be reached (${reachable})`);

  const go = run("go", ["version"], env);
  if (go === undefined) problems.push("no `go` to build it with");
  else {
    try {
      await build(root, log, env);
      return { root, version: ENGINE_VERSION, how: "built from its Go modules" };
    } catch (error) {
      problems.push(`building it failed: ${firstLine(error)}`);
    }
  }
  throw new Error(noEngine(problems));
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} where Pulumi keeps engines, each in a folder of its version
 */
export function cacheOf(env) {
  return join(env["PULUMI_HOME"] ?? join(env["HOME"] ?? homedir(), ".pulumi"), "versions");
}

/**
 * @param {string | undefined} version
 * @returns {boolean} whether an engine of this version does what is asked of it here
 */
export function isUsable(version) {
  return version !== undefined && compareVersions(version, MINIMUM_VERSION) >= 0;
}

/**
 * @param {string} a
 * @param {string} b
 * @returns {number} below 0 if `a` is older than `b`
 */
export function compareVersions(a, b) {
  const parts = (/** @type {string} */ version) => version.split(/[.+-]/, 3).map(Number);
  const [left, right] = [parts(a), parts(b)];
  return [0, 1, 2].map((i) => (left[i] ?? 0) - (right[i] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** @param {readonly string[]} problems what was tried, and why it did not do */
export function noEngine(problems) {
  return [
    "the Pulumi engine is needed, and there is no way to get it here:",
    ...problems.map((problem) => `  - ${problem}`),
    "Any one of these will do:",
    "  1. install Pulumi so that `pulumi` is on PATH: https://www.pulumi.com/docs/install/",
    `  2. put it into Pulumi's own cache: ~/.pulumi/versions/${ENGINE_VERSION}/bin`,
    "  3. let this machine reach get.pulumi.com, and run the same command again: it is downloaded then",
    "  4. install Go 1.25.11 or later (https://go.dev/dl/), and run the same command again: it is built then",
  ].join("\n");
}

/**
 * @param {string} cache
 * @param {NodeJS.ProcessEnv} env
 * @returns {Engine | undefined} the newest usable engine of Pulumi's cache
 */
function findCached(cache, env) {
  if (!existsSync(cache)) return undefined;
  const versions = readdirSync(cache)
    .filter((name) => /^v?\d+\.\d+\.\d+/.test(name))
    .sort((a, b) => compareVersions(b.replace(/^v/, ""), a.replace(/^v/, "")));
  for (const name of versions) {
    const root = join(cache, name);
    const version = versionOf(join(root, "bin", executable), env);
    if (isUsable(version))
      return { root, version: /** @type {string} */ (version), how: "in Pulumi's cache" };
  }
  return undefined;
}

/**
 * @param {string} command
 * @param {NodeJS.ProcessEnv} env
 */
function versionOf(command, env) {
  return run(command, ["version"], { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" })?.replace(/^v/, "");
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} what it printed, or undefined if it could not be run
 */
function run(command, args, env) {
  const { status, stdout } = spawnSync(command, args, { env, encoding: "utf8", timeout: 30_000 });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * @param {string} site
 * @returns {Promise<true | string>} true, or why not
 */
async function canReach(site) {
  try {
    const signal = AbortSignal.timeout(PROBE_MS);
    const { ok, status } = await fetch(new URL("install.sh", site), { method: "HEAD", signal });
    return ok || `it answers ${status}`;
  } catch (error) {
    const { name, message, cause } = /** @type {Error} */ (error);
    if (name === "TimeoutError") return `no answer in ${PROBE_MS / 1_000} s`;
    return cause instanceof Error ? cause.message : message;
  }
}

/** @param {string} root */
async function download(root) {
  const { PulumiCommand } = require("@pulumi/pulumi/automation");
  const { SemVer } = require("semver");
  await PulumiCommand.install({ root, version: new SemVer(ENGINE_VERSION), skipVersionCheck: true });
}

/**
 * Builds the engine with the versions that go.mod and go.sum beside this file pin.
 *
 * @param {string} root
 * @param {(line: string) => void} log
 * @param {NodeJS.ProcessEnv} env
 */
async function build(root, log, env) {
  const bin = join(root, "bin");
  const target = join(bin, executable);
  await buildOnce({
    name: `the Pulumi engine ${ENGINE_VERSION} from its Go modules`,
    takes: "5 to 10 minutes on 2 cores",
    root,
    target,
    isBuilt: () => isUsable(versionOf(target, env)),
    build: async (unfinished) => {
      await goBuild({
        module: here,
        main: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        target: unfinished,
        variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${ENGINE_VERSION}` },
        env,
      });
      await addLanguageSupport(bin);
    },
    log,
  });
}

/**
 * The script that starts the dynamic-provider server comes with the SDK; the official download has it beside the
 * engine.
 *
 * @param {string} bin
 */
async function addLanguageSupport(bin) {
  const sdk = dirname(require.resolve("@pulumi/pulumi/package.json"));
  for (const name of ["pulumi-resource-pulumi-nodejs", "pulumi-resource-pulumi-nodejs.cmd"]) {
    const source = join(sdk, name);
    try {
      await access(source, constants.R_OK);
    } catch {
      continue;
    }
    await copyFile(source, join(bin, name));
    await chmod(join(bin, name), 0o755);
  }
}

/** @param {unknown} error */
export function firstLine(error) {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0];
}
