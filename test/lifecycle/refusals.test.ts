import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WEBHOOK_CONFIG_SET_TEXT } from "../../provider/src/shells/dynamic/text.js";
import { type State, up } from "../support/grpcStack.js";
import { type Props, type ProviderProcess, startProvider } from "../support/providerProcess.js";

const at = (path: string) => `https://example.com/${path}`;
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let emulator: Emulator;
let endpoints: ProviderProcess;
let sets: ProviderProcess;

beforeAll(async () => {
  emulator = await startEmulator();
  endpoints = await startProvider({}, { ...emulator.env });
  sets = await startProvider({}, { ...emulator.env }, { text: WEBHOOK_CONFIG_SET_TEXT });
});
afterAll(async () => {
  await Promise.all([endpoints?.close(), sets?.close(), emulator?.close()]);
});

/** What check says of inputs that only types forbid, and of those that the program could not work out. */
async function refusalsOf(provider: ProviderProcess, news: Props): Promise<Record<string, string>> {
  const { failures } = await provider.check({}, news);
  return Object.fromEntries(failures.map(({ property, reason }) => [property, reason]));
}

const A_CONFIGURATIONS_ID = "it must be a configuration's id, `whc_` and letters and digits";
test.each([
  [{ import: 5 }, { "": `the option \`import\` is 5: ${A_CONFIGURATIONS_ID}` }],
  [{ import: "" }, { "": `the option \`import\` is "": ${A_CONFIGURATIONS_ID}` }],
  [{ import: ["whc_1"] }, { "": `the option \`import\` is ["whc_1"]: ${A_CONFIGURATIONS_ID}` }],
  [{ import: "lv_one/whc_1" }, { "": `the option \`import\` is "lv_one/whc_1": ${A_CONFIGURATIONS_ID}` }],
  [{ import: "whc_1\nwhc_2" }, { "": `the option \`import\` is "whc_1\\nwhc_2": ${A_CONFIGURATIONS_ID}` }],
  [{ import: null, adoptExisting: null }, {}],
  [{ import: UNKNOWN, adoptExisting: UNKNOWN }, {}],
  [{ adoptExisting: "yes" }, { adoptExisting: '"yes" is neither true nor false' }],
  [{ adoptExisting: 1 }, { adoptExisting: "1 is neither true nor false" }],
  [{ url: {}, refused: ["url: boom", "import: boom"] }, { "": "import: boom" }],
])("an endpoint with %j", async (news, said) => {
  expect(await refusalsOf(endpoints, { url: at("a"), ...news })).toEqual(said);
});

const KIND = "must be an object of names and URLs";
test.each([
  [{ urls: { "": at("a") } }, { urls: expect.stringMatching(/^"" cannot be a name: /) }],
  [{ urls: [] }, { urls: KIND }],
  [{ urls: null }, { urls: KIND }],
  [{ urls: "https://example.com/a" }, { urls: KIND }],
  [
    { urls: { a: 5, 'b["c"]': null } },
    {
      "urls.a": "5 is not a URL: it must be a string that begins with https://",
      'urls.b["c"]': "null is not a URL: it must be a string that begins with https://",
    },
  ],
  [{ urls: {}, foreign: "Remove" }, { foreign: '"Remove" is neither "keep" nor "remove"' }],
  [{ urls: {}, import: "lv_one" }, { "": expect.stringMatching(/^a set has no option `import`: /) }],
  [{ urls: {}, refused: ["urls.a: boom"] }, { "": "urls.a: boom" }],
])("a set with %j", async (news, said) => {
  expect(await refusalsOf(sets, news)).toEqual(said);
});

test("a read of what could not be worked out says so, without a call", async () => {
  emulator.clearRequests();
  const read = endpoints.read("none", { refused: ["id: boom"] });
  await expect(read).rejects.toThrow("cannot read the webhook configuration: id: boom");
  expect(emulator.requests).toEqual([]);
});

test("a name that stands at every object is a name like any other", async () => {
  const __provider = WEBHOOK_CONFIG_SET_TEXT;
  await using emulator = await startEmulator();
  const [accountId = ""] = emulator.accountIds;
  await using provider = await startProvider({}, { ...emulator.env }, { text: __provider });
  const inputs = { accountId, urls: { a: at("a") }, foreign: "keep", __provider };
  const ids = { a: emulator.put(at("a")) };
  const state: State = new Map([["set", { id: accountId, inputs, outputs: { ...inputs, ids, others: {} } }]]);
  // As state is when an earlier deployment has not come to all of it.
  const urls = { a: at("a"), constructor: at("b") };
  state.set("set", {
    id: accountId,
    inputs: { ...inputs, urls },
    outputs: { ...inputs, urls, ids, others: {} },
  });
  expect((await up(provider, state, new Map([["set", { urls }]]), 1)).failures).toEqual([]);
  const b = emulator.configs().find(({ url }) => url === at("b"));
  expect(b).toBeDefined();
  expect(state.get("set")?.outputs["ids"]).toEqual({ ...ids, constructor: b?.config_id });
});

test("a preview warns of a URL that others hold where a set changes one", async () => {
  const __provider = WEBHOOK_CONFIG_SET_TEXT;
  await using emulator = await startEmulator();
  const [accountId = ""] = emulator.accountIds;
  await using provider = await startProvider({}, { ...emulator.env }, { text: __provider });
  const [mine, theirs] = [emulator.put(at("mine")), emulator.put(at("theirs"))];
  const old = { accountId, urls: { a: at("mine") }, foreign: "keep" };
  const { inputs } = await provider.check(old, { urls: { a: at("theirs") } });
  await provider.diff(accountId, { ...old, ids: { a: mine }, others: {} }, inputs);
  await provider.cancel();
  await expect
    .poll(provider.output)
    .toContain(
      `${theirs} of account ${accountId} has ${at("theirs")} already. Unless another resource of this program gives it up in this deployment, changing the URL of ${mine} will fail: use another name in \`urls\``,
    );
  expect(emulator.requests).toHaveLength(1);
});
