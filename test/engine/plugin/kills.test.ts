import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { callsOf } from "../../support/calls.js";
import { killDuring, victims } from "../../support/kill.js";
import { packages } from "../../support/plugin.js";
import { FIRST_MS, yamlProject } from "../../support/project.js";
import { at, refused, succeeded } from "../../support/takeover.js";

// The processes are found with `ps`.
test.skipIf(process.platform === "win32")(
  "the engine is killed in a create: its plugin ends too, and the next deployment makes no second endpoint",
  async () => {
    let reached = () => {};
    const moment = new Promise<void>((resolve) => {
      reached = resolve;
    });
    await using emulator = await startEmulator({
      onRequest: ({ fault }) => {
        if (fault === "never") reached();
      },
    });
    const program = (more: string) =>
      `resources: { orders: { type: kompliant:WebhookConfig, properties: { url: "${at("orders")}"${more} } } }`;
    await using project = await yamlProject({ program: program(""), settings: packages, env: emulator.env });
    emulator.setFaults([{ method: "create", effect: "never", commit: true }]);
    expect(await killDuring(project, moment, victims["the engine"])).toMatchObject({ ok: false });
    emulator.setFaults([]);
    const [{ config_id: id = "" } = {}] = emulator.configs();
    // Where the engine has ended by itself, nothing is locked.
    await project.stack.cancel().catch(() => {});

    refused(await project.up(), id, "`adoptExisting: true`");
    await project.setProgram(program(", adoptExisting: true"));
    emulator.clearRequests();
    succeeded(await project.up());
    expect(callsOf(emulator)).toMatchObject({ create: 0, update: 0, delete: 0 });
    expect(await project.resources()).toMatchObject([{ id, outputs: { url: at("orders") } }]);
    expect(emulator.configs()).toHaveLength(1);
  },
  FIRST_MS,
);
