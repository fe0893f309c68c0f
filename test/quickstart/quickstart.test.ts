import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { printed } from "../support/printed.js";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const made = [".git", ".pulumi-local", "dist", "node_modules"];
const copy = mkdtempSync(join(tmpdir(), "kompliant-quickstart-"));
// Like a fresh clone: with the sources, and with nothing that is installed, built or deployed.
cpSync(repository, copy, { recursive: true, filter: (path) => !made.includes(basename(path)) });
afterAll(() => rmSync(copy, { recursive: true }));

/** Runs the script as `npm run quickstart -- …` does. */
function quickstart(...args: readonly string[]) {
  const script = join(copy, "scripts", "quickstart.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: copy,
    encoding: "utf8",
  });
  for (const text of [stdout, stderr]) printed(text);
  const [, listed = ""] = stdout.split("\nThe account now has ");
  const account = Object.fromEntries(
    [...listed.matchAll(/^ {2}(whc_\w{22}) {2}(\S+)$/gm)].map(([, id, url]) => [url, id]),
  );
  return { status, stdout, stderr, account };
}
const url = (path: string) => `https://example.com/kompliant/${path}`;
let account: Record<string, string | undefined> = {};

test.each([["deploy"], ["up", "--yes"]])(
  "%s is refused with the usage, before anything is done",
  (...args) => {
    const { status, stdout, stderr } = quickstart(...args.filter(Boolean));
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr.trim()).toBe("usage: npm run quickstart [-- up | preview | refresh | destroy]");
    expect(existsSync(join(copy, "node_modules"))).toBe(false);
  },
);

test("installs, builds and creates three endpoints in a fresh clone", () => {
  const run = quickstart();
  expect([run.stderr, run.status]).toEqual([expect.not.stringContaining("failed"), 0]);
  expect(run.stdout).toMatch(/^\s+\+ 4 created/m);
  account = run.account;
  expect(Object.keys(account).sort()).toEqual([url("orders"), url("payments"), url("refunds")]);
  expect(run.stdout).toMatch(new RegExp(`^\\s+ordersId\\s*: "${account[url("orders")]}"`, "m"));
});

test("npm links the command before the first build, and it says so until then", () => {
  const windows = process.platform === "win32";
  const npx = () =>
    spawnSync("npx", ["pulumi-kompliant", "--help"], { cwd: copy, encoding: "utf8", shell: windows });
  expect(npx()).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage: pulumi-kompliant /) });

  const dist = join(copy, "provider", "dist");
  renameSync(dist, `${dist}-away`);
  const unbuilt = npx();
  renameSync(`${dist}-away`, dist);
  expect([unbuilt.status, unbuilt.stdout]).toEqual([1, ""]);
  expect(unbuilt.stderr).toContain("pulumi-kompliant: not built yet; `npm run build`");
  expect(unbuilt.stderr).not.toMatch(/^\s+at /m);
});

test("has nothing to do the next time", () => {
  const run = quickstart("up");
  expect(run.status).toBe(0);
  expect(run.stdout).toMatch(/^\s+4 unchanged/m);
  expect(run.stdout).not.toContain("npm ");
  expect(run.account).toEqual(account);
});

test("previews and then makes a change of a URL in place", () => {
  const program = join(copy, "examples", "quickstart", "index.ts");
  writeFileSync(program, readFileSync(program, "utf8").replace(url("orders"), url("moved")));

  const preview = quickstart("preview");
  expect(preview.status).toBe(0);
  expect(preview.stdout).toMatch(/^\s+~ 1 to update/m);
  expect(preview.account).toEqual(account);

  const up = quickstart("up");
  expect(up.status).toBe(0);
  expect(up.stdout).toMatch(/^\s+~ 1 updated/m);
  const { [url("orders")]: id, ...others } = account;
  account = { [url("moved")]: id, ...others };
  expect(up.account).toEqual(account);
});

test("refreshes", () => {
  const run = quickstart("refresh");
  expect(run.status).toBe(0);
  expect(run.stdout).toMatch(/^\s+4 unchanged/m);
  expect(run.account).toEqual(account);
});

test("says once what is wrong with the program, without a stack trace", () => {
  const program = join(copy, "examples", "quickstart", "index.ts");
  const text = readFileSync(program, "utf8");
  writeFileSync(program, text.replace(url("moved"), "http://example.com/kompliant/moved"));
  const run = quickstart("up");
  writeFileSync(program, text);
  expect(run.status).toBe(1);
  expect(run.stdout + run.stderr).toContain("http://example.com/kompliant/moved");
  expect(run.stdout + run.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(run.stderr).toContain("quickstart: `up` failed; see above");
});

test("destroys all of it", () => {
  const run = quickstart("destroy");
  expect(run.status).toBe(0);
  expect(run.stdout).toMatch(/^\s+- 4 deleted/m);
  expect(run.stdout).toContain("The account now has 0 webhook configurations");
  expect(run.account).toEqual({});
});
