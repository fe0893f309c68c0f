import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { printed } from "../support/printed.js";
import { listen, startProvider } from "../support/providerProcess.js";

test.each([
  ["at once", []],
  // What the engine passes on when it is run with flags of these names.
  ["with flags", ["--logtostderr", "--logflow", "-v=9", "--tracing", "http://127.0.0.1:9/spans"]],
])(
  "started %s, the provider process ends soon after its engine, even in the middle of a call",
  async (_, flags) => {
    await using emulator = await startEmulator();
    const engine = await listen();
    await using provider = await startProvider({}, { ...emulator.env }, { engine: engine.address, flags });
    const gone = once(provider.child, "exit");
    emulator.setFaults([{ method: "create", effect: "never", commit: false }]);
    const { inputs } = await provider.check({}, { url: "https://example.com/a" });
    const looks = once(engine.server, "connection");
    const create = provider.create(inputs).catch((error: Error) => error);
    await looks;
    engine.close();
    await gone;
    expect(await create).toBeInstanceOf(Error);
  },
);

test("the provider process ends too if its engine has gone before the first look", async () => {
  await using emulator = await startEmulator();
  const engine = await listen();
  await using provider = await startProvider({}, { ...emulator.env }, { engine: engine.address });
  const gone = once(provider.child, "exit");
  engine.close();
  emulator.setFaults([{ method: "create", effect: "never", commit: false }]);
  const { inputs } = await provider.check({}, { url: "https://example.com/a" });
  const create = provider.create(inputs).catch((error: Error) => error);
  await gone;
  expect(await create).toBeInstanceOf(Error);
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
