// `node scripts/release.mjs vX.Y.Z`: says whether the commit at hand may be released under this tag. It changes nothing.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (/** @type {string} */ path) => readFileSync(`${root}/${path}`, "utf8");
const { name, version } = JSON.parse(read("provider/package.json"));
const tag = process.argv[2];

try {
  const faults = [tagFault(), changelogFault(), branchFault(), registryFault()].filter(
    (fault) => fault !== undefined,
  );
  if (faults.length > 0) throw new Error(faults.join("\n"));
  console.log(`${name} ${version} can be released`);
} catch (error) {
  console.error(`${name} ${version} cannot be released as ${tag}:\n${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}

function tagFault() {
  if (tag !== `v${version}`) return `the tag must be v${version}, for the version in provider/package.json`;
  // A pre-release needs a dist-tag of its own, which the workflow does not give.
  if (!/^\d+\.\d+\.\d+$/.test(version)) return "only versions of the form X.Y.Z are released";
  return undefined;
}

function changelogFault() {
  const headings = read("provider/CHANGELOG.md").split(/\r?\n/);
  const heading = `## [${version}] - `;
  if (
    headings.some((line) => line.startsWith(heading) && /^\d{4}-\d\d-\d\d$/.test(line.slice(heading.length)))
  )
    return undefined;
  return `provider/CHANGELOG.md has no heading "${heading}YYYY-MM-DD"`;
}

function branchFault() {
  const { status, stderr } = run("git", "merge-base", "--is-ancestor", "HEAD", "origin/main");
  if (status === 0) return undefined;
  return status === 1
    ? "the commit is not on main"
    : `git does not say whether the commit is on main: ${stderr.trim()}`;
}

function registryFault() {
  const { status, stdout, stderr } = run("npm", "view", `${name}@${version}`, "version", "--json");
  if (status === 0 && stdout.trim() !== "")
    return `${name} ${version} is published already; a new release needs a new version`;
  // Only the registry's own "not found" says that the version is free.
  if (status === 0 || /"code": ?"E404"/.test(stdout)) return undefined;
  return `npm does not say whether ${version} is published: ${(stdout + stderr).trim()}`;
}

/** @param {string} command @param {string[]} args */
function run(command, ...args) {
  return spawnSync(command, args, { cwd: root, encoding: "utf8", shell: process.platform === "win32" });
}
