import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { callsOf } from "../support/calls.js";
import { type EngineStack, engineStack, type Operations } from "../support/engine.js";
import { example } from "../support/example.js";
import { confidential } from "../support/printed.js";
import { FIRST_MS, goProject, type ProjectOptions, pythonProject, yamlProject } from "../support/project.js";
import { generateSdks, PLUGIN } from "../support/sdks.js";

const at = (path: string) => `https://example.com/${path}`;
const secret = (value: string) => ({ value, secret: true });

/** A stack with an example's program, and an account that the program finds by the stack config alone. */
async function deployedBy(
  emulator: Emulator,
  name: string,
  config: Record<string, { value: string; secret?: boolean }> = {},
): Promise<EngineStack> {
  const { apiKey, secretKey, authToken } = emulator.credentials;
  return engineStack({
    env: {},
    program: example(name),
    config: {
      "kompliant:accountId": { value: emulator.accountIds[0] ?? "" },
      "kompliant:baseUrl": { value: emulator.url },
      "kompliant:apiKey": secret(apiKey),
      "kompliant:secretKey": secret(secretKey),
      "kompliant:authToken": secret(authToken),
      ...config,
    },
  });
}

async function outputsOf({ stack }: Operations): Promise<Record<string, unknown>> {
  const outputs = await stack.outputs();
  return Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value]));
}

const urls = (emulator: Emulator, accountId?: string) =>
  emulator
    .configs(accountId)
    .map(({ url }) => url)
    .sort();

test("quickstart", async () => {
  await using emulator = await startEmulator();
  await using stack = await deployedBy(emulator, "quickstart");
  const run = await stack.up();
  expect(run.ok, run.output).toBe(true);
  const ids = emulator.configs().map(({ config_id }) => config_id);
  expect(Object.values(await outputsOf(stack)).sort()).toEqual(ids.sort());
});

/** How the example in a language is deployed with the generated SDKs. */
const inLanguages = {
  yaml: async (options: ProjectOptions) => {
    const { name: _, runtime: __, ...program } = parse(options.program);
    return yamlProject({ ...options, program: stringify(program) });
  },
  python: async (options: ProjectOptions, sdks: string) => pythonProject(options, join(sdks, "python")),
  go: async (options: ProjectOptions, sdks: string) => goProject(options, join(sdks, "go")),
};

test.each([
  ["yaml", "Pulumi.yaml"],
  ["python", "__main__.py"],
  ["go", "main.go"],
] as const)(
  "%s, by the plugin",
  async (language, file) => {
    await using sdks = await generateSdks();
    await using emulator = await startEmulator();
    const program = readFileSync(new URL(`../../examples/${language}/${file}`, import.meta.url), "utf8");
    const settings = { packages: { kompliant: PLUGIN } };
    await using project = await inLanguages[language]({ program, settings, env: emulator.env }, sdks.folder);
    const run = await project.up();
    expect(run.ok, run.output).toBe(true);
    const ids = emulator.configs().map(({ url, config_id }) => [`${url.split("/").at(-1)}Id`, config_id]);
    expect(ids).toHaveLength(3);
    expect(await outputsOf(project)).toEqual(Object.fromEntries(ids));
    expect(await project.up()).toMatchObject({ ok: true, changes: { same: 4 } });
  },
  FIRST_MS,
);

test("adopt", async () => {
  await using emulator = await startEmulator();
  const orders = emulator.put(at("kompliant/old-orders"));
  const payments = emulator.put(at("kompliant/payments"));
  await using stack = await deployedBy(emulator, "adopt", { ordersId: { value: orders } });
  const preview = await stack.preview();
  expect(preview.ok, preview.output).toBe(true);
  expect(preview.output).toContain(`taking over ${orders} will change its URL`);
  emulator.clearRequests();
  const run = await stack.up();
  expect(run.ok, run.output).toBe(true);
  expect((await outputsOf(stack))["ids"]).toEqual([orders, payments, expect.stringMatching(/^whc_/)]);
  expect(urls(emulator)).toEqual(["orders", "payments", "refunds"].map((name) => at(`kompliant/${name}`)));
  expect(callsOf(emulator)).toMatchObject({ create: 1, update: 1, delete: 0, get: 0 });
  expect(await stack.up()).toMatchObject({ ok: true, changes: { same: 4 } });
});

test("lookups", async () => {
  await using emulator = await startEmulator();
  const theirs = emulator.put(at("theirs"));
  await using stack = await deployedBy(emulator, "lookups");
  const preview = await stack.preview();
  expect(preview.ok, preview.output).toBe(true);
  emulator.clearRequests();
  const run = await stack.up();
  expect(run.ok, run.output).toBe(true);
  const [, orders] = emulator.configs();
  expect(await outputsOf(stack)).toEqual({
    theirsId: theirs,
    before: [at("theirs")],
    registeredAt: orders?.created_at,
    theirUrl: at("theirs"),
  });
  // One of the program for what waits for nothing, one for what waits for the create; the rest is the provider's.
  expect(callsOf(emulator)).toMatchObject({ create: 1, get: 0, update: 0, delete: 0 });
  expect(callsOf(emulator).list).toBeLessThanOrEqual(4);
  expect(await stack.destroy()).toMatchObject({ ok: true });
  expect(urls(emulator)).toEqual([at("theirs")]);
});

test("several accounts", async () => {
  const [us, eu] = ["lv_us", "lv_eu"] as const;
  await using emulator = await startEmulator({ accountIds: [us, eu] });
  const { apiKey, secretKey, authToken } = emulator.credentials;
  await using stack = await deployedBy(emulator, "several-accounts", {
    euApiKey: secret(apiKey),
    euSecretKey: secret(secretKey),
    euAuthToken: secret(authToken),
    euAccountId: { value: eu },
  });
  const run = await stack.up();
  expect(run.ok, run.output).toBe(true);
  expect(urls(emulator, us)).toEqual(["https://us.example.com/kompliant"]);
  expect(urls(emulator, eu)).toEqual([
    "https://eu.example.com/kompliant",
    "https://us.example.com/kompliant",
  ]);
  const state = await stack.state();
  for (const credential of [apiKey, secretKey, authToken]) expect(state).not.toContain(credential);
  emulator.clearRequests();
  expect(await stack.refresh()).toMatchObject({ ok: true });
  expect(callsOf(emulator)).toMatchObject({ list: 2 });
});

test("set", async () => {
  await using emulator = await startEmulator();
  await using stack = await deployedBy(emulator, "set");
  const run = await stack.up();
  expect(run.ok, run.output).toBe(true);
  const ids = Object.fromEntries(
    emulator.configs().map(({ config_id, url }) => [url.split("/").at(-1), config_id]),
  );
  expect(await outputsOf(stack)).toEqual({ ids });
});

test("first delivery", async () => {
  const temporary = mkdtempSync(join(tmpdir(), "kompliant-first-delivery-"));
  const receiverFolder = join(temporary, "secrets");
  try {
    await using emulator = await startEmulator();
    await using stack = await deployedBy(emulator, "first-delivery", {
      receiverFolder: { value: receiverFolder },
      rotated: { value: "2026-11" },
    });
    const statuses = () => emulator.keys().map(({ status }) => status);
    const secrets = () =>
      emulator.keys().map(({ key_id, shared_secret }) => [key_id, confidential(shared_secret, "a key")]);
    const stored = () =>
      readdirSync(receiverFolder)
        .sort()
        .map((keyId) => [keyId, readFileSync(join(receiverFolder, keyId), "utf8")]);
    const calls = () => emulator.requests.map(({ method }) => method.replace("webhook.", ""));

    const first = await stack.up();
    expect(first.ok, first.output).toBe(true);
    expect(calls().filter((method) => !method.endsWith("list"))).toEqual([
      "key.create",
      "key.activate",
      "config.create",
      "config.create",
    ]);
    expect(statuses()).toEqual(["ACTIVE"]);
    expect(stored()).toEqual(secrets());

    emulator.clearRequests();
    await stack.stack.setConfig("rotated", { value: "2026-12" });
    const rotation = await stack.up();
    expect(rotation.ok, rotation.output).toBe(true);
    expect(calls()).toEqual(["key.create", "key.activate"]);
    expect(statuses()).toEqual(["DELETED", "ACTIVE"]);
    expect(stored()).toEqual(secrets());
    expect((await outputsOf(stack))["keyId"]).toBe(emulator.keys()[1]?.key_id);

    // Where the secret cannot be stored, the new key is not activated.
    emulator.clearRequests();
    renameSync(receiverFolder, `${receiverFolder}-away`);
    writeFileSync(receiverFolder, "");
    await stack.stack.setConfig("rotated", { value: "2027-01" });
    const failed = await stack.up();
    expect(failed, failed.output).toMatchObject({ ok: false });
    expect(failed.output).toContain("EEXIST");
    expect(calls()).toEqual(["key.create"]);
    expect(statuses()).toEqual(["DELETED", "ACTIVE", "INACTIVE"]);

    emulator.clearRequests();
    rmSync(receiverFolder);
    renameSync(`${receiverFolder}-away`, receiverFolder);
    const next = await stack.up();
    expect(next.ok, next.output).toBe(true);
    expect(calls()).toEqual(["key.activate"]);
    expect(statuses()).toEqual(["DELETED", "DELETED", "ACTIVE"]);
    expect(stored()).toEqual(secrets());

    const state = await stack.state();
    for (const { shared_secret } of emulator.keys()) expect(state).not.toContain(shared_secret);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
});

test("every example is deployed by a test", () => {
  const folders = readdirSync(new URL("../../examples", import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  // The pipeline's steps have a test of their own.
  expect(folders.filter((name) => name !== "pipeline").sort()).toEqual([
    "adopt",
    "first-delivery",
    "go",
    "lookups",
    "python",
    "quickstart",
    "set",
    "several-accounts",
    "yaml",
  ]);
});
