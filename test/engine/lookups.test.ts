import * as pulumi from "@pulumi/pulumi";
import type { ConfigMap, PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { secondsApart } from "../support/clock.js";
import { type EngineStack, engineStack, kompliant, type Run } from "../support/engine.js";

const {
  getWebhookConfig,
  getWebhookConfigOutput,
  listWebhookConfigs,
  listWebhookConfigsOutput,
  Provider,
  WebhookConfig,
} = kompliant;
const [FIRST, SECOND] = ["lv_first", "lv_second"] as const;
const at = (path: string) => `https://example.com/kompliant/${path}`;

/** A stack that finds the emulator by its config, as the program itself does. */
async function stackFor(emulator: Emulator, program: PulumiFn, config?: ConfigMap): Promise<EngineStack> {
  const { apiKey, secretKey, authToken } = emulator.credentials;
  return engineStack({
    env: {},
    program,
    config: config ?? {
      "kompliant:accountId": { value: FIRST },
      "kompliant:baseUrl": { value: emulator.url },
      "kompliant:apiKey": { value: apiKey, secret: true },
      "kompliant:secretKey": { value: secretKey, secret: true },
      "kompliant:authToken": { value: authToken, secret: true },
    },
  });
}

async function outputsOf({ stack }: EngineStack): Promise<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(await stack.outputs()).map(([key, { value }]) => [key, value]));
}

/** What was said to the user: never a credential, and no trace of our code. */
function expectReadable({ output }: Run, { credentials }: Emulator): void {
  for (const secret of Object.values(credentials)) expect(output).not.toContain(secret);
  expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);
}

test("by id, by URL and all of them, as promises and as outputs: one list, in the preview as in the deployment", async () => {
  await using emulator = await startEmulator({ accountIds: [FIRST, SECOND], clock: secondsApart() });
  const id = emulator.put(at("a"));
  emulator.put(at("b"));
  await using stack = await stackFor(emulator, async () => {
    const byId = getWebhookConfig({ id });
    const byUrl = await getWebhookConfig({ url: at("a") });
    return {
      byId,
      byUrl,
      idOutput: getWebhookConfigOutput({ id }),
      urlOutput: getWebhookConfigOutput({ url: at("a") }),
      all: listWebhookConfigs().then((configs) => configs.map(({ url }) => url)),
      allOutput: listWebhookConfigsOutput().apply((configs) => configs.map(({ url }) => url)),
    };
  });
  for (const run of [() => stack.preview(), () => stack.up()]) {
    emulator.clearRequests();
    const { ok, output } = await run();
    expect(ok, output).toBe(true);
    expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
  }
  const [a] = emulator.configs();
  const found = { id, url: at("a"), accountId: FIRST, createdAt: a?.created_at, updatedAt: a?.created_at };
  const all = [at("a"), at("b")];
  expect(await outputsOf(stack)).toEqual({
    byId: found,
    byUrl: found,
    idOutput: found,
    urlOutput: found,
    all,
    allOutput: all,
  });
});

test("of another account, and with an explicit provider's credentials: one list for each account and provider", async () => {
  await using emulator = await startEmulator({ accountIds: [FIRST, SECOND] });
  emulator.put(at("here"));
  const there = emulator.put(at("there"), { accountId: SECOND });
  await using other = await startEmulator({ accountIds: [SECOND] });
  const elsewhere = other.put(at("elsewhere"));
  const { apiKey, secretKey, authToken } = other.credentials;
  await using stack = await stackFor(emulator, async () => {
    const provider = new Provider("other", {
      apiKey: pulumi.secret(apiKey),
      secretKey,
      authToken,
      accountId: SECOND,
      baseUrl: other.url,
    });
    return {
      there: getWebhookConfig({ url: at("there") }, { accountId: SECOND }).then(({ id }) => id),
      thereToo: getWebhookConfigOutput({ url: at("there") }, { accountId: SECOND }).id,
      elsewhere: getWebhookConfig({ url: at("elsewhere") }, { provider }).then((found) => found.id),
      all: listWebhookConfigsOutput({ provider }).apply((all) => all.map(({ accountId }) => accountId)),
    };
  });
  const up = await stack.up();
  expect(up.ok, up.output).toBe(true);
  expectReadable(up, other);
  expect(await outputsOf(stack)).toEqual({ there, thereToo: there, elsewhere, all: [SECOND] });
  expect(emulator.requests.map(({ accountId }) => accountId)).toEqual([SECOND]);
  expect(other.requests.map(({ accountId }) => accountId)).toEqual([SECOND]);
});

test("of what is not there yet: the output form waits in the preview, and finds it in the deployment", async () => {
  await using emulator = await startEmulator({ accountIds: [FIRST] });
  const seen: string[] = [];
  await using stack = await stackFor(emulator, async () => {
    const orders = new WebhookConfig("orders", { url: at("orders") });
    const found = getWebhookConfigOutput({ id: orders.id });
    found.apply(({ url }) => seen.push(url));
    return {
      createdAt: found.createdAt,
      all: listWebhookConfigsOutput({ accountId: orders.accountId }).apply((all) => all.length),
    };
  });
  const preview = await stack.preview();
  expect(preview.ok, preview.output).toBe(true);
  expect(seen).toEqual([]);
  const up = await stack.up();
  expect(up.ok, up.output).toBe(true);
  expect(seen).toEqual([at("orders")]);
  expect(await outputsOf(stack)).toEqual({ createdAt: emulator.configs()[0]?.created_at, all: 1 });
});

test.each([
  ["an id", { id: "whc_unknown" }, "the id whc_unknown"],
  ["a URL", { url: at("unknown") }, `the URL ${at("unknown")}`],
] as const)(
  "%s that there is not fails the preview with a list of what there is",
  async (_, query, wanted) => {
    await using emulator = await startEmulator({ accountIds: [FIRST] });
    let form: "promise" | "output" = "promise";
    await using stack = await stackFor(emulator, async () => ({
      id: form === "promise" ? (await getWebhookConfig(query)).id : getWebhookConfigOutput(query).id,
    }));
    const empty = await stack.preview();
    expect(empty.ok).toBe(false);
    expect(empty.output).toContain(
      `account ${FIRST} has no webhook configuration with ${wanted}. It has none at all.`,
    );
    expectReadable(empty, emulator);
    const ids = [emulator.put(at("a")), emulator.put(at("b"))];
    for (const next of ["promise", "output"] as const) {
      form = next;
      const failed = await stack.preview();
      expect(failed.ok).toBe(false);
      expect(failed.output).toContain(`has no webhook configuration with ${wanted}. It has:`);
      for (const part of [...ids, at("a"), at("b")]) expect(failed.output).toContain(part);
      expectReadable(failed, emulator);
    }
  },
);

test("what is missing in the settings is listed at once, with the commands, before any call", async () => {
  await using emulator = await startEmulator({ accountIds: [FIRST] });
  let lookUp: () => Promise<unknown> = () => listWebhookConfigs();
  await using stack = await stackFor(emulator, async () => ({ result: await lookUp() }), {
    "kompliant:baseUrl": { value: emulator.url },
  });
  const nothing = await stack.preview();
  expect(nothing.ok).toBe(false);
  for (const key of ["apiKey", "secretKey", "authToken"])
    expect(nothing.output).toContain(`pulumi config set --secret kompliant:${key}`);
  expectReadable(nothing, emulator);

  const { apiKey, secretKey, authToken } = emulator.credentials;
  await stack.stack.setAllConfig({
    "kompliant:apiKey": { value: apiKey, secret: true },
    "kompliant:secretKey": { value: secretKey, secret: true },
    "kompliant:authToken": { value: authToken, secret: true },
  });
  const noAccount = await stack.preview();
  expect(noAccount.ok).toBe(false);
  expect(noAccount.output).toContain("pulumi config set kompliant:accountId");
  expectReadable(noAccount, emulator);
  expect(emulator.requests).toEqual([]);

  lookUp = () => listWebhookConfigs({ accountId: FIRST });
  const named = await stack.preview();
  expect(named.ok, named.output).toBe(true);
});

test("what can be no account's id, and a query for nothing, fail before any call", async () => {
  await using emulator = await startEmulator({ accountIds: [FIRST] });
  const nothing = {} as { id: string };
  const cases: readonly [lookUp: () => unknown, says: string][] = [
    [() => listWebhookConfigs({ accountId: "" }), '"" is not an account\'s id'],
    [() => getWebhookConfigOutput({ id: "whc_1" }, { accountId: " x" }), '" x" is not an account\'s id'],
    [() => getWebhookConfig(nothing), "getWebhookConfig needs to know which one: pass `id` or `url`"],
    [() => getWebhookConfigOutput(nothing), "getWebhookConfig needs to know which one: pass `id` or `url`"],
  ];
  let lookUp: () => unknown = () => undefined;
  await using stack = await stackFor(emulator, async () => ({ result: await lookUp() }));
  for (const [next, says] of cases) {
    lookUp = next;
    const failed = await stack.preview();
    expect(failed.ok).toBe(false);
    expect(failed.output).toContain(says);
    expectReadable(failed, emulator);
  }
  expect(emulator.requests).toEqual([]);
});

test("an explicit provider's settings come from the stack config if they are left out, and are refused if empty", async () => {
  await using emulator = await startEmulator({ accountIds: [FIRST] });
  let alsoDirectly = false;
  let own: { accountId?: string; baseUrl?: string } = { accountId: "", baseUrl: "" };
  await using stack = await stackFor(emulator, async () => {
    const provider = new Provider("same", { ...emulator.credentials, ...own });
    new WebhookConfig("orders", { url: at("orders") }, { provider });
    if (alsoDirectly) new WebhookConfig("again", { url: at("orders") });
    return own.baseUrl === "" ? {} : { accountId: provider.accountId, all: listWebhookConfigs({ provider }) };
  });
  const empty = await stack.preview();
  expect(empty.ok).toBe(false);
  for (const key of ["accountId", "baseUrl"])
    expect(empty.output).toContain(`kompliant:${key} of the provider "same" is empty`);
  own = {};
  const up = await stack.up();
  expect(up.ok, up.output).toBe(true);
  expect(await outputsOf(stack)).toMatchObject({ accountId: FIRST });
  expect(emulator.configs()).toMatchObject([{ url: at("orders") }]);
  alsoDirectly = true;
  expect((await stack.preview()).output).toContain(`of account ${FIRST} has ${at("orders")} already`);
});

test("what the API refuses is said once, with the account, the cause and the trace id", async () => {
  await using emulator = await startEmulator({ accountIds: [FIRST] });
  let accountId: string = "lv_unknown";
  await using stack = await stackFor(emulator, async () => {
    const options = { accountId };
    const [one, all] = await Promise.all([
      getWebhookConfig({ url: at("a") }, options).catch((error: Error) => error),
      listWebhookConfigs(options),
    ]);
    return { one, all };
  });
  const unknown = await stack.up();
  expect(unknown.ok).toBe(false);
  expect(unknown.output).toContain("The account lv_unknown is unknown to these credentials");
  expect(unknown.output).toContain("trace id: trc_");
  expectReadable(unknown, emulator);
  expect(callsOf(emulator).list).toBe(1);

  accountId = FIRST;
  await stack.stack.setConfig("kompliant:authToken", { value: "x".repeat(40), secret: true });
  const wrong = await stack.preview();
  expect(wrong.ok).toBe(false);
  expect(wrong.output).toContain("AUTH_INVALID_AUTH_TOKEN");
  expect(wrong.output).toContain("the stack config");
  expect(wrong.output).not.toContain("x".repeat(40));
  expectReadable(wrong, emulator);
});

test("a provider that is known only after the deployment is no use to a promise, and says so", async () => {
  await using emulator = await startEmulator({ accountIds: [FIRST] });
  const { secretKey, authToken, apiKey } = emulator.credentials;
  let form: "promise" | "output" = "promise";
  await using stack = await stackFor(emulator, async () => {
    const orders = new WebhookConfig("orders", { url: at("orders") });
    const provider = new Provider("late", { apiKey: orders.id.apply(() => apiKey), secretKey, authToken });
    return {
      all:
        form === "promise"
          ? await listWebhookConfigs({ provider })
          : orders.id.apply(() => listWebhookConfigs({ provider })),
    };
  });
  const preview = await stack.preview();
  expect(preview.ok).toBe(false);
  expect(preview.output).toContain("the provider's settings are known only after the deployment");
  expectReadable(preview, emulator);
  form = "output";
  expect(await stack.preview()).toMatchObject({ ok: true });
  const up = await stack.up();
  expect(up.ok, up.output).toBe(true);
  expect((await outputsOf(stack))["all"]).toMatchObject([{ url: at("orders") }]);
});
