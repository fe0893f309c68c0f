import type { Emulator, Fault } from "pulumi-kompliant/emulator";
import { describe, expect, test } from "vitest";
import { WEBHOOK_CONFIG_SET_TEXT } from "../../provider/src/shells/dynamic/text.js";
import { lettersOf } from "../support/calls.js";
import { answerOf, type Cell as CellOf, cellsOf, faultOf, isEndless } from "../support/faultCells.js";
import { expectAdvice, expectCall } from "../support/faultText.js";
import { refresh, type State, up } from "../support/grpcStack.js";
import type { ResourceCalls } from "../support/providerProcess.js";
import { type World, worldOf } from "../support/world.js";

/**
 * What a fault makes of a set of three endpoints, in the notation of faultTable.ts. Moves and creates have no order
 * among them, so c stands before u wherever one follows the other.
 *
 *   create  a create of the set             add, move, drop, look   the create, update, delete and list of an update
 *   delete  a delete of the set             read                    the list of a refresh
 */
const table = `
fault                    done | create    add       move      drop   delete  look   read | next
drop                     no   | lccclc    lculcd    lculud    lcudd  dddd    llcud  ll   |
drop                     yes  | lcccl     lculd     lculd     lcuddl ddddl   llcud  ll   |
reset                    no   | lccclc    lculcd    lculud    lcudd  dddd    llcud  ll   |
reset                    yes  | lcccl     lculd     lculd     lcuddl ddddl   llcud  ll   |
never                    no   | lccclc    lculcd    lculud    lcudd  dddd    llcud  ll   |
never                    yes  | lcccl     lculd     lculd     lcuddl ddddl   llcud  ll   |
cut                      no   | lccclc    lculcd    lculud    lcudd  dddd    llcud  ll   |
cut                      yes  | lcccl     lculd     lculd     lcuddl ddddl   llcud  ll   |
200 html                 no   | lccclc    lculcd    lculud    lcudd  dddd    llcud  ll   |
200 html                 yes  | lcccl     lculd     lculd     lcuddl ddddl   llcud  ll   |
408 html                 no   | lccclc    lculcd    lculud    lcudd  dddd    llcud  ll   |
500 json                 no   | lccclc    lculcd    lculud    lcudd  dddd    llcud  ll   |
500 html                 yes  | lcccl     lculd     lculd     lcuddl ddddl   llcud  ll   |
503 empty                no   | lccclc    lculcd    lculud    lcudd  dddd    llcud  ll   |
503 html                 yes  | lcccl     lculd     lculd     lcuddl ddddl   llcud  ll   |
504 html                 no   | lccclc    lculcd    lculud    lcudd  dddd    llcud  ll   |
504 html                 yes  | lcccl     lculd     lculd     lcuddl ddddl   llcud  ll   |
429 html                 no   | lcccc     lccud     lcuud     lcudd  dddd    llcud  ll   |
429 html after 1         no   | lcccc     lccud     lcuud     lcudd  dddd    llcud  ll   |
429 html after 3600      no   | lccc!     lcu!      lcu!      lcud!  ddd!    l!     l!   | later
403 html                 no   | lcccl!    lcul!     lcul!     lcud!  ddd!    l!     l!   | address
403 html                 yes  | lcccl     lculd     lculd     lcud!  ddd!    l!     l!   | address
404 html                 no   | lcccl!    lcul!     lcul!     lcud!  ddd!    l!     l!   | address
404 html                 yes  | lcccl     lculd     lculd     lcud!  ddd!    l!     l!   | address
stale                    no   | -         -         -         -      -       lcud   l    |
all stale                no   | -         -         -         -      -       lcud   l    |
all drop                 no   | lc[cl]+~  lcu[cl]+~ lcu[ul]+! lcud+l! d[dl]+! l+!    l+!  | again
all drop                 yes  | lcccl     lculd     lculd     lcud+l  d[dl]+  l+!    l+!  | again
all 503 empty            no   | lc[cl]+~  lcu[cl]+~ lcu[ul]+! lcud+l! d[dl]+! l+!    l+!  | later
all 503 html             yes  | lcccl     lculd     lculd     lcud+l  d[dl]+  l+!    l+!  | later
all 429 html             no   | lc{4,}!   lc{2,}u!  lcu{2,}!  lcud+! d{4,}!  l+!    l+!  | later
all 429 html after 1     no   | lc{4,}!   lc{2,}u!  lcu{2,}!  lcud+! d{4,}!  l+!    l+!  | later
`;
const scenes = ["create", "add", "move", "drop", "delete", "look", "read"] as const;
type Scene = (typeof scenes)[number];
type Cell = CellOf<Scene>;
const cells = cellsOf(table, scenes);
const hit: Record<Scene, Fault["method"]> = {
  create: "create",
  add: "create",
  move: "update",
  drop: "delete",
  delete: "delete",
  look: "list",
  read: "list",
};

const OPERATION_SECONDS = 5;
/** What a deployment may last beyond the one step of it that is hit. */
const GRACE_SECONDS = 1;
const TIMES = {
  "kompliant:requestTimeoutSeconds": "2",
  "kompliant:operationTimeoutSeconds": String(OPERATION_SECONDS),
};
const __provider = WEBHOOK_CONFIG_SET_TEXT;

/** Of each name of the set, the end of its URL, or the whole of it, or its id. */
type ByName = Readonly<Record<string, string>>;
const OLD: ByName = { stays: "stays", moves: "moves", goes: "goes" };
/** What an update is to make of it: one stays, one moves, one goes, one is added. */
const NEW: ByName = { stays: "stays", moves: "moved", adds: "adds" };

/** What is there once all has gone well. */
function goalOf(scene: Scene): ByName {
  if (scene === "delete") return {};
  return scene === "create" || scene === "read" ? OLD : NEW;
}

/** What a scene calls for, and what goes in it. */
function allOf(scene: Scene): ByName {
  return { ...OLD, ...goalOf(scene) };
}

/** What is there after a failure: in the account, and in state, where that has not stayed as it was. */
function leftBy({ scene, done }: Cell, failed: readonly string[]): { account: ByName; state?: ByName } {
  switch (scene) {
    case "create": {
      const made = only(OLD, (name) => !failed.includes(name));
      return failed.length === 3 ? { account: {} } : { account: made, state: made };
    }
    case "add":
      return both({ ...OLD, moves: "moved" });
    case "move":
      return both({ ...OLD, adds: "adds" });
    case "drop":
      // An answer of something else than the API is no proof, so the name stays until a list has shown it.
      return { account: done ? NEW : { ...NEW, goes: "goes" }, state: { ...NEW, goes: "goes" } };
    case "delete":
      return { account: done ? {} : only(OLD, (name) => failed.includes(name)) };
    default:
      return { account: OLD };
  }
}

/** An account with a set in it, unless that is yet to be created, and with an endpoint of somebody else. */
async function prepare({ emulator, now }: World, provider: ResourceCalls, cell: Cell) {
  const { scene } = cell;
  const [accountId = ""] = emulator.accountIds;
  const urlsOf = (paths: ByName) => mapped(paths, (path) => `https://example.com/${accountId}/${path}`);
  const held = mapped(scene === "create" ? {} : urlsOf(OLD), (url) => emulator.put(url, { accountId }));
  // The last change of the account is one of somebody else, so that an old list is another one.
  const { foreign = "" } = urlsOf({ foreign: "foreign" });
  const others = { [emulator.put(foreign, { accountId })]: foreign };
  const argsOf = (paths: ByName) => ({ accountId, urls: urlsOf(paths), foreign: "keep" });
  const old = { ...argsOf(OLD), __provider };
  const resource = { id: accountId, inputs: old, outputs: { ...old, ids: held, others } };
  const state: State = new Map(scene === "create" ? [] : [["set", resource]]);
  const declared = new Map(scene === "delete" ? [] : [["set", argsOf(goalOf(scene))]]);
  const live = () =>
    Object.fromEntries(emulator.configs(accountId).map(({ config_id, url }) => [config_id, url]));
  /** A name that had a configuration before has the same one ever after. */
  const idsOf = (paths: ByName) => {
    const found = new Map(Object.entries(live()).map(([id, url]) => [url, id]));
    return mapped(urlsOf(paths), (url, name) => held[name] ?? found.get(url) ?? `nothing at ${url}`);
  };
  // A process that has begun to change things looks at nothing in advance: so every case begins alike.
  await provider.delete(accountId, { ...old, urls: {}, ids: {}, others: {} });
  emulator.clearRequests();
  emulator.setFaults([faultOf(cell, hit[scene], now())]);
  return { accountId, urlsOf, held, others, state, declared, live, idsOf };
}
type Setting = Awaited<ReturnType<typeof prepare>>;

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
  const endsWell = cell.ends === "well";
  const { set: provider } = await world.process(TIMES);
  const setting = await prepare(world, provider, cell);
  const { state, declared } = setting;
  const before = state.get("set")?.outputs;

  const { failures, slowestMs } = await (scene === "read"
    ? refresh(provider, state)
    : up(provider, state, declared, 1));
  expect(slowestMs).toBeLessThan((OPERATION_SECONDS + GRACE_SECONDS) * 1_000);
  expect(lettersOf(emulator).replaceAll(/[cu]+/g, (some) => [...some].sort().join(""))).toMatch(cell.calls);
  const failed = endsWell ? [] : namesHit(emulator, scene, setting);
  expect(failures.map(({ name }) => name)).toEqual(endsWell ? [] : ["set"]);
  for (const { message } of failures) expectMessage(message, cell, failed, setting, emulator.url);
  const left = endsWell ? both(goalOf(scene)) : leftBy(cell, failed);
  expectAccount(setting, left.account);
  if (left.state === undefined) expect(state.get("set")?.outputs).toEqual(before);
  else expectState(setting, left.state, cell.fault.endsWith("stale") ? {} : setting.others);

  emulator.setFaults([]);
  const calls = emulator.requests.length;
  const { set: next } = await world.process();
  const again = scene === "read" && !endsWell ? await refresh(next, state) : { failures: [] };
  expect([...again.failures, ...(await up(next, state, declared, 1)).failures]).toEqual([]);
  if (endsWell) expect(emulator.requests.slice(calls)).toEqual([]);
  expectAccount(setting, goalOf(scene));
  expectState(setting, goalOf(scene), endsWell && cell.fault.endsWith("stale") ? {} : setting.others);
  expectWrites(emulator, setting, goalOf(scene));
  for (const { output } of [provider, next]) expect(output()).not.toMatch(/^\s+at .*:\d+:\d+|Unhandled/m);
}

function both(paths: ByName) {
  return { account: paths, state: paths };
}
function mapped(named: ByName, value: (text: string, name: string) => string): ByName {
  return Object.fromEntries(Object.entries(named).map(([name, text]) => [name, value(text, name)]));
}
function only(named: ByName, keep: (name: string) => boolean): ByName {
  return Object.fromEntries(Object.entries(named).filter(([name]) => keep(name)));
}

/** The names of the endpoints whose call was hit. */
function namesHit({ requests }: Emulator, scene: Scene, { held, urlsOf }: Setting): string[] {
  const urls = urlsOf(allOf(scene));
  const isHit = (name: string) =>
    requests.some(
      ({ fault, configId, url }) =>
        fault !== undefined && (configId === undefined ? url === urls[name] : configId === held[name]),
    );
  return Object.keys(urls).filter(isHit);
}

/** The account holds these, each as the same configuration as ever, that of somebody else, and nothing more. */
function expectAccount({ live, idsOf, urlsOf, others }: Setting, paths: ByName): void {
  const urls = urlsOf(paths);
  const own = Object.entries(idsOf(paths)).map(([name, id]) => [id, urls[name]]);
  expect(live()).toEqual({ ...others, ...Object.fromEntries(own) });
}

function expectState({ state, accountId, urlsOf, idsOf }: Setting, paths: ByName, others: ByName): void {
  const kept = { accountId, foreign: "keep", urls: urlsOf(paths), ids: idsOf(paths), others, __provider };
  const isGone = Object.keys(paths).length === 0;
  expect(state.get("set")?.id).toBe(isGone ? undefined : accountId);
  expect(state.get("set")?.outputs).toEqual(isGone ? undefined : kept);
}

/** Over both runs, nothing was created twice, and nothing deleted that is to stay. */
function expectWrites({ requests }: Emulator, { held, urlsOf }: Setting, goal: ByName): void {
  const done = (method: string) => requests.filter((each) => each.committed && each.method.endsWith(method));
  const created = Object.values(urlsOf(only(goal, (name) => held[name] === undefined)));
  expect(
    done("create")
      .map(({ url }) => url)
      .sort(),
  ).toEqual(created.sort());
  const deleted = Object.values(only(held, (name) => goal[name] === undefined));
  expect(
    done("delete")
      .map(({ configId }) => configId)
      .sort(),
  ).toEqual(deleted.sort());
}

/** What an operation does with an endpoint, as messages say it. */
function whatOf(scene: Scene, name: string, { accountId, held, urlsOf }: Setting): string {
  const url = urlsOf(allOf(scene))[name];
  const what: Record<Scene, string> = {
    create: `create the webhook configuration "${name}" for ${url}`,
    add: `create the webhook configuration "${name}" for ${url}`,
    move: `change the URL of ${held[name]} to ${url}`,
    drop: `delete ${held[name]} (${url})`,
    delete: `delete ${held[name]} (${url})`,
    look: "list the webhook configurations",
    read: "list the webhook configurations",
  };
  return `${what[scene]} in account ${accountId}`;
}

/** One part for each endpoint that has failed, and each says what, where, why, and what is to be done. */
function expectMessage(
  message: string,
  cell: Cell,
  failed: readonly string[],
  setting: Setting,
  baseUrl: string,
): void {
  const { scene, ends } = cell;
  expect(message).not.toMatch(/^\s+at .*:\d+:\d+/m);
  const names = hit[scene] === "list" ? [""] : failed;
  const openings = names.map((name) => `cannot ${whatOf(scene, name, setting)}: `);
  const parts = message.split(/\n(?=cannot )/);
  expect(parts.map((part) => openings.find((opening) => part.startsWith(opening))).sort()).toEqual(
    openings.sort(),
  );
  for (const part of parts) {
    if (ends === "unsettled") {
      expect(part).toContain(`${baseUrl} ${answerOf(cell)}`);
      expect(part).toContain("the answer to the create was lost, and the account could not be made to say");
      expect(part).toMatch(
        /\n {2}Run `pulumi up` again: if \S+ is in the account by then, the set takes it over; /,
      );
      expectCall(part, "config.create");
      continue;
    }
    // An update that is under way when the time is over is followed by a list that is not made any more.
    const method = scene === "move" && isEndless(cell) ? "(update|list)" : hit[scene];
    const tried = expectAdvice(part, cell, baseUrl, `config.${method}`);
    if (isEndless(cell)) expect(tried).toBeGreaterThan(1);
  }
}
