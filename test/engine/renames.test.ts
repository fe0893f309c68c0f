import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { callsOf } from "../support/calls.js";
import { engineStack, kompliant } from "../support/engine.js";
import { shellIn } from "../support/shell.js";
import { at, consistent, type Scene, scene, settled, succeeded } from "../support/takeover.js";

const { WebhookConfig, WebhookConfigSet } = kompliant;
const HANDED_OVER = "was handed over to another resource of this stack: it is not deleted";

/** A stack with one endpoint, `old`. */
async function deployed(): Promise<Scene & { readonly id: string }> {
  const it = await scene({ old: { url: at("kept") } });
  succeeded(await it.stack.up());
  const id = it.account()[at("kept")] ?? "";
  it.emulator.clearRequests();
  return Object.assign(it, { id });
}

test("aliases make no call at all", async () => {
  await using it = await deployed();
  it.declared = { new: { url: at("kept"), more: { aliases: [{ name: "old" }] } } };
  expect(succeeded(await it.stack.up()).changes).toEqual({ same: 2 });
  expect(it.emulator.requests).toEqual([]);
  expect(await it.state()).toEqual({ new: [it.id, at("kept")] });
});

test("what the preview of a `pulumi up` has seen does not stand in the way of the update after it", async () => {
  await using it = await deployed();
  const { workspace, name } = it.stack.stack;
  const shell = await shellIn(workspace.workDir, workspace.envVars);
  const up = async (url: string) => {
    const program = `const { WebhookConfig } = require("pulumi-kompliant");
      new WebhookConfig("new", { url: ${JSON.stringify(url)}, adoptExisting: true });`;
    await writeFile(join(workspace.workDir, "index.js"), program);
    const { code, out, err } = await shell.pulumi("up", "--yes", "--stack", name);
    expect(code, out + err).toBe(0);
    expect(out).toContain("Previewing update");
    return out;
  };
  expect(await up(at("kept"))).toContain(HANDED_OVER);
  await up(at("moved"));
  expect(it.account()).toEqual({ [at("moved")]: it.id });
  await consistent(it);
});

test("an endpoint that was moved away by hand is removed with the old name, and the new one gets its own", async () => {
  await using it = await deployed();
  it.emulator.change(it.id, at("moved by hand"));
  it.declared = { new: { url: at("kept"), adoptExisting: true } };
  succeeded(await it.stack.up());
  expect(Object.keys(it.account())).toEqual([at("kept")]);
  expect(it.account()[at("kept")]).not.toBe(it.id);
  await consistent(it);
  await settled(it);
});

test("a new name and a new URL at once, by import", async () => {
  await using it = await deployed();
  it.declared = { new: { url: at("new"), import: it.id } };
  expect(succeeded(await it.stack.up()).output).toContain(`${it.id} (${at("kept")}) ${HANDED_OVER}`);
  expect(callsOf(it.emulator)).toMatchObject({ create: 0, update: 1, delete: 0 });
  expect(it.account()).toEqual({ [at("new")]: it.id });
  await consistent(it);
  await settled(it);
});

test("another provider under the same name changes nothing; a forced replacement then keeps nothing that it deletes", async () => {
  for (const forced of [false, true]) {
    await using it = await deployed();
    const [old] = await it.stack.resources();
    // What comes first makes the new provider's process list the account while the endpoint is still there.
    it.declared = {
      first: { url: at("first"), explicit: true },
      old: { url: at("kept"), explicit: true, adoptExisting: true, after: "first" },
    };
    const up = succeeded(await it.stack.up(forced ? { targetReplace: [old?.urn ?? ""] } : {}));
    expect(up.changes).toMatchObject(forced ? { replace: 1 } : { same: 2, create: 2 });
    expect(Object.keys(it.account()).sort()).toEqual([at("first"), at("kept")]);
    expect(it.account()[at("kept")] === it.id).toBe(!forced);
    await consistent(it);
    await settled(it);
  }
});

test("what goes to another stack is first let go: with retainOnDelete, or with pulumi state delete", async () => {
  for (const way of ["retainOnDelete", "state delete"]) {
    await using it = await deployed();
    if (way === "retainOnDelete") {
      it.declared = { old: { url: at("kept"), more: { retainOnDelete: true } } };
      succeeded(await it.stack.up());
      it.declared = {};
      succeeded(await it.stack.up());
    } else {
      const [old] = await it.stack.resources();
      const { workspace, name } = it.stack.stack;
      const shell = await shellIn(workspace.workDir, workspace.envVars);
      const { code } = await shell.pulumi("state", "delete", old?.urn ?? "", "--stack", name, "--yes");
      expect(code).toBe(0);
      it.declared = {};
      succeeded(await it.stack.up());
    }
    expect(it.emulator.requests).toEqual([]);
    await using other = await engineStack({
      env: it.emulator.env,
      program: async () => {
        new WebhookConfig("theirs", { url: at("kept"), adoptExisting: true });
      },
    });
    succeeded(await other.up());
    succeeded(await it.stack.up());
    expect(it.account()).toEqual({ [at("kept")]: it.id });
    expect((await other.resources())[0]?.id).toBe(it.id);
    expect(callsOf(it.emulator)).toMatchObject({ create: 0, update: 0, delete: 0 });
  }
});

test("in one up, a set hands over to a single resource what it drops, and takes over what a single one gives up", async () => {
  for (const [order, parallel] of [
    ["the set first", 16],
    ["the single one first", 16],
    ["at once", 16],
    ["at once", 1],
  ] as const) {
    await using it = await scene({});
    let isAfter = false;
    const programs = {
      before: async () => {
        new WebhookConfigSet("set", { urls: { given: at("given"), stays: at("stays") } });
        new WebhookConfig("taken", { url: at("taken") });
      },
      after: async () => {
        const urls = { stays: at("stays"), taken: at("taken") };
        const args = { url: at("given"), adoptExisting: true };
        if (order === "the set first") {
          const set = new WebhookConfigSet("set", { urls });
          new WebhookConfig("given", args, { dependsOn: [set] });
        } else {
          const single = new WebhookConfig("given", args);
          const first = order === "at once" ? {} : { dependsOn: [single] };
          new WebhookConfigSet("set", { urls }, first);
        }
      },
    };
    it.stack.setProgram(() => (isAfter ? programs.after() : programs.before()));
    succeeded(await it.stack.up());
    const before = it.account();
    it.emulator.clearRequests();
    isAfter = true;
    const up = succeeded(await it.stack.up({ parallel }));
    expect(up.output).toContain(`${before[at("taken")]} (${at("taken")}) ${HANDED_OVER}`);
    const after = it.account();
    expect(Object.keys(after).sort(), order).toEqual([at("given"), at("stays"), at("taken")]);
    for (const kept of ["stays", "taken"]) expect(after[at(kept)]).toBe(before[at(kept)]);
    const [set, single] = ["set", "given"].map((name) => async () => {
      const resources = await it.stack.resources();
      return resources.find(({ urn }) => urn.endsWith(`::${name}`));
    });
    expect((await set?.())?.outputs["ids"]).toEqual({
      stays: after[at("stays")],
      taken: after[at("taken")],
    });
    expect((await single?.())?.id).toBe(after[at("given")]);
    if (order === "the single one first") expect(after).toEqual(before);
    await settled(it);
    succeeded(await it.stack.destroy());
    expect(it.account()).toEqual({});
  }
});
