import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cancellable, systemRuntime } from "../../provider/src/core/api/runtime.js";
import { alone } from "../../provider/src/core/peers.js";
import { createRun } from "../../provider/src/core/run.js";
import { createDynamicShell } from "../../provider/src/shells/dynamic/shell.js";
import { presentable } from "../../provider/src/shells/presentable.js";
import { sample } from "../support/printed.js";

/** Not those that no test may print: state is to hold one of them. */
const credentials = { ...sample, authToken: "token+in/a=place:where~it*does_not-belong" };
const url = `https://a.example/hook?t=${credentials.authToken}`;

let emulator: Emulator;
let said: string[];
let over: AbortController;

beforeEach(async () => {
  emulator = await startEmulator({ credentials });
  said = [];
  over = new AbortController();
});
afterEach(() => emulator.close());

async function provider() {
  const runtime = {
    ...systemRuntime,
    info: (message: string) => void said.push(message),
    warn: (message: string) => void said.push(message),
  };
  const shell = createDynamicShell(cancellable(runtime, over.signal), emulator.env, () => alone);
  await shell.provider.configure?.({ config: { get: () => undefined, require: () => "" } });
  return shell.provider;
}

test("a URL that contains a credential goes to state as it is, and a second deployment finds nothing to do", async () => {
  const { check, create, read, diff } = await provider();
  const { inputs } = (await check?.({}, { url })) ?? {};
  const created = await create(inputs);
  expect(created.outs).toMatchObject({ url });
  expect(emulator.configs()).toMatchObject([{ url }]);
  const found = await read?.(created.id ?? "", created.outs);
  expect(found).toMatchObject({ props: { url }, inputs: { url } });
  expect(await diff?.(created.id ?? "", found?.props, inputs)).toMatchObject({ changes: false });
});

test("it is hidden in every message: in warnings, failures of check, and errors", async () => {
  emulator.put(url);
  const { check } = await provider();
  const { inputs } = (await check?.({}, { url })) ?? {};
  over.abort();
  over = new AbortController();
  await expect((await provider()).create(inputs)).rejects.toThrow("https://a.example/hook?t=[hidden]");
  const { failures = [] } = (await check?.({}, { url: ` ${url}` })) ?? {};
  const texts = [...said, ...failures.map(({ reason }) => reason)];
  expect(texts.length).toBeGreaterThan(1);
  for (const text of texts) expect(text).toContain("https://a.example/hook?t=[hidden]");
  expect(texts.join()).not.toContain("token+in");
});

test("what is no failure that was expected keeps its trace, and shows no credential", async () => {
  const broken = presentable(
    {
      check: async () => Promise.reject(new TypeError(`cannot read ${credentials.authToken} \u001b[2J`)),
      create: async () => ({ id: "" }),
    },
    shownBy(),
  );
  const error = await broken.check().catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({ message: "cannot read [hidden] \\u{1b}[2J" });
  expect((error as Error).stack).toContain("at ");
  expect((error as Error).stack).not.toContain(credentials.authToken);
});

function shownBy() {
  return createRun(systemRuntime, emulator.env, { get: () => undefined }, () => alone).shown;
}
