import type { Emulator, Fault, FaultPlan } from "pulumi-kompliant/emulator";
import { describe, expect, test } from "vitest";
import { lettersOf } from "../support/calls.js";
import { type Cell as CellOf, cellsOf, faultOf, isEndless, isPutOff } from "../support/faultCells.js";
import { expectAdvice, expectCall } from "../support/faultText.js";
import { piecesIn } from "../support/keys.js";
import { CallFailure, type Props } from "../support/providerProcess.js";
import type { ShellCalls } from "../support/shellCalls.js";
import { type World, worldOf } from "../support/world.js";

/**
 * What a fault makes of webhook keys, in the notation of faultTable.ts: c create, a activate, g get.
 *
 *   create  the create of a key                 read    the get of a refresh of a key
 *   first   the activate of a new activation    seen    the get of a refresh of an activation
 *   next    the activate of an activation that is changed to a new key
 *   settle  the get by which a new activation finds out what became of an activate whose answer was lost
 */
const table = `
fault                         done | create  first       next        | read seen settle | next
latency                       yes  | c       a           a           | g    g    ag     |
drop                          no   | cc      aga         aga         | gg   gg   agg    |
drop                          yes  | cc      ag          ag          | gg   gg   agg    |
reset                         no   | cc      aga         aga         | gg   gg   agg    |
reset                         yes  | cc      ag          ag          | gg   gg   agg    |
never                         no   | cc      aga         aga         | gg   gg   agg    |
never                         yes  | cc      ag          ag          | gg   gg   agg    |
cut                           no   | cc      aga         aga         | gg   gg   agg    |
cut                           yes  | cc      ag          ag          | gg   gg   agg    |
200 html                      no   | cc      aga         aga         | gg   gg   agg    |
200 html                      yes  | cc      ag          ag          | gg   gg   agg    |
200 json                      no   | cc      aga         aga         | gg   gg   agg    |
204 empty                     yes  | cc      ag          ag          | gg   gg   agg    |
408 html                      no   | cc      aga         aga         | gg   gg   agg    |
500 html                      no   | cc      aga         aga         | gg   gg   agg    |
500 json                      yes  | cc      ag          ag          | gg   gg   agg    |
502 json                      no   | cc      aga         aga         | gg   gg   agg    |
503 empty                     no   | cc      aga         aga         | gg   gg   agg    |
503 html after 1              no   | cc      aga         aga         | gg   gg   agg    |
503 html after 3600           no   | c!      aga         aga         | g!   g!   ag!    | later
504 html                      yes  | cc      ag          ag          | gg   gg   agg    |
429 html                      no   | cc      aa          aa          | gg   gg   agg    |
429 json                      no   | cc      aa          aa          | gg   gg   agg    |
429 empty after 0             no   | cc      aa          aa          | gg   gg   agg    |
429 html after 3              no   | cc      aa          aa          | gg   gg   agg    |
429 html after 3600           no   | c!      a!          a!          | g!   g!   ag!    | later
302 html                      no   | c!      ag!         ag!         | g!   g!   ag!    | address
400 json                      no   | c!      ag!         ag!         | g!   g!   ag!    | address
401 html                      no   | c!      ag!         ag!         | g!   g!   ag!    | address
403 empty                     no   | c!      ag!         ag!         | g!   g!   ag!    | address
404 html                      no   | c!      ag!         ag!         | g!   g!   ag!    | address
404 json                      yes  | c!      ag          ag          | g!   g!   ag!    | address
413 html                      no   | c!      ag!         ag!         | g!   g!   ag!    | address
all drop                      no   | c+!     (ag)+a?g?!  (ag)+a?g?!  | g+!  g+!  ag+!   | again
all drop                      yes  | c+!     ag          ag          | g+!  g+!  ag+!   | again
all never                     no   | c+!     (ag)+a?g?!  (ag)+a?g?!  | g+!  g+!  ag+!   | again
all never                     yes  | c+!     ag          ag          | g+!  g+!  ag+!   | again
all cut                       no   | c+!     (ag)+a?g?!  (ag)+a?g?!  | g+!  g+!  ag+!   | again
all 200 html                  yes  | c+!     ag          ag          | g+!  g+!  ag+!   | address
all 200 html                  no   | c+!     (ag)+a?g?!  (ag)+a?g?!  | g+!  g+!  ag+!   | address
all 503 empty                 no   | c+!     (ag)+a?g?!  (ag)+a?g?!  | g+!  g+!  ag+!   | later
all 504 html                  yes  | c+!     ag          ag          | g+!  g+!  ag+!   | later
all 429 html                  no   | c+!     a+!         a+!         | g+!  g+!  ag+!   | later
all 429 html after 1          no   | c+!     a+!         a+!         | g+!  g+!  ag+!   | later
`;
const scenes = ["create", "first", "next", "read", "seen", "settle"] as const;
type Scene = (typeof scenes)[number];
type Cell = CellOf<Scene>;
const cells = cellsOf(table, scenes);
const hit: Record<Scene, "create" | "activate" | "get"> = {
  create: "create",
  first: "activate",
  next: "activate",
  read: "get",
  seen: "get",
  settle: "get",
};

const OPERATION_SECONDS = 5;
/** What an operation may last beyond its time. */
const GRACE_SECONDS = 1;
const TIMES = {
  "kompliant:requestTimeoutSeconds": "2",
  "kompliant:operationTimeoutSeconds": String(OPERATION_SECONDS),
};

/** What stands in the account, and what state says of it, when an operation begins. */
interface Setting {
  readonly accountId: string;
  /** The key that is active already. */
  readonly old: string;
  /** The program's key, and its outputs; nothing where it is yet to be made. */
  readonly own: string;
  readonly made: Props;
  /** The outputs of the activation, where there is one. */
  readonly activated: Props;
}

async function prepare(world: World, { key, activation }: ShellCalls, cell: Cell): Promise<Setting> {
  const { emulator, now } = world;
  const { scene } = cell;
  const [accountId = ""] = emulator.accountIds;
  const old = emulator.rotateKey(accountId);
  const before = { keyId: old, activatedAt: activatedAt(emulator, old) };
  const { inputs } = await key.check({}, { accountId });
  const made = scene === "create" ? { id: "", properties: inputs } : await key.create({ ...inputs });
  const own = { keyId: made.id };
  let activated: Props = before;
  if (scene === "next") {
    await activation.check({ keyId: old }, own);
    await activation.diff(old, before, own);
  } else if (scene !== "create") await activation.check({}, own);
  if (scene === "seen") activated = (await activation.create(own)).properties;
  const lost: FaultPlan =
    scene === "settle" ? [{ method: "webhook.key.activate", effect: "drop", commit: true }] : [];
  emulator.clearRequests();
  emulator.setFaults([...lost, faultOf(cell, `webhook.key.${hit[scene]}` as Fault["method"], now())]);
  return { accountId, old, own: made.id, made: made.properties, activated };
}

type Outcome = { readonly failure?: CallFailure; readonly value?: unknown };

function operate({ key, activation }: ShellCalls, scene: Scene, setting: Setting): Promise<Outcome> {
  const { accountId, old, own, made, activated } = setting;
  const operations: Record<Scene, () => Promise<unknown>> = {
    create: () => key.create({ accountId }),
    first: () => activation.create({ keyId: own }),
    next: () => activation.update(old, activated, { keyId: own }),
    settle: () => activation.create({ keyId: own }),
    read: () => key.read(own, made),
    seen: () => activation.read(own, activated),
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
  const setting = await prepare(world, calledOn, cell);

  const { now, output } = calledOn.key;
  const started = now();
  const outcome = await operate(calledOn, scene, setting);
  expect(now() - started).toBeLessThan((OPERATION_SECONDS + GRACE_SECONDS) * 1_000);

  const calls = lettersOf(emulator);
  expect(calls).toMatch(cell.calls);
  expectActive(emulator, setting, isActivated(cell));
  if (cell.ends === "well") {
    expect(outcome.failure).toBeUndefined();
    expectValue(emulator, scene, setting, outcome.value);
  } else {
    expect(outcome.failure).toBeInstanceOf(CallFailure);
    expect(outcome.failure?.partial).toBeUndefined();
    expectMessage(outcome.failure?.message ?? "", cell, setting, emulator.url, calls.length);
  }
  const isLeft = isLeftOver(cell, calls);
  expect(output().includes("warning: an answer to the create of ")).toBe(isLeft && cell.ends === "well");

  emulator.setFaults([]);
  const next = await world.process();
  const again = await operate(next, scene, setting);
  expect(again.failure).toBeUndefined();
  expectValue(emulator, scene, setting, again.value);
  expectActive(emulator, setting, !["create", "read"].includes(scene));
  expect(next.key.output()).toBe("");
  for (const { shared_secret } of emulator.keys())
    for (const text of [output(), outcome.failure?.message ?? ""])
      expect(piecesIn(text, shared_secret)).toEqual([]);
}

/** Whether the program's key is the active one. */
function isActivated({ scene, ends, done }: Cell): boolean {
  if (scene === "create" || scene === "read") return false;
  return scene === "seen" || scene === "settle" || ends === "well" || done;
}

/** One key is active, and none was made active more than once. */
function expectActive(emulator: Emulator, { accountId, own, old }: Setting, isOwn: boolean): void {
  const active = emulator.keys(accountId).filter(({ status }) => status === "ACTIVE");
  expect(active.map(({ key_id }) => key_id)).toEqual([isOwn ? own : old]);
  const activates = emulator.requests.filter(
    ({ method, committed }) => committed && method === "webhook.key.activate",
  );
  expect(activates.length).toBeLessThanOrEqual(1);
}

/** Whether a key may have been made of which nobody knows. What is turned away for the rate of calls makes none. */
function isLeftOver({ scene, fault, ends }: Cell, calls: string): boolean {
  const isLost = calls.length > 1 || ends !== "well";
  return scene === "create" && isLost && !fault.includes("429");
}

function activatedAt(emulator: Emulator, keyId: string): string | undefined {
  return emulator.keys().find(({ key_id }) => key_id === keyId)?.activated_at;
}

/** What a call that ends well gives the engine. */
function expectValue(emulator: Emulator, scene: Scene, { accountId, own }: Setting, value: unknown): void {
  const keys = emulator.keys(accountId);
  const id = scene === "create" ? (value as { id: string }).id : own;
  const { shared_secret, created_at, status, activated_at } = keys.find(({ key_id }) => key_id === id) ?? {};
  const key = { accountId, sharedSecret: shared_secret, createdAt: created_at };
  const activation = { keyId: id, activatedAt: activated_at };
  const expected: Record<Scene, object> = {
    create: { id: keys.at(-1)?.key_id, properties: key },
    read: { id, properties: key, inputs: { accountId } },
    first: { id, properties: activation },
    settle: { id, properties: activation },
    next: activation,
    seen: { id, properties: activation, inputs: { keyId: id } },
  };
  expect(withoutText(value)).toEqual(expected[scene]);
  if (scene === "create" || scene === "read") expect(status).toBe("INACTIVE");
}

function withoutText(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, each) => (name === "__provider" ? undefined : each)));
}

function expectMessage(
  message: string,
  cell: Cell,
  { accountId, own }: Setting,
  baseUrl: string,
  calls: number,
): void {
  const { scene } = cell;
  const what: Record<Scene, string> = {
    create: "create a webhook key",
    first: `activate the webhook key ${own}`,
    next: `activate the webhook key ${own}`,
    settle: `activate the webhook key ${own}`,
    read: `read the webhook key ${own}`,
    seen: `read the webhook key ${own}`,
  };
  expect(message).not.toMatch(/^\s+at .*:\d+:\d+/m);
  const opening = `cannot ${what[scene]} in account ${accountId}: `;
  expect(message.slice(0, opening.length)).toBe(opening);
  if (scene === "settle") {
    expect(message).toContain(`${baseUrl} did not answer: `);
    expectCall(message, "key.activate");
    if (isEndless(cell) || isPutOff(cell)) expect(message).toContain("\n  out of time after ");
    else
      expect(message).toMatch(
        /\n {2}gave up after 2 attempts over [\d.]+ s; what became of it could not be found out: webhook\.key\.get /,
      );
    return;
  }
  // What became of a create cannot be found out.
  const isAnew = scene === "create" && cell.next === "again";
  const tried = expectAdvice(
    message,
    isAnew ? { ...cell, next: "anew" } : cell,
    baseUrl,
    `key.${hit[scene]}`,
  );
  const isLeft = isLeftOver(cell, "");
  expect(message.includes(`account ${accountId} may have one webhook key more, or several: inactive,`)).toBe(
    isLeft,
  );
  if (isPutOff(cell)) expect(tried).toBe(calls);
  // The last one may have been cut off before the emulator has seen it.
  else if (isEndless(cell)) expect([calls, calls + 1]).toContain(tried);
}
