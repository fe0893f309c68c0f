import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Emulator, type EmulatorOptions, startEmulator } from "pulumi-kompliant/emulator";
import { describe, expect, test } from "vitest";
import { type EngineStack, engineStack } from "../support/engine.js";
import { killDuring, victims } from "../support/kill.js";
import { classes, plugins } from "../support/plugin.js";
import type { ShellName } from "../support/shellUnderTest.js";
import { refused, succeeded } from "../support/takeover.js";

function stackOf(shell: ShellName, { env }: Emulator, program: pulumi.automation.PulumiFn) {
  return engineStack({ env, program, ...(shell === "plugin" ? { settings: plugins } : {}) });
}

/** A key, a store that the receiver reads its secret from, and the activation after that. */
async function keyStack(shell: ShellName, options: EmulatorOptions = {}) {
  const emulator = await startEmulator(options);
  const it = {
    emulator,
    month: "2026-11",
    stack: await stackOf(shell, emulator, async () => {
      const { key, activation } = classes[shell];
      const main = key("main", { keepers: { month: it.month } });
      const store = new pulumi.Stash("store", { input: main.sharedSecret });
      activation("active", { keyId: main.id }, { dependsOn: store });
      return { keyId: main.id };
    }),
    [Symbol.asyncDispose]: async () => {
      await it.stack.dispose();
      await emulator.close();
    },
  };
  return it;
}

/** The keys' calls since the log was cleared, in their order. */
const callsOf = ({ requests }: Emulator) => requests.map(({ method }) => method.replace("webhook.key.", ""));
const statusesOf = (emulator: Emulator) => emulator.keys().map(({ status }) => status);

async function idsOf(stack: EngineStack): Promise<Record<string, unknown>> {
  const resources = await stack.resources();
  return Object.fromEntries(
    resources.map(({ urn, id, outputs }) => [urn.split("::").at(-1), outputs["keyId"] ?? id]),
  );
}

function expectNoSecret(emulator: Emulator, ...texts: readonly string[]): void {
  expect(emulator.keys()).not.toHaveLength(0);
  for (const { shared_secret: secret } of emulator.keys())
    for (const text of texts) expect(text).not.toContain(secret);
}

describe.each(["dynamic", "plugin"] as const)("with the %s shell", (shell) => {
  test("a key is made and activated, left alone, rotated, found replaced elsewhere, made anew although answers are lost, and left active", async () => {
    await using it = await keyStack(shell);
    const { emulator, stack } = it;
    const said = [succeeded(await stack.preview()), succeeded(await stack.up())];
    expect(callsOf(emulator)).toEqual(["create", "activate"]);
    expect(statusesOf(emulator)).toEqual(["ACTIVE"]);

    emulator.clearRequests();
    said.push(succeeded(await stack.up()));
    expect(said.at(-1)?.changes).toEqual({ same: 4 });
    expect(callsOf(emulator)).toEqual([]);
    said.push(succeeded(await stack.refresh()));
    expect(said.at(-1)?.changes).toEqual({ same: 4 });
    expect(callsOf(emulator)).toEqual(["get", "get"]);

    it.month = "2026-12";
    emulator.clearRequests();
    const plan = join(stack.stack.workspace.workDir, "plan.json");
    let log = "";
    const keep = (text: string) => {
      log += text;
    };
    // From 3 on Pulumi itself writes out the values of every resource, and says so when it is asked to.
    const logged = { logToStdErr: true, logVerbosity: 2, onOutput: keep, onError: keep };
    await stack.stack.preview({ plan, ...logged });
    said.push(succeeded(await stack.up()));
    expect(callsOf(emulator)).toEqual(["create", "activate"]);
    expect(statusesOf(emulator)).toEqual(["DELETED", "ACTIVE"]);
    const [, rotated] = emulator.keys();
    expect(await idsOf(stack)).toMatchObject({ main: rotated?.key_id, active: rotated?.key_id });

    emulator.rotateKey();
    said.push(succeeded(await stack.refresh()));
    expect(said.at(-1)?.changes).toMatchObject({ delete: 2 });
    emulator.clearRequests();
    emulator.setFaults([
      { method: "webhook.key.create", effect: "cut", commit: true },
      { method: "webhook.key.activate", effect: "drop", commit: true },
    ]);
    said.push(succeeded(await stack.up()));
    expect(callsOf(emulator)).toEqual(["create", "create", "activate", "get"]);
    expect(said.at(-1)?.output).toContain("may have one webhook key more");
    expect(statusesOf(emulator)).toEqual(["DELETED", "DELETED", "DELETED", "INACTIVE", "ACTIVE"]);

    expectNoSecret(emulator, await stack.state(), await readFile(plan, "utf8"), log);
    emulator.clearRequests();
    said.push(succeeded(await stack.destroy()));
    expect(callsOf(emulator)).toEqual([]);
    const last = emulator.keys().at(-1);
    expect(last?.status).toBe("ACTIVE");
    expect(said.at(-1)?.output).toContain(`no call was made for the activation of ${last?.key_id}`);
    expect(said.at(-1)?.output).toContain(`no call was made for ${last?.key_id}`);
    expectNoSecret(emulator, ...said.map(({ output }) => output));
  });

  // The processes are found with `ps`.
  test.skipIf(process.platform === "win32")(
    "the engine is killed in an activation: the next up ends with the program's key active",
    async () => {
      let reached = () => {};
      const moment = new Promise<void>((resolve) => {
        reached = resolve;
      });
      await using it = await keyStack(shell, { onRequest: ({ fault }) => fault === "never" && reached() });
      const { emulator, stack } = it;
      emulator.setFaults([{ method: "webhook.key.activate", effect: "never", commit: true }]);
      expect(await killDuring(stack, moment, victims["the engine"])).toMatchObject({ ok: false });
      emulator.setFaults([]);
      // Where the engine has ended by itself, nothing is locked.
      await stack.stack.cancel().catch(() => {});
      succeeded(await stack.up());
      const active = emulator.keys().filter(({ status }) => status === "ACTIVE");
      expect(active).toHaveLength(1);
      expect(await idsOf(stack)).toMatchObject({ main: active[0]?.key_id, active: active[0]?.key_id });
      expect(succeeded(await stack.up()).changes).toEqual({ same: 4 });
    },
  );

  test("two activations for one account are refused in the preview, with both names", async () => {
    await using emulator = await startEmulator();
    await using stack = await stackOf(shell, emulator, async () => {
      const { key, activation } = classes[shell];
      activation("first", { keyId: key("one", {}).id });
      activation("second", { keyId: key("other", {}).id });
    });
    refused(await stack.preview(), '"first"', '"second"', "one active key");
    expect(emulator.requests).toEqual([]);
  });

  test("a shared secret that is passed for the id of its key is refused, and is not printed", async () => {
    await using emulator = await startEmulator();
    await using stack = await stackOf(shell, emulator, async () => {
      const { key, activation } = classes[shell];
      activation("active", { keyId: key("main", {}).sharedSecret });
    });
    const { output } = refused(await stack.up(), "not the id of a webhook key");
    expectNoSecret(emulator, output);
  });
});
