import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { tsImport } from "tsx/esm/api";
import { expect, test } from "vitest";
import { type EngineStack, engineStack, kompliant } from "../support/engine.js";
import type { Ended } from "../support/shell.js";
import { shellOf } from "../support/stackShell.js";

const at = (path: string) => `https://example.com/${path}`;

function expectSuccess({ code, out, err }: Ended): string {
  expect(code, out + err).toBe(0);
  return out;
}

/** Does what `import-file --help` says, up to the import. @returns the program text to paste */
async function takeOver(stack: EngineStack, emulator: Emulator, args: string[], options: string[]) {
  const shell = await shellOf(stack);
  const { workDir } = stack.stack.workspace;
  await writeFile(join(workDir, "import.json"), expectSuccess(await shell.kompliant("import-file", ...args)));
  const text = expectSuccess(await shell.kompliant("import-file", "--program", ...args));
  emulator.clearRequests();
  const imported = await shell.pulumi(
    "import",
    ...["--file", "import.json", "--generate-code=false", "--yes", "--stack", "test", ...options],
  );
  expectSuccess(imported);
  return text;
}

test("after `pulumi import --file` and with the program text, a preview says unchanged", async () => {
  await using emulator = await startEmulator();
  const urls = [
    "eu.example.com/orders",
    "us.example.com/orders",
    "example.com/payments?key=1",
    "example.com/new",
  ];
  for (const url of urls) emulator.put(`https://${url}`);
  await using stack = await engineStack({ env: emulator.env, program: async () => {} });
  expect(await stack.up()).toMatchObject({ ok: true });

  const text = await takeOver(stack, emulator, [], ["--protect=false"]);
  const file = join(stack.stack.workspace.workDir, "index.ts");
  await writeFile(file, text);
  stack.setProgram(async () => {
    await tsImport(pathToFileURL(file).href, import.meta.url);
  });
  const preview = await stack.preview();
  expect(preview, preview.output).toMatchObject({ ok: true, changes: { same: 5 } });
  expect(await stack.up()).toMatchObject({ ok: true, changes: { same: 5 } });
  expect(emulator.requests.filter(({ method }) => !method.endsWith(".list"))).toEqual([]);
  expect(await stack.refresh()).toMatchObject({ ok: true, changes: { same: 5 } });
});

test("with a provider and a parent, and protected", async () => {
  await using emulator = await startEmulator({ accountIds: ["lv_default", "lv_eu"] });
  const orders = emulator.put(at("orders"), { accountId: "lv_eu" });
  emulator.put(at("group"), { accountId: "lv_eu" });
  const { apiKey, secretKey, authToken } = emulator.credentials;
  const around = () => {
    const eu = new kompliant.Provider("eu", { apiKey, secretKey, authToken, baseUrl: emulator.url });
    return { eu, group: new pulumi.ComponentResource("my:index:Group", "group") };
  };
  const before: PulumiFn = async () => {
    around();
  };
  await using stack = await engineStack({ env: emulator.env, program: before });
  expect(await stack.up()).toMatchObject({ ok: true });
  const { resources } = (await stack.stack.exportStack()).deployment as { resources: { urn: string }[] };
  const urnOf = (name: string) => resources.find(({ urn }) => urn.endsWith(`::${name}`))?.urn ?? "";

  const references = ["--provider", urnOf("eu"), "--parent", `group=${urnOf("group")}`];
  const text = await takeOver(stack, emulator, ["--account", "lv_eu", ...references], []);
  expect(text).toContain(
    `const orders = new WebhookConfig("orders", { url: "${at("orders")}", accountId: "lv_eu" }, { provider: eu, parent: group });`,
  );
  // `group` is what the program calls the parent.
  expect(text).toContain('const exampleComGroup = new WebhookConfig("example-com-group"');

  stack.setProgram(async () => {
    const { eu: provider, group: parent } = around();
    for (const [name, url] of [
      ["orders", at("orders")],
      ["example-com-group", at("group")],
    ] as const)
      new kompliant.WebhookConfig(name, { url, accountId: "lv_eu" }, { provider, parent });
  });
  const preview = await stack.preview();
  expect(preview, preview.output).toMatchObject({ ok: true, changes: { same: 5 } });
  const imported = (await stack.resources()).find(({ id }) => id === orders);
  expect(imported?.urn).toContain("my:index:Group$");
});
