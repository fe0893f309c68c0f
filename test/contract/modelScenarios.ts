import type { ModelCall } from "../support/engineModel/processes.js";
import { type ModelStack, modelWorld, type Played, type Program } from "../support/engineModel.js";
import { TIME } from "./recording.js";

const [ACCOUNT, SECOND] = ["lv_first", "lv_second"] as const;
const at = (path: string) => `https://example.com/${path}`;
const three: Program = { a: { url: at("a") }, b: { url: at("b") }, c: { url: at("c") } };
const moved: Program = Object.fromEntries(
  ["a", "b", "c"].map((name) => [name, { url: at(`moved-${name}`) }]),
);

/** A stack, its API, and the runs that were played. */
interface Scene extends ReturnType<typeof sceneOf> {}

/** The programs and the commands of the recorded scenarios, for the model. */
export const scenarios: Readonly<Record<string, (scene: Scene) => Promise<readonly Played[]>>> = {
  plain: async ({ stack }) => {
    stack.program = three;
    const runs = [await stack.preview(), await stack.up(), await stack.up()];
    stack.program = { ...three, b: { url: at("moved") } };
    runs.push(await stack.preview(), await stack.up());
    const { c: _, ...rest } = stack.program;
    stack.program = rest;
    runs.push(await stack.preview(), await stack.up());
    return [...runs, none, await stack.destroy()];
  },

  "look-ahead": async ({ stack }) => {
    stack.program = three;
    const first = await stack.up({ parallel: 1 });
    stack.program = moved;
    return [first, await stack.up({ parallel: 2 })];
  },

  swap: async ({ stack }) => {
    const [here, there] = [{ url: at("a") }, { url: at("b") }];
    stack.program = { a: here, b: there };
    const first = await stack.up();
    stack.program = { a: there, b: here };
    const second = await stack.up();
    stack.program = { a: here, b: there };
    return [first, second, await stack.up({ parallel: 1 })];
  },

  drift: async ({ stack, network }) => {
    stack.program = three;
    const drifts = () => {
      network.change(stack.resource("a")?.id ?? "", at("elsewhere"), ACCOUNT);
      network.remove(stack.resource("b")?.id ?? "", ACCOUNT);
    };
    const runs = [await stack.up(), await stack.refresh()];
    drifts();
    runs.push(await stack.refresh({ previewOnly: true }), await stack.refresh(), await stack.up());
    drifts();
    runs.push(await stack.preview({ refresh: true }), await stack.up({ refresh: true }));
    drifts();
    runs.push(await stack.refresh({ runProgram: true }), await stack.up());
    drifts();
    runs.push(await stack.up({ refresh: true, runProgram: true }));
    drifts();
    return [...runs, await stack.destroy({ refresh: true })];
  },

  replace: async ({ stack }) => {
    stack.program = { a: { url: at("a"), accountId: ACCOUNT }, b: { url: at("b") } };
    const runs = [await stack.up()];
    stack.program = { ...stack.program, a: { url: at("a"), accountId: SECOND } };
    runs.push(await stack.preview(), await stack.up(), await stack.up({ targetReplace: ["a"] }));
    stack.taint("a");
    runs.push(await stack.preview(), await stack.up());
    const { a, ...rest } = stack.program;
    stack.program = { a: { ...a, deleteBeforeReplace: true }, ...rest };
    return [...runs, await stack.up({ targetReplace: ["a"] })];
  },

  dependents: async ({ stack }) => {
    const b = { url: { of: "a", output: "id", as: (id: string) => at(`after/${id}`) } };
    stack.program = { a: { url: at("a"), accountId: ACCOUNT, deleteBeforeReplace: true }, b };
    const runs = [await stack.preview(), await stack.up()];
    const a = { url: at("a"), accountId: SECOND, deleteBeforeReplace: true };
    stack.program = { a, b };
    runs.push(await stack.preview(), await stack.up());
    stack.program = { a, b: { ...b, replaceOnChanges: ["url"] } };
    return [...runs, await stack.up({ targetReplace: ["a"] }), await stack.refresh(), await stack.destroy()];
  },

  target: async ({ stack }) => {
    stack.program = three;
    const target = ["b"];
    const runs = [await stack.up()];
    stack.program = moved;
    runs.push(await stack.preview({ target }), await stack.up({ target }));
    const { c: _, ...rest } = moved;
    stack.program = rest;
    runs.push(await stack.up({ target }));
    return [...runs, await stack.refresh({ target }), await stack.destroy({ target })];
  },

  import: async ({ stack, network }) => {
    const [a = "", , c = ""] = ["a", "b", "c"].map((name) => network.put(at(name)));
    stack.program = { a: { url: at("a"), import: a }, b: { url: at("b"), adoptExisting: true } };
    const runs = [await stack.preview(), await stack.up(), await stack.up()];
    const inputs = { accountId: ACCOUNT, url: at("c") };
    const outputs = { ...inputs, createdAt: TIME.toISOString(), updatedAt: TIME.toISOString() };
    return [...runs, await stack.importFile([{ name: "c", id: c, inputs, outputs }])];
  },

  "import-other-url": async ({ stack, network }) => {
    stack.program = { a: { url: at("new"), import: network.put(at("old")) } };
    return [await stack.preview(), await stack.up(), await stack.up()];
  },

  renames: async ({ stack }) => {
    stack.program = { a: { url: at("a") } };
    const first = await stack.up();
    stack.program = { renamed: { url: at("a"), aliases: ["a"] } };
    return [first, await stack.preview(), await stack.up()];
  },

  providers: async ({ stack }) => {
    stack.program = { a: { url: at("a") }, b: { url: at("b"), provider: "eu" } };
    const runs = [await stack.preview(), await stack.up()];
    stack.program = { a: { url: at("moved-a") }, b: { url: at("moved-b"), provider: "eu" } };
    runs.push(await stack.up(), await stack.refresh(), await stack.up({ refresh: true }));
    return [...runs, await stack.destroy()];
  },

  failures: async ({ stack, network }) => {
    stack.program = { ...three, b: { url: "http://example.com/b" } };
    const runs = [await stack.up()];
    stack.program = three;
    const foreign = network.put(at("b"));
    runs.push(await stack.up());
    network.remove(foreign);
    network.setFaults([
      { method: "list", nth: 2, times: "all", effect: "status", status: 403, body: "json" },
    ]);
    runs.push(await stack.up());
    network.setFaults([]);
    return [...runs, await stack.up()];
  },

  killed: async ({ stack, network }) => {
    const killed = async () => {
      network.clearRequests();
      network.setFaults([{ method: "create", effect: "never", commit: false }]);
      const run = await stack.killed(() => network.requests.some(({ fault }) => fault === "never"));
      network.setFaults([]);
      return run;
    };
    stack.program = { a: { url: at("a") } };
    const runs = [await stack.up()];
    stack.program = { ...stack.program, b: { url: at("b") } };
    runs.push(await killed(), await stack.up());
    stack.program = { ...stack.program, c: { url: at("c") } };
    return [...runs, await killed(), await stack.refresh(), await stack.up()];
  },

  set: async ({ stack, network }) => {
    const prod = (urls: Record<string, string>): Program => ({ prod: { type: "WebhookConfigSet", urls } });
    network.put(at("foreign"));
    stack.program = prod({ a: at("a"), b: at("b") });
    const runs = [await stack.preview(), await stack.up(), await stack.up()];
    stack.program = prod({ a: at("moved"), c: at("c") });
    runs.push(await stack.preview(), await stack.up());
    network.remove(network.configs().find(({ url }) => url === at("c"))?.config_id ?? "");
    return [...runs, await stack.refresh(), await stack.up(), await stack.destroy()];
  },

  options: async ({ stack }) => {
    const options = { a: { ignoreChanges: ["url"] }, b: { protect: true }, c: { retainOnDelete: true } };
    const withUrls = (program: Program): Program =>
      Object.fromEntries(Object.entries(options).map(([name, its]) => [name, { ...its, ...program[name] }]));
    stack.program = withUrls(three);
    const runs = [await stack.up()];
    const { b, c, ...rest } = withUrls(moved);
    stack.program = withUrls(moved);
    runs.push(await stack.preview(), await stack.up());
    if (b === undefined || c === undefined) throw new Error("no b, or no c");
    stack.program = { ...rest, c };
    runs.push(await stack.up());
    stack.program = { ...rest, b };
    return [...runs, await stack.up()];
  },
};

/** A preview of a removal asks for nothing, so there is nothing to play. */
const none: Played = { ok: true, output: "", changes: {}, calls: [], ms: 0 };

export function sceneOf(seed: number) {
  const { time, network, stack } = modelWorld(seed, { accountIds: [ACCOUNT, SECOND], clock: () => TIME });
  const providers = { eu: { accountId: SECOND } };
  const made: ModelStack = stack({}, { providers, hold: holding(time.runtime) });
  return { network, stack: made };
}

/** So long the engine must have asked nothing more, as where the recordings are made. */
const QUIET_MS = 300;
const OPERATIONS: readonly string[] = ["create", "read", "update", "delete"];

/** Keeps answers back as the listener of the recordings does: once nothing more is asked, one goes out, by name. */
function holding({ sleep }: { sleep(ms: number): Promise<void> }) {
  const answered = new Set<ModelCall>();
  const released = new Set<ModelCall>();
  const order = ({ of, call }: ModelCall) => `${of} ${call}`;
  return async (call: ModelCall, calls: readonly ModelCall[]): Promise<void> => {
    answered.add(call);
    const before = calls[calls.indexOf(call) - 1];
    const isOfProgram = before?.call === "check" && before.of === call.of;
    const isHeld = call.call === "diff" ? !isOfProgram : OPERATIONS.includes(call.call);
    while (isHeld) {
      const events = () => calls.length + answered.size + released.size;
      const seen = events();
      await sleep(QUIET_MS);
      const open = calls.filter((each) => !released.has(each));
      const [first] = open.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
      if (events() === seen && first === call && open.every((each) => answered.has(each))) break;
    }
    released.add(call);
  };
}
