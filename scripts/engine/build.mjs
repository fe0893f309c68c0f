import { spawn } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A lock that some other process's number has kept alive: a build takes minutes, not hours. */
const ABANDONED_MS = 60 * 60 * 1_000;

/**
 * Builds what takes minutes, once for all processes that want it at the same time.
 *
 * @param {object} wanted
 * @param {string} wanted.name what is built, in words
 * @param {string} wanted.takes how long, in words
 * @param {string} wanted.root the folder that it is built in; one build at a time
 * @param {string} wanted.target the file or folder that is built
 * @param {() => boolean} wanted.isBuilt
 * @param {(unfinished: string) => Promise<void>} wanted.build builds it there
 * @param {(line: string) => void} wanted.log
 */
export async function buildOnce({ name, takes, root, target, isBuilt, build, log }) {
  await mkdir(dirname(target), { recursive: true });
  const unlock = await lock(join(root, "build.lock"), name, log);
  const unfinished = join(dirname(target), `unfinished-${process.pid}`);
  const started = Date.now();
  const progress = setInterval(() => {
    log(`… still building ${name}, ${Math.round((Date.now() - started) / 60_000)} min so far`);
  }, 60_000);
  try {
    // Somebody else may have built it while this process waited for the lock.
    if (isBuilt()) return;
    log(`building ${name} into ${root}`);
    log(`this happens once, and takes ${takes} …`);
    await build(unfinished);
    // Last, and in one step: a killed build must not leave something that looks like a whole one.
    await rename(unfinished, target);
    log(`${name}: built after ${Math.round((Date.now() - started) / 1_000)} s`);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    clearInterval(progress);
    unlock();
  }
}

/**
 * Builds a Go program with the versions that a go.mod and its go.sum pin.
 *
 * @param {object} program
 * @param {string} program.module the folder of go.mod
 * @param {string} program.main a package, or a file of one
 * @param {string} program.target
 * @param {Readonly<Record<string, string>>} [program.variables] what the linker sets
 * @param {NodeJS.ProcessEnv} program.env
 */
export function goBuild({ module, main, target, variables = {}, env }) {
  const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  const args = ["build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-tags", "osusergo,grpcnotrace"];
  return run("go", [...args, "-ldflags", ["-s", "-w", ...set].join(" "), "-o", target, main], {
    cwd: module,
    env: { ...env, CGO_ENABLED: "0" },
  });
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env: NodeJS.ProcessEnv}} options
 * @returns {Promise<void>} rejected with the last of what it said if it failed
 */
export function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "inherit", "pipe"] });
    let errors = "";
    child.stderr.on("data", (data) => {
      errors = `${errors}${data}`.slice(-4_000);
    });
    child.on("error", (/** @type {NodeJS.ErrnoException} */ error) =>
      reject(error.code === "ENOENT" ? new Error(`there is no \`${command}\` on PATH`) : error),
    );
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(errors.trim().split("\n").slice(-3).join("; ") || `exit code ${code}`)),
    );
  });
}

/**
 * Waits until no other process holds the lock.
 *
 * @param {string} file
 * @param {string} name what is built, in words
 * @param {(line: string) => void} log
 * @returns {Promise<() => void>} releases it
 */
async function lock(file, name, log) {
  for (let told = false; ; ) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    if (isAbandoned(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) log(`another process is building; waiting for it before ${name} (${file})`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/**
 * @param {string} file a lock
 * @returns {boolean} whether the process that took it was killed
 */
function isAbandoned(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > ABANDONED_MS) return true;
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "ESRCH";
  }
}
