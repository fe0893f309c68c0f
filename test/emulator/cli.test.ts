import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test } from "vitest";
import { sign } from "../../provider/src/core/api/signature.js";
import { startEmulator } from "../../provider/src/emulator/index.js";
import { printed, printedByEmulator } from "../support/printed.js";
import { call } from "./call.js";

const bin = fileURLToPath(new URL("../../provider/dist/cli/main.js", import.meta.url));
const children: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), "kompliant-"));
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

/** Starts the emulator, and reads what it prints before the first request. */
async function runEmulator(...args: string[]) {
  const child = run("emulator", ...args);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => printedByEmulator(String((await lines.next()).value));
  const first = await line();
  const env: Record<string, string> = {};
  for (let i = 0; i < 5; i++) {
    const [, name = "", value = ""] = /^export (\w+)='(.*)'$/.exec(await line()) ?? [];
    env[name] = value;
  }
  return { child, line, first, env, url: env["KOMPLIANT_BASE_URL"] ?? "" };
}

async function ended(child: ReturnType<typeof run>) {
  const [[code], out, err] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, out: printed(out), err: printed(err) };
}

test("prints its URL and what to paste", async () => {
  const { first, env, url } = await runEmulator("--account", "lv_one", "lv_two");
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(first).toContain(url);
  expect(env).toMatchObject({
    KOMPLIANT_ACCOUNT_ID: "lv_one",
    KOMPLIANT_API_KEY: expect.stringMatching(/^sb_/),
    KOMPLIANT_SECRET_KEY: expect.any(String),
    KOMPLIANT_AUTH_TOKEN: expect.any(String),
  });
});

test("logs a line for each request, without credentials", async () => {
  const emulator = await runEmulator("--account", "lv_one", "--account", "lv_two");
  await call(emulator, "list", { account_id: "lv_two" });
  expect(await emulator.line()).toBe("webhook.config.list lv_two 200");
  const create = { account_id: "lv_one", config: { url: "https://example.com/a" } };
  await call(emulator, "create", create);
  expect(await emulator.line()).toBe("webhook.config.create lv_one https://example.com/a 200");
  await call(emulator, "create", create);
  expect(await emulator.line()).toBe(
    "webhook.config.create lv_one https://example.com/a 400 SYSTEM_RULE_VIOLATION URL_ALREADY_EXISTS",
  );
  await call(emulator, "/webhook.key.get", { key_id: "whk_20260102_01" });
  expect(await emulator.line()).toBe("webhook.key.get whk_20260102_01 404 ENTITY_NOT_FOUND");
  const { KOMPLIANT_API_KEY: apiKey = "", KOMPLIANT_SECRET_KEY: secretKey = "" } = emulator.env;
  const wrong = { "content-type": "application/json", authorization: sign(apiKey, secretKey) };
  await call(emulator, "list", { account_id: "lv_two" }, { headers: wrong });
  expect(await emulator.line()).toBe("webhook.config.list lv_two 401 AUTH_MISSING_HEADER");
});

test("whatever is called or registered stays on its line of the log, which is no command", async () => {
  const { line, ...emulator } = await runEmulator("--account", "lv_one");
  await fetch(`${emulator.url}/::error::x`);
  expect(await line()).toBe("\\u{3a}:error::x 400 BAD_REQUEST");
  await call(emulator, "create", {
    account_id: "lv_one",
    config: { url: "https://a.example/\n::error::\u001b" },
  });
  expect(await line()).toBe("webhook.config.create lv_one https://a.example/\\n::error::\\u{1b} 200");
});

test("what is to be pasted is one word, whatever the account is called", async () => {
  const { env } = await runEmulator("--account", "lv';touch$(x);'");
  expect(env["KOMPLIANT_ACCOUNT_ID"]).toBe("lv'\\'';touch$(x);'\\''");
});

test("takes a fault plan from a file", async () => {
  const faults = join(folder, "faults.json");
  writeFileSync(faults, JSON.stringify([{ method: "list", effect: "drop", commit: false }]));
  const emulator = await runEmulator("--faults", faults);
  await expect(call(emulator, "list", { account_id: "lv_one" })).rejects.toThrow();
  expect(await emulator.line()).toBe("webhook.config.list lv_one no answer (fault: drop)");
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "ends cleanly on %s, whatever a fault holds back",
  async (signal) => {
    const faults = join(folder, "faults.json");
    writeFileSync(
      faults,
      JSON.stringify([
        { method: "list", effect: "latency", ms: 600_000 },
        { method: "list", nth: 2, effect: "status", status: 503 },
      ]),
    );
    const emulator = await runEmulator("--faults", faults);
    const calls = [1, 2].map(() => call(emulator, "list", { account_id: "lv_one" }));
    await Promise.race(calls);
    emulator.child.kill(signal);
    expect(await once(emulator.child, "exit")).toEqual([0, null]);
    await Promise.allSettled(calls);
  },
);

test("what it keeps in a file survives a kill while requests are under way", async () => {
  const file = join(folder, "account.json");
  const answered: string[] = [];
  for (let round = 1; round <= 3; round++) {
    const emulator = await runEmulator("--file", file);
    const { KOMPLIANT_ACCOUNT_ID: account_id } = emulator.env;
    // Each is either kept, or was never answered.
    const answers = Array.from({ length: 5 }, async (_, i) => {
      const config = { url: `https://example.com/${round}/${i}` };
      const response = await call(emulator, "create", { account_id, config });
      const { data } = (await response.json()) as { data: { config_id: string } };
      answered.push(data.config_id);
    });
    await Promise.race(answers);
    const gone = once(emulator.child, "exit");
    emulator.child.kill("SIGKILL");
    await Promise.allSettled(answers);
    await gone;
    await using again = await startEmulator({ file });
    const ids = again.configs().map(({ config_id }) => config_id);
    expect(ids).toEqual(expect.arrayContaining(answered));
  }
});

test.each([
  [["--help"], "emulator"],
  [["emulator", "--help"], "--faults <path>"],
])("%j explains itself", async (args, words) => {
  const { code, out, err } = await ended(run(...args));
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain(words);
});

test.each([
  [["emulator", "--port", "seven"], "must be 0 to 65535"],
  [["emulator", "--faults", "nowhere.json"], "cannot read the fault plan nowhere.json"],
  [["emulator", "--faults", bin], `cannot read the fault plan ${bin}`],
  [["emulator", "--file", join(folder, "no", "account.json")], "the emulator cannot write"],
  [["unheard-of"], "unknown command"],
  [["emulator", "--unheard-of"], "unknown option"],
])("%j is refused", async (args, words) => {
  const { code, err } = await ended(run(...args));
  expect(code).toBe(1);
  expect(err).toContain(words);
  expect(err).not.toMatch(/^\s+at /m);
});

test("a port that is taken is refused, naming it", async () => {
  await using other = await startEmulator();
  const port = new URL(other.url).port;
  const { code, err } = await ended(run("emulator", "--port", port));
  expect([code, err]).toEqual([1, expect.stringContaining(port)]);
});

test.each([
  ["[]", "the whole: Invalid input: expected record, received array"],
  [
    '{"name":"x","lv_one":[{}]}',
    "name: Invalid input: expected object, received string (the first of 4 problems)",
  ],
  ["not JSON", "is not valid JSON"],
])("a file of something else, %j, is refused in one line, and left as it is", async (content, problem) => {
  const file = join(folder, "other.json");
  writeFileSync(file, content);
  const { code, err } = await ended(run("emulator", "--file", file));
  expect(code).toBe(1);
  expect(err.split("\n")).toEqual([
    expect.stringContaining(`pulumi-kompliant: ${file} is not a file of the emulator: `),
    "",
  ]);
  expect(err).toContain(`${problem}. Move it away, delete it, or name another one.`);
  expect(readFileSync(file, "utf8")).toBe(content);
});

test("a fault plan that is not valid is refused with all that is wrong", async () => {
  const faults = join(folder, "faults.json");
  writeFileSync(faults, JSON.stringify([{ method: "lost", effect: "cut" }, { method: "list" }]));
  const { code, err } = await ended(run("emulator", "--faults", faults));
  expect(code).toBe(1);
  for (const words of [faults, "0.method", "1.effect"]) expect(err).toContain(words);
});
