import type { Emulator } from "pulumi-kompliant/emulator";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { WEBHOOK_CONFIG_TEXT } from "../../provider/src/shells/dynamic/text.js";
import { callsOf, lettersOf } from "../support/calls.js";
import { answerOf, faultOf, isEndless, isPutOff, isSlow } from "../support/faultCells.js";
import { expectAdvice, expectCall } from "../support/faultText.js";
import { CallFailure, type Props } from "../support/providerProcess.js";
import type { ShellCalls, TypeCalls } from "../support/shellCalls.js";
import { shellUnderTest } from "../support/shellUnderTest.js";
import { type World, worldOf } from "../support/world.js";
import { type Cell, cells, hit, type Scene, scenes } from "./faultTable.js";

const OPERATION_SECONDS = 5;
/** What an operation may last beyond its time. */
const GRACE_SECONDS = 1;
const TIMES = {
  "kompliant:requestTimeoutSeconds": "2",
  "kompliant:operationTimeoutSeconds": String(OPERATION_SECONDS),
};

// A machine away from Greenwich, where a date without a zone is not read as local time.
beforeAll(() => {
  vi.stubEnv("TZ", "Asia/Tokyo");
  expect(new Date().getTimezoneOffset()).toBe(-540);
  return () => vi.unstubAllEnvs();
});

/** What stands in the account, and what state says of it, when an operation begins. */
interface Setting {
  readonly accountId: string;
  readonly present: string;
  readonly wanted: string;
  /** The configuration with the URL `present`. */
  readonly id: string;
  /** Its outputs. */
  readonly state: Props;
  /** Inputs with the URL `wanted`. */
  readonly inputs: Props;
}

const TIME = "2026-01-01T00:00:00.000Z";
const __provider = WEBHOOK_CONFIG_TEXT;

async function prepare({ emulator, now }: World, { single, set }: ShellCalls, cell: Cell): Promise<Setting> {
  const { scene } = cell;
  const [accountId = ""] = emulator.accountIds;
  const present = `https://example.com/${accountId}`;
  const wanted = `${present}/wanted`;
  const id = emulator.put(present, { accountId });
  // The last change of the account is one of somebody else, so that an old list is another one.
  emulator.put(`${present}/foreign`, { accountId });
  const inputs = { accountId, url: wanted, __provider };
  if (scene === "create" || scene === "created") await single.preview(inputs);
  if (scene === "gone") emulator.remove(id, accountId);
  const state = { accountId, url: present, createdAt: TIME, updatedAt: TIME, __provider };
  emulator.setFaults([faultOf(cell, hit[scene], now())]);
  emulator.clearRequests();
  if (scene === "update" || scene === "updated") {
    // A process that has begun to change things looks at nothing in advance.
    await set.delete(accountId, { accountId, urls: {}, ids: {}, others: {}, foreign: "keep" });
    await single.check({ accountId, url: present }, inputs);
    await single.diff(id, state, inputs);
  }
  return { accountId, present, wanted, id, state, inputs };
}

type Outcome = { readonly failure?: CallFailure; readonly value?: unknown };

function operate(provider: TypeCalls, scene: Scene, setting: Setting): Promise<Outcome> {
  const { accountId, present, id, state, inputs } = setting;
  const operations: Record<Scene, () => Promise<unknown>> = {
    create: () => provider.create(inputs),
    created: () => provider.create(inputs),
    update: () => provider.update(id, state, inputs),
    updated: () => provider.update(id, state, inputs),
    again: () => provider.update(id, state, { accountId, url: present, __provider }),
    delete: () => provider.delete(id, state),
    gone: () => provider.delete(id, state),
    read: () => provider.read(id, state),
    check: () => provider.preview(inputs),
  };
  return operations[scene]().then(
    (value) => ({ value }),
    (failure: CallFailure) => ({ failure }),
  );
}

describe.each(scenes)("%s", (column) => {
  for (const cell of cells.filter(({ scene }) => scene === column))
    test(`${cell.fault}, ${cell.done ? "done" : "not done"}`, async () => {
      const world = worldOf(cells.indexOf(cell));
      await world.until(play(world, cell));
    });
});

async function play(world: World, cell: Cell): Promise<void> {
  const { emulator } = world;
  const { scene } = cell;
  const calledOn = await world.process(TIMES);
  const { single: provider } = calledOn;
  const setting = await prepare(world, calledOn, cell);

  const started = provider.now();
  const outcome = await operate(provider, scene, setting);
  expect(provider.now() - started).toBeLessThan((OPERATION_SECONDS + GRACE_SECONDS) * 1_000);

  const calls = lettersOf(emulator);
  expect(calls).toMatch(cell.calls);
  // What a delete has come to is looked at when its own time is over.
  const tried = scene === "delete" ? calls.replace(/l$/, "").length : calls.length;
  expect(urlsOf(emulator, setting.accountId)).toEqual(urlsAfter(cell, setting));
  if (scene === "check") expect(outcome.value).toEqual({ inputs: setting.inputs, failures: [] });
  else if (cell.ends === "well") expect(outcome.value).toEqual(stateAfter(emulator, scene, setting));
  else {
    expect(outcome.failure).toBeInstanceOf(CallFailure);
    expectMessage(messageOf(outcome.failure), cell, setting, emulator, tried);
    expect(outcome.failure?.partial).toEqual(partialAfter(emulator, scene, setting, outcome.failure));
  }
  expectPrinted(emulator, provider.output(), cell, setting, tried);

  emulator.setFaults([]);
  if (cell.ends !== "well") await expectRecovery(world, cell, setting, outcome.failure);
}

function urlsOf(emulator: Emulator, accountId: string): string[] {
  return emulator
    .configs(accountId)
    .map(({ url }) => url)
    .sort();
}

/** What the account holds in the end. */
function urlsAfter({ scene, ends, done }: Cell, { present, wanted }: Setting): string[] {
  const acted = ends === "well" || done;
  const own: Record<Scene, string[]> = {
    create: acted ? [present, wanted] : [present],
    created: [present, wanted],
    update: acted ? [wanted] : [present],
    updated: [wanted],
    again: [present],
    delete: acted ? [] : [present],
    gone: [],
    read: [present],
    check: [present],
  };
  return [...own[scene], `${present}/foreign`].sort();
}

/** What a call that ends well gives the engine. */
function stateAfter(emulator: Emulator, scene: Scene, { accountId, present, wanted, id }: Setting): unknown {
  const outputsOf = (url: string) => {
    const config = emulator.configs(accountId).find((each) => each.url === url);
    const { created_at: createdAt, updated_at: updatedAt = createdAt } = config ?? {};
    return { id: config?.config_id, properties: { accountId, url, createdAt, updatedAt, __provider } };
  };
  switch (scene) {
    case "create":
    case "created":
      return outputsOf(wanted);
    case "update":
    case "updated":
      expect(outputsOf(wanted).id).toBe(id);
      return outputsOf(wanted).properties;
    case "again":
      return outputsOf(present).properties;
    case "read":
      return { ...outputsOf(present), inputs: { accountId, url: present, __provider } };
    default:
      return undefined;
  }
}

/** What the engine keeps of a resource whose operation has failed, where that is not what it had before. */
function partialAfter(
  emulator: Emulator,
  scene: Scene,
  { accountId, wanted, state, inputs }: Setting,
  failure: CallFailure | undefined,
): unknown {
  if (scene !== "created" && scene !== "updated") return undefined;
  const id = emulator.configs(accountId).find(({ url }) => url === wanted)?.config_id;
  const properties = scene === "created" ? inputs : { ...state, url: wanted };
  return { id, properties, reasons: [messageOf(failure)] };
}

function messageOf(failure: CallFailure | undefined): string {
  return failure?.partial?.reasons.join("\n") ?? failure?.message ?? "";
}

/** What an operation does, as messages say it. */
function whatOf(scene: Scene, { accountId, present, wanted, id }: Setting): string {
  const what: Record<Scene, string> = {
    create: `create the webhook configuration for ${wanted}`,
    created: `create the webhook configuration for ${wanted}`,
    update: `change the URL of ${id} to ${wanted}`,
    updated: `change the URL of ${id} to ${wanted}`,
    again: `change the URL of ${id} to ${present}`,
    delete: `delete ${id} (${present})`,
    gone: `delete ${id} (${present})`,
    read: `read ${id}`,
    check: "list the webhook configurations",
  };
  return `${what[scene]} in account ${accountId}`;
}

function expectMessage(
  message: string,
  cell: Cell,
  setting: Setting,
  emulator: Emulator,
  calls: number,
): void {
  const { scene, next, ends } = cell;
  const { accountId, wanted } = setting;
  // An update that is under way when the time is over is followed by a list that is not made any more.
  const endless = scene === "update" && isEndless(cell) ? "(update|list)" : undefined;
  const own = scene === "create" || scene === "update" || scene === "delete" ? scene : "list";
  const method = endless ?? own;
  expect(message).not.toMatch(/^\s+at .*:\d+:\d+/m);
  const opening = `cannot ${whatOf(scene, setting)}: `;
  expect(message.slice(0, opening.length)).toBe(opening);
  if (scene === "created" || scene === "updated") {
    const id = emulator.configs(accountId).find(({ url }) => url === wanted)?.config_id;
    expect(message).toContain(`${id} has ${wanted}, and is kept in state; only its times are missing.`);
    expect(message).toContain("The next `pulumi up` completes it.");
    if (next === "lag") {
      expect(message).toContain(`Kompliant has accepted ${id} for ${wanted}, but the account does not list`);
      return;
    }
  }
  if (next === "lag") {
    expect(message).toContain("ENTITY_NOT_FOUND: ");
    expect(message).toContain(`${setting.id} is unknown to account ${accountId} with the credentials from `);
    expect(message).toMatch(/\n {2}call: webhook\.config\.delete, trace id: trc_\w+$/m);
    return;
  }
  if (ends === "unsettled") {
    expect(message).toContain(`${emulator.url} ${answerOf(cell)}`);
    expect(message).toContain("the answer to the create was lost, and the account could not be made to say");
    expect(message).toContain(`Look for ${wanted} in account ${accountId} (\`npx pulumi-kompliant list\`)`);
    expect(message).toContain("`adoptExisting: true` takes it over; if it is not, run `pulumi up` again");
    expectCall(message, "config.create");
    return;
  }
  const tried = expectAdvice(message, cell, emulator.url, `config.${method}`);
  if (isPutOff(cell)) expect(tried).toBe(calls);
  // The last one may have been cut off before the emulator has seen it.
  else if (isEndless(cell)) expect([calls, calls + 1]).toContain(tried);
}

/** What the user sees beside the outcome: the line about a wait, a preview's warning, and nothing else. */
function expectPrinted(
  emulator: Emulator,
  output: string,
  cell: Cell,
  setting: Setting,
  calls: number,
): void {
  const { scene, ends, next } = cell;
  const { accountId, present, id } = setting;
  const what = whatOf(scene, setting);
  let rest = output;
  const expected = (from: string, to: string) => {
    const end = rest.indexOf(to, rest.indexOf(from)) + to.length;
    const text = rest.slice(rest.indexOf(from), end);
    expect([text.startsWith(from), text.endsWith(to)], `${from} … ${to} in ${rest}`).toEqual([true, true]);
    rest = rest.replace(text, "");
    return text;
  };
  if (scene === "check" && ends !== "well") {
    const warning = expected(
      `warning: cannot ${what}`,
      "Conflicts with what is live cannot be seen in advance.\n",
    );
    expectMessage(warning.replace("warning: ", ""), cell, setting, emulator, calls);
  }
  // Pulumi's dynamic runtime prints what it passes on of these two.
  if (
    shellUnderTest === "dynamic" &&
    (scene === "read" || scene === "delete" || scene === "gone") &&
    ends !== "well"
  )
    expected(`kompliant: cannot ${what}`, "\n");
  if (scene === "gone" && ends === "well")
    expected(`${id} (${present}) was gone already from account ${accountId}`, "\n");
  if (isSlow(cell) || rest.startsWith("waiting until ")) {
    const line = expected("waiting until ", "\n");
    expectWaitLine(line, what);
    expect(line).toContain(next === "lag" ? "the list does not show yet" : answerOf(cell));
  }
  expect(rest, "what nobody expected to be printed").toBe("");
}

/** The line says what an operation waits for, and until when. */
function expectWaitLine(line: string, what: string): void {
  expect(line).toContain(` to ${what}: `);
  const [, until = "", end = ""] = /^waiting until (\S+Z) to .* \(giving up at (\S+Z)\)\n$/.exec(line) ?? [];
  const began = Date.parse(end) - OPERATION_SECONDS * 1_000;
  expect(Date.parse(until) - began, "a line is due after two seconds").toBeGreaterThanOrEqual(2_000);
}

/** The next run, when all is well again. */
async function expectRecovery(
  { emulator, process }: World,
  cell: Cell,
  setting: Setting,
  failure: CallFailure | undefined,
): Promise<void> {
  const { scene } = cell;
  const { accountId, inputs } = setting;
  emulator.clearRequests();
  const { single: next } = await process();
  const kept = failure?.partial;
  if (kept !== undefined) {
    const completed = await next.update(kept.id, kept.properties, inputs);
    expect(completed).toEqual(stateAfter(emulator, "updated", { ...setting, id: kept.id }));
    expect(lettersOf(emulator)).toBe("l");
  } else {
    const again = await operate(next, scene, setting);
    expect(again.failure).toBeUndefined();
    if (scene !== "check") expect(again.value).toEqual(stateAfter(emulator, scene, setting));
  }
  expect(urlsOf(emulator, accountId)).toEqual(urlsAfter({ ...cell, ends: "well" }, setting));
}

/** A test beside the table: of one provider process and its account. */
function aside(name: string, config: Record<string, string>, work: (own: Aside) => Promise<void>): void {
  test(name, () => {
    const world = worldOf(cells.length);
    const [accountId = ""] = world.emulator.accountIds;
    const inputsOf = (path: string) => ({ accountId, url: `https://example.com/${path}`, __provider });
    const run = async () => {
      const { single: provider } = await world.process(config);
      await work({ ...world, provider, accountId, inputsOf });
    };
    return world.until(run());
  });
}
interface Aside extends World {
  readonly provider: TypeCalls;
  readonly accountId: string;
  inputsOf(path: string): Props;
}

const failureOf = (call: Promise<unknown>): Promise<CallFailure> =>
  call.then(
    () => expect.unreachable("the call should have failed"),
    (failure: CallFailure) => failure,
  );

aside(
  "no operation ever asks for a single configuration, so that no fault of get can do anything",
  {},
  async (own) => {
    const { emulator, provider, inputsOf } = own;
    emulator.setFaults([{ method: "get", times: "all", effect: "reset", commit: false }]);
    const { inputs } = await provider.check({}, inputsOf("a"));
    const { id, properties } = await provider.create(inputs);
    expect(await provider.read(id, properties)).toMatchObject({ id, properties });
    const moved = await provider.update(id, properties, inputsOf("b"));
    await provider.delete(id, moved);
    expect(emulator.configs()).toEqual([]);
    expect(callsOf(emulator)).toEqual({ create: 1, get: 0, list: 3, update: 1, delete: 1 });
  },
);

aside("a create whose answer is lost is not taken for one that was there before", {}, async (own) => {
  const { emulator, provider, inputsOf } = own;
  const id = emulator.put("https://example.com/a");
  const { inputs } = await provider.check({}, inputsOf("b"));
  // Moved behind our back, after the look at the account and before the create.
  emulator.change(id, "https://example.com/b");
  emulator.setFaults([{ method: "create", effect: "drop", commit: true }]);
  const failure = await failureOf(provider.create(inputs));
  expect(failure.message).toContain(`import: "${id}"`);
  expect(failure.partial).toBeUndefined();
  expect(emulator.configs().map(({ config_id }) => config_id)).toEqual([id]);
});

aside(
  "a create that has taken effect, and can be settled neither way, is found by its URL the next time",
  TIMES,
  async (own) => {
    const { emulator, provider, accountId, inputsOf } = own;
    const { inputs } = await provider.preview(inputsOf("a"));
    emulator.setFaults([
      { method: "create", effect: "never", commit: true },
      { method: "list", times: "all", effect: "status", status: 503 },
    ]);
    const failure = await failureOf(provider.create(inputs));
    expect(failure.message).toContain("the answer to the create was lost");
    expect(failure.message).toContain(`Look for https://example.com/a in account ${accountId}`);
    expect(failure.partial).toBeUndefined();

    emulator.setFaults([]);
    const [config, ...others] = emulator.configs();
    expect(others).toEqual([]);
    const { single: next } = await own.process();
    const adopted = await next.check({}, { ...inputs, adoptExisting: true });
    expect(await next.create(adopted.inputs)).toMatchObject({ id: config?.config_id });
    expect(emulator.configs()).toEqual([config]);
  },
);

aside(
  "an account that asks for silence beyond their time is called by no other operation, and they say so at once",
  {},
  async (own) => {
    const { emulator, provider, inputsOf } = own;
    const { inputs } = await provider.preview(inputsOf("a"));
    emulator.setFaults([{ method: "create", effect: "status", status: 429, retryAfter: "3600" }]);
    emulator.clearRequests();
    await failureOf(provider.create(inputs));
    const started = provider.now();
    const failures = await Promise.all([
      failureOf(provider.create(inputsOf("b"))),
      failureOf(provider.read("whc_1", inputsOf("c"))),
      failureOf(provider.delete("whc_1", inputsOf("c"))),
    ]);
    expect(provider.now() - started).toBeLessThan(1_000);
    for (const { message } of failures) {
      expect(message).toContain("answered with HTTP 429, text/html");
      expect(message).toContain("it asks to be called again at ");
      expect(message).toContain("Nothing is wrong with the program: run the same command again later.");
      expect(message).toContain("gave up after 0 attempts");
    }
    expect(callsOf(emulator)).toEqual({ create: 1, get: 0, list: 0, update: 0, delete: 0 });
  },
);

aside(
  "20 creates in an account that turns calls away slow down together, and all end well",
  {},
  async (own) => {
    const { emulator, provider, inputsOf } = own;
    const wanted = Array.from({ length: 20 }, (_, i) => inputsOf(`${i}`));
    for (const inputs of wanted) await provider.preview(inputs);
    // As many as are under way at a time: none of the others may be sent before the second is over.
    emulator.setFaults([{ method: "create", times: 5, effect: "status", status: 429, retryAfter: "1" }]);
    emulator.clearRequests();
    const created = await Promise.all(wanted.map((inputs) => provider.create(inputs)));
    expect(new Map(emulator.configs().map(({ config_id, url }) => [config_id, url]))).toEqual(
      new Map(created.map(({ id, properties }) => [id, properties["url"] as string])),
    );
    expect(callsOf(emulator)).toMatchObject({ create: 25, get: 0, update: 0, delete: 0 });
    const [turnedAway, next] = [emulator.requests[4], emulator.requests[5]];
    expect([turnedAway?.status, next?.status]).toEqual([429, 200]);
    expect(Date.parse(next?.at ?? "") - Date.parse(turnedAway?.at ?? "")).toBeGreaterThanOrEqual(990);
  },
);
