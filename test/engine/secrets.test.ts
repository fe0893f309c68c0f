import * as pulumi from "@pulumi/pulumi";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { type EngineStack, engineStack, kompliant } from "../support/engine.js";

const { WebhookConfig, WebhookConfigSet } = kompliant;
const url = (path: string) => `https://example.com/kompliant/${path}`;

test("URLs may be secrets: deployed, left alone, changed, and encrypted in state", async () => {
  await using emulator = await startEmulator({ accountIds: ["lv_one", "lv_two"] });
  let token = "confidential";
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      const secret = (name: string) => pulumi.secret(url(`${name}?token=${token}`));
      new WebhookConfig("one", { url: secret("one") });
      new WebhookConfigSet("two", { accountId: "lv_two", urls: { a: secret("a"), b: url("b") } });
    },
  });
  const created = await stack.up();
  expect(created.ok, created.output).toBe(true);
  expect(await stack.state()).not.toContain(token);
  expect(await stack.up()).toMatchObject({ ok: true, changes: { same: 3 } });
  const ids = ["lv_one", "lv_two"].flatMap((account) => emulator.configs(account).map((c) => c.config_id));
  token = "another";
  expect(await stack.up()).toMatchObject({ ok: true, changes: { update: 2, same: 1 } });
  const live = ["lv_one", "lv_two"].flatMap((account) => emulator.configs(account));
  expect(live.map(({ config_id }) => config_id)).toEqual(ids);
  expect(new Set(live.map((each) => each.url))).toEqual(
    new Set([url("one?token=another"), url("a?token=another"), url("b")]),
  );
  expect(await stack.state()).not.toContain("another");
});

/** What the engine shows of a stack in detail: `pulumi preview --diff` and `pulumi stack output`. */
async function shownOf({ stack }: EngineStack): Promise<string> {
  let shown = "";
  await stack.preview({
    diff: true,
    onOutput: (text) => {
      shown += text;
    },
  });
  return shown;
}

test("a set shows no URL of another resource, and does not call one of the program foreign", async () => {
  await using emulator = await startEmulator({ accountIds: ["lv_one"] });
  const [token, elsewhere] = ["confidential", "of-another-stack"];
  const foreign = emulator.put(url(`foreign?token=${elsewhere}`));
  const declared: Record<string, string> = { a: url("a") };
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      const set = new WebhookConfigSet("set", { urls: declared });
      const one = new WebhookConfig("one", { url: pulumi.secret(url(`one?token=${token}`)) });
      return { id: one.id, ids: set.ids, others: set.others };
    },
  });
  const expectOthers = async () => {
    for (const secret of [token, elsewhere]) expect(await stack.state()).not.toContain(secret);
    const { others } = await stack.stack.outputs();
    expect(others).toEqual({ value: { [foreign]: url(`foreign?token=${elsewhere}`) }, secret: true });
  };
  const created = await stack.up();
  expect(created.ok, created.output).toBe(true);
  const { id } = await stack.stack.outputs();
  await expectOthers();

  // The set is read again and again, and its sibling only at the same time.
  const refreshed = await stack.refresh();
  expect(refreshed.ok, refreshed.output).toBe(true);
  expect(refreshed.output).toContain(`a configuration that the set does not declare: ${foreign} (`);
  expect(refreshed.output).not.toContain(`the set does not declare: ${id?.value}`);
  await expectOthers();

  declared["b"] = url("b");
  for (const run of [await shownOf(stack), refreshed.output, (await stack.up()).output])
    for (const secret of [token, elsewhere]) expect(run).not.toContain(secret);
  await expectOthers();
});

test("what an earlier version has stored in clear is read, changes nothing, and is a secret from then on", async () => {
  await using emulator = await startEmulator({ accountIds: ["lv_one"] });
  const foreign = emulator.put(url("foreign?token=confidential"));
  await using stack = await engineStack({
    env: emulator.env,
    program: async () => {
      new WebhookConfigSet("set", { urls: { a: url("a") } });
    },
  });
  expect(await stack.up()).toMatchObject({ ok: true });
  const state = await stack.stack.exportStack();
  for (const resource of state.deployment.resources) {
    if (resource.outputs?.others === undefined) continue;
    resource.outputs.others = { [foreign]: url("foreign?token=confidential") };
    delete resource.additionalSecretOutputs;
  }
  await stack.stack.importStack(state);
  expect(await stack.state()).toContain("confidential");
  emulator.clearRequests();
  const up = await stack.up();
  expect(up).toMatchObject({ ok: true, changes: { same: 2 } });
  expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 0 });
  expect(await stack.state()).not.toContain("confidential");
  expect(up.output).not.toContain("confidential");
});
