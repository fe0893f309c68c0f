import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { printed } from "../support/printed.js";
import { startProvider } from "../support/providerProcess.js";

test("the provider process ends soon after its engine has gone, even in the middle of a call", async () => {
  await using emulator = await startEmulator();
  const engine = createServer().listen(0, "127.0.0.1");
  await once(engine, "listening");
  const address = engine.address() as { port: number };
  await using provider = await startProvider(
    {},
    { ...emulator.env },
    { engine: `127.0.0.1:${address.port}` },
  );
  const gone = once(provider.child, "exit");
  emulator.setFaults([{ method: "create", effect: "never", commit: false }]);
  const { inputs } = await provider.check({}, { url: "https://example.com/a" });
  const looks = once(engine, "connection");
  const create = provider.create(inputs).catch((error: Error) => error);
  await looks;
  engine.close();
  await gone;
  expect(await create).toBeInstanceOf(Error);
});

test("an address that has never answered says nothing about the engine", async () => {
  await using emulator = await startEmulator();
  await using provider = await startProvider({}, { ...emulator.env });
  emulator.setFaults([{ method: "list", effect: "latency", ms: 3_000 }]);
  expect(await provider.check({}, { url: "https://example.com/a" })).toMatchObject({ failures: [] });
  expect(provider.child.exitCode).toBeNull();
});

test("in a process of somebody else, importing the package and configuring its provider leave nothing running", () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["-e", 'require("pulumi-kompliant/dynamic").provider.configure({ config: { get: () => undefined } })'],
    { cwd: fileURLToPath(new URL("../..", import.meta.url)), timeout: 30_000, encoding: "utf8" },
  );
  expect(printed(stderr)).toBe("");
  expect(status).toBe(0);
});
