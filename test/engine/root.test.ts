import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { shellIn } from "../support/shell.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("`pulumi up` in the root deploys the quickstart, for whoever has Pulumi", async () => {
  await using emulator = await startEmulator();
  const backend = await mkdtemp(join(tmpdir(), "kompliant-root-"));
  const { pulumi } = await shellIn(root, {
    ...emulator.env,
    PULUMI_BACKEND_URL: pathToFileURL(backend).href,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  });
  const done = async (...args: string[]) => {
    const { code, out, err } = await pulumi(...args, "--non-interactive", "--stack", "root-test");
    expect([code, out + err]).toEqual([0, expect.any(String)]);
    return out;
  };
  try {
    await pulumi("stack", "init", "root-test", "--non-interactive");
    expect(await done("preview")).toMatch(/\+ 4 to create/);
    await done("up", "--yes");
    const paths = emulator.configs().map(({ url }) => new URL(url).pathname);
    expect(paths.sort()).toEqual(["/kompliant/orders", "/kompliant/payments", "/kompliant/refunds"]);
    expect(await done("preview")).toMatch(/4 unchanged/);
    await done("refresh", "--yes");
    await done("destroy", "--yes");
    expect(emulator.configs()).toEqual([]);
  } finally {
    // The stack's settings, which `stack init` has written beside Pulumi.yaml.
    await rm(join(root, "Pulumi.root-test.yaml"), { force: true });
    await rm(backend, { recursive: true, force: true });
  }
});
