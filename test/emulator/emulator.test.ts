import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { sign } from "../../provider/src/api/signature.js";
import { faultFor, parsePlan } from "../../provider/src/emulator/faults.js";
import { type Emulator, startEmulator } from "../../provider/src/emulator/index.js";

const bin = fileURLToPath(new URL("../../provider/dist/cli/main.js", import.meta.url));
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "kompliant-"));
  folders.push(folder);
  return folder;
}

async function call(
  { url, env }: Pick<Emulator, "url" | "env">,
  method: string,
  params: object,
): Promise<Response> {
  const key = env["KOMPLIANT_API_KEY"] ?? "";
  return fetch(`${url}/webhook.config.${method}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `KSig1-HMAC-SHA256 ${sign(key, env["KOMPLIANT_SECRET_KEY"] ?? "")}`,
      "x-api-key": key,
      "x-api-auth-token": env["KOMPLIANT_AUTH_TOKEN"] ?? "",
    },
    body: JSON.stringify(params),
  });
}

const account_id = "lv_4K8mPxR9N2jL7hS5TdWfY1";
const create = (url: string) => ({ account_id, config: { url } });

test("logs every request, with nothing of its credentials, and can be looked at from outside", async () => {
  await using emulator = await startEmulator();
  await call(emulator, "create", create("https://example.com/a"));
  await call(emulator, "create", create("https://example.com/a"));
  expect(emulator.requests).toMatchObject([
    {
      n: 1,
      method: "webhook.config.create",
      accountId: account_id,
      url: "https://example.com/a",
      status: 200,
      committed: true,
    },
    { n: 2, status: 400, code: "SYSTEM_RULE_VIOLATION", subCode: "URL_ALREADY_EXISTS", committed: false },
  ]);
  const { apiKey, secretKey, authToken } = emulator.credentials;
  for (const secret of [apiKey, secretKey, authToken, sign(apiKey, secretKey)])
    expect(JSON.stringify(emulator.requests)).not.toContain(secret);
  expect(await (await fetch(`${emulator.url}/_emulator/requests`)).json()).toEqual(emulator.requests);
});

test("the control interface changes the account behind everybody's back, and sets faults", async () => {
  await using emulator = await startEmulator();
  const control = (method: string, path: string, body?: unknown) =>
    fetch(`${emulator.url}/_emulator/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const { config_id } = (await (
    await control("POST", "configs", { url: "https://example.com/a" })
  ).json()) as {
    config_id: string;
  };
  await control("PATCH", `configs/${config_id}`, { url: "https://example.com/b" });
  expect(await (await control("GET", "configs")).json()).toMatchObject([
    { config_id, url: "https://example.com/b" },
  ]);
  await control("DELETE", `configs/${config_id}`);
  expect(emulator.configs()).toEqual([]);
  await control("PUT", "faults", [{ method: "list", effect: "status", status: 503 }]);
  expect((await call(emulator, "list", { account_id })).status).toBe(503);
  expect((await call(emulator, "list", { account_id })).status).toBe(200);
  expect((await control("PUT", "faults", [{ method: "lost" }])).status).toBe(400);
  expect((await control("GET", "nothing")).status).toBe(404);
  expect(emulator.requests).toHaveLength(2);
});

test("a fault plan that is not valid is refused with all that is wrong", () => {
  expect(() =>
    parsePlan([
      { method: "list", effect: "explode" },
      { method: "all", effect: "cut", nth: 0 },
    ]),
  ).toThrow(/0\.effect[\s\S]*1\.(method|nth)/);
});

test("a fault hits the nth call of its method, as often as it says", () => {
  const plan = parsePlan([{ method: "create", nth: 2, times: 2, effect: "cut" }]);
  expect([1, 2, 3, 4].map((nth) => faultFor(plan, "create", nth) !== undefined)).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(faultFor(plan, "list", 2)).toBeUndefined();
});

test("what it keeps in a file survives a kill between any two requests", async () => {
  const file = join(temporary(), "account.json");
  const start = async () => {
    const child = spawn(process.execPath, [bin, "emulator", "--file", file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [first] = await once(createInterface({ input: child.stdout }), "line");
    const url = /http:\S+\d/.exec(String(first))?.[0] ?? "";
    return { child, url };
  };
  await using sample = await startEmulator();
  for (let round = 1; round <= 3; round++) {
    const { child, url } = await start();
    // The kill comes while requests are under way: each is either answered and kept, or neither.
    const answers = Array.from({ length: 5 }, async (_, i) => {
      const response = await call(
        { url, env: sample.env },
        "create",
        create(`https://example.com/${round}/${i}`),
      );
      return response.json();
    });
    const answered = (await Promise.race(answers)) as { data: { config_id: string } };
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await Promise.allSettled(answers);
    await gone;
    await using again = await startEmulator({ file });
    expect(again.configs().map(({ config_id }) => config_id)).toContain(answered.data.config_id);
  }
});

test("a file of somebody else's is refused and left alone", async () => {
  const file = join(temporary(), "account.json");
  writeFileSync(file, "not ours");
  await expect(startEmulator({ file })).rejects.toThrow(/is not a file of the emulator/);
});

test("the command line prints what to paste, logs requests without credentials, and ends cleanly", async () => {
  const child = spawn(process.execPath, [bin, "emulator", "--account", "lv_one", "lv_two"], {
    stdio: "pipe",
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  await expect.poll(() => lines.length).toBe(6);
  const env = Object.fromEntries(
    lines.slice(1).map((line) => /^export (\w+)='(.*)'$/.exec(line)?.slice(1) ?? []),
  );
  expect(env["KOMPLIANT_ACCOUNT_ID"]).toBe("lv_one");
  await call({ url: env["KOMPLIANT_BASE_URL"], env }, "list", { account_id: "lv_two" });
  await expect.poll(() => lines.at(-1)).toBe("webhook.config.list lv_two 200");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test.each([
  [["emulator", "--port", "seven"], "must be 0 to 65535"],
  [["emulator", "--faults", "nowhere.json"], "cannot read the fault plan nowhere.json"],
  [["unheard-of"], "unknown command"],
])("the command line refuses %j", async (args, words) => {
  const child = spawn(process.execPath, [bin, ...args], { stdio: "pipe" });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += data;
  });
  expect(await once(child, "close")).toEqual([1, null]);
  expect(errors).toContain(words);
  expect(errors).not.toMatch(/^\s+at /m);
});
