import type * as pulumi from "@pulumi/pulumi";
import type { Directory } from "../account/directory.js";
import { lineWithoutUrl } from "../account/explain.js";
import type { Configuration } from "../account/ledger.js";
import { KompliantError } from "../api/errors.js";
import { LIST, type Operation } from "../api/operation.js";
import { type Foreign, LIMIT } from "../contract.js";
import { foresee } from "../foresight.js";
import {
  checkAccount,
  conflictFailure,
  failuresOf,
  isGiven,
  isKnown,
  notAlone,
  refusals,
  surroundingsOf,
  WHOLE,
} from "../inputs.js";
import { letGo } from "../letGo.js";
import { type Memory, resourceKey } from "../memory.js";
import { shownUrl } from "../messages/shown.js";
import { PartialFailure, type Process, type Session, UserError } from "../session.js";
import { standsAlready } from "../webhookConfig/rivals.js";
import { urlProblem, urlWarnings } from "../webhookConfig/url.js";
import { type SetPlan, setPlan } from "./plan.js";

type ByName = Readonly<Record<string, string>>;

/** What the program passes. All but `urls`, `accountId` and `foreign` ends in check and never reaches state. */
interface ProgramInputs {
  readonly urls?: unknown;
  readonly accountId?: unknown;
  readonly foreign?: unknown;
  readonly import?: unknown;
  readonly surroundings?: unknown;
  /** What of all this could not be worked out. */
  readonly refused?: unknown;
}

/** What state keeps as inputs. */
interface Inputs {
  readonly accountId: string;
  readonly urls: ByName;
  readonly foreign: Foreign;
}

/** What state keeps as outputs. */
interface Outputs extends Inputs {
  /** Name to config_id. A name whose configuration is gone has none. */
  readonly ids: ByName;
  /**
   * Configurations of the account that nothing in the program stands for, as the set last saw them: id to URL. The class
   * makes it a secret.
   */
  readonly others: ByName;
}

/** What the set stood for before. */
type Before = Pick<Outputs, "ids" | "urls">;

type Provider = pulumi.dynamic.ResourceProvider;

/** The engine's side of `WebhookConfigSet`: what happens to one account's endpoints as a whole. */
export function createWebhookConfigSetProvider(process: Process): Provider {
  return {
    configure: async ({ config }) => process.configure((key) => config.get(`kompliant:${key}`)),
    check: async (olds: Partial<Inputs>, news: ProgramInputs) => check(process, olds, news),
    diff: async (_id, olds: Outputs, news: Inputs) => diff(process, olds, news),
    create: async (inputs: Inputs) =>
      process.act(inputs.accountId, keyOf(inputs), (session) => create(session, inputs)),
    read: async (_id, props: Outputs) => read(await process.session(), props),
    update: async (_id, olds: Outputs, news: Inputs) =>
      process.act(news.accountId, keyOf(news), (session) => update(session, olds, news)),
    delete: async (_id, props: Outputs) =>
      process.act(props.accountId, keyOf(props), (session) => remove(session, props)),
  };
}

/** What stands at a name. A name such as `constructor` stands at every object, unless only its own count. */
function ownValue(byName: ByName, name: string): string | undefined {
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

/** By this text a set's calls are recognised in the process's memory. */
function keyOf({ urls }: { readonly urls: ByName }): string {
  return JSON.stringify(Object.entries(urls).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function check(
  process: Process,
  olds: Partial<Inputs>,
  news: ProgramInputs,
): ReturnType<NonNullable<Provider["check"]>> {
  const refused = refusals(news.refused);
  if (refused.length > 0) return { inputs: {}, failures: refused };
  const { accountId, failures } = await checkAccount(process, news.accountId);
  const { urls = null, foreign = "keep" } = news;
  // The runtime cannot carry undefined.
  const inputs = { urls, foreign, accountId: accountId ?? null };
  if (isKnown(foreign) && foreign !== "keep" && foreign !== "remove")
    failures.push({
      property: "foreign",
      reason: `${JSON.stringify(foreign)} is neither "keep" nor "remove"`,
    });
  if (isGiven(news.import))
    failures.push({
      property: WHOLE,
      reason:
        "a set has no option `import`: it takes over by itself every configuration of the account that has one of its URLs. Leave the option out.",
    });
  const entries: [string, unknown][] = isByName(urls) ? Object.entries(urls) : [];
  if (isKnown(urls)) {
    if (!isByName(urls)) failures.push({ property: "urls", reason: "must be an object of names and URLs" });
    for (const [name, url] of entries) {
      const problem = isKnown(url) ? urlProblem(url) : undefined;
      if (problem !== undefined) failures.push({ property: `urls.${name}`, reason: problem });
    }
    if (entries.some(([name]) => name === ""))
      failures.push({
        property: "urls",
        reason: '"" cannot be a name: Pulumi\'s engine has no path for what is empty. Use another.',
      });
  }
  const { resources, parallel, preview: isPreview, conflict } = surroundingsOf(news.surroundings);
  if (conflict !== undefined) failures.push(conflictFailure(conflict, accountId, "urls"));
  if (failures.length > 0) return { inputs, failures };
  const known = [urls, accountId, foreign, ...entries.map(([, url]) => url)].every(isKnown);
  if (!known) return { inputs };

  const session = await process.session();
  if (isPreview === false) session.deploys = true;
  const wanted = inputs as Inputs;
  for (const { accountId, urls } of [olds, wanted])
    for (const url of Object.values(urls ?? {})) session.seen.add(resourceKey(accountId ?? "", url));
  for (const [, url] of entries)
    for (const warning of urlWarnings(String(url))) session.runtime.warn(warning);
  const isNew = olds.urls === undefined;
  // A check without old inputs after one with them prepares a replacement: what it will find is about to go.
  const replaces = isNew && session.memory.exists(wanted.accountId, keyOf(wanted));
  session.memory.checked(wanted.accountId, keyOf(wanted), {
    // In another account it has everything still to find.
    as: isNew || olds.accountId !== accountId ? "new" : "same",
    removes: foreign === "remove",
  });
  if (session.memory.isCrowded(wanted.accountId))
    return { inputs, failures: [{ property: WHOLE, reason: notAlone(accountId) }] };
  if (!replaces) session.activity.checked(resources, parallel);
  if (isNew) session.activity.expect(resourceKey(wanted.accountId, keyOf(wanted)));
  if (!isNew || replaces || session.acting) return { inputs };
  return { inputs, failures: await failuresOf(preview(session, {}, wanted)) };
}

function isByName(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tells in the preview what is not to be seen from the program: what will be taken over, removed, or be too many. */
async function preview(
  session: Session,
  ids: ByName,
  wanted: Inputs,
): Promise<pulumi.dynamic.CheckFailure[]> {
  const { accountId } = wanted;
  const { runtime } = session;
  const listed = await foresee(
    session,
    accountId,
    "What the set will find in the account cannot be said in advance.",
  );
  if (listed === undefined) return [];
  await session.memory.askOthers();
  const plan = planFor(session, listed, ids, wanted);
  const show = (id: string) =>
    lineWithoutUrl(listed.get(id) ?? { id, url: "", createdAt: "", updatedAt: "" }, runtime.date());
  const names = new Map([...plan.ids].map(([name, id]) => [id, name]));
  for (const id of plan.takenOver)
    runtime.warn(`the set will take over ${show(id)} as "${names.get(id)}", which has its URL`);
  const own = new Set(Object.values(ids));
  for (const id of [...plan.removeFirst, ...plan.removeLast].filter((id) => !own.has(id)))
    runtime.warn(`the set removes what nothing declares (\`foreign: "remove"\`): ${show(id)}`);
  const leaves = new Set(plan.removeFirst);
  for (const [id, url] of plan.moves) {
    const holder = session.directory(accountId).holderOf(url);
    if (holder === undefined || !leaves.has(holder))
      session.forewarnings.wants(accountId, { url, id, inSet: true });
  }
  const left = listed.size - plan.removeFirst.length + plan.creates.size;
  if (left > LIMIT)
    runtime.warn(
      `account ${accountId} would get ${left} configurations: Kompliant allows ${LIMIT} active ones. ${plan.ids.size + plan.creates.size} are declared here; the rest is foreign. Remove some of them, or set \`foreign: "remove"\`.`,
    );
  return [];
}

function planFor(
  { memory, directory }: Session,
  listed: ReadonlyMap<string, Configuration>,
  ids: ByName,
  wanted: Inputs,
): SetPlan {
  const { accountId, foreign } = wanted;
  const own = new Set(Object.values(ids));
  const plan = setPlan({
    listed,
    ids: new Map(Object.entries(ids)),
    urls: new Map(Object.entries(wanted.urls)),
    removesForeign: foreign === "remove",
    limit: LIMIT,
    isOthers: (id) =>
      isOthers(memory, id, accountId, wanted) ||
      memory.isLost(id) ||
      (!own.has(id) && (memory.isMade(id) || directory(accountId).moves(id))),
  });
  const isWanted = (id: string) => memory.rivalOf(id, accountId, keyOf(wanted)) !== undefined;
  return {
    ...plan,
    removeFirst: plan.removeFirst.filter((id) => !isWanted(id)),
    removeLast: plan.removeLast.filter((id) => !isWanted(id)),
  };
}

/** Whoever takes over whatever has a URL may have what the set drops, but nothing that it keeps. */
function isOthers(memory: Memory, id: string, accountId: string, wanted: Pick<Inputs, "urls">): boolean {
  const rival = memory.rivalOf(id, accountId, keyOf(wanted));
  return rival !== undefined && rival.how !== "adopt";
}

async function diff(process: Process, olds: Outputs, news: Inputs): Promise<pulumi.dynamic.DiffResult> {
  const { settings } = await process.resolved();
  const moved = olds.accountId !== news.accountId;
  const urls: [string, unknown][] = isByName(news.urls) ? Object.entries(news.urls) : [];
  const isSame =
    !moved && olds.foreign === news.foreign && isByName(news.urls) && keyOf(olds) === keyOf(news);
  let isWhole =
    urls.every(([name]) => ownValue(olds.ids, name) !== undefined) &&
    (news.foreign !== "remove" || Object.keys(olds.others).length === 0);
  const known = [news.accountId, news.urls, ...urls.map(([, url]) => url)].every(isKnown);
  let drifted = false;
  if (settings !== undefined && known && !moved) {
    const session = await process.session();
    session.activity.touch();
    if (session.memory.exists(news.accountId, keyOf(news))) {
      for (const [name, url] of Object.entries(news.urls)) {
        const id = ownValue(olds.ids, name);
        if (id === undefined) continue;
        const rival = session.memory.rivalOf(id, news.accountId, keyOf(news));
        if (rival?.how === "import") throw new UserError(standsAlready(id, String(url), rival));
        // What another resource has taken over already is replaced by a configuration of the set's own.
        if (rival?.how === "stands") {
          isWhole = false;
          continue;
        }
        session.memory.owns(id, news.accountId, keyOf(news), false, String(url));
        const from = ownValue(olds.urls, name);
        if (from !== undefined && from !== url) session.directory(news.accountId).announce(id, from, url);
      }
      if (!isSame || !isWhole) {
        session.activity.expect(resourceKey(news.accountId, keyOf(news)));
        if (!session.acting) await preview(session, olds.ids, news);
      }
    } else drifted = Object.keys(olds.others).length > 0;
  }
  return {
    // Left open when an input differs: the engine then finds the properties itself and can show them.
    ...(isSame ? { changes: !isWhole || drifted } : {}),
    replaces: moved ? ["accountId"] : [],
    // A new set beside the old one would take over all that the old one is about to delete.
    deleteBeforeReplace: true,
  };
}

async function create(session: Session, inputs: Inputs): Promise<pulumi.dynamic.CreateResult<Outputs>> {
  const reached = await reach(session, { ids: {}, urls: {} }, inputs);
  if (reached.failures.length > 0) {
    if (Object.keys(reached.outs.ids).length === 0) throw new UserError(reached.failures.join("\n"));
    throw partial(reached, inputs);
  }
  return { id: inputs.accountId, outs: reached.outs };
}

async function update(
  session: Session,
  olds: Outputs,
  news: Inputs,
): Promise<pulumi.dynamic.UpdateResult<Outputs>> {
  const reached = await reach(session, olds, news);
  if (reached.failures.length > 0) throw partial(reached, news);
  return { outs: reached.outs };
}

/** How far the account could be brought to what the set declares. */
interface Reached {
  readonly outs: Outputs;
  /** Messages. */
  readonly failures: readonly string[];
}

function partial({ outs, failures }: Reached, inputs: Inputs): PartialFailure {
  // The runtime does not add the provider's text here, and without it the resource could never be handled again.
  const text = "__provider" in inputs ? { __provider: inputs.__provider } : {};
  return new PartialFailure(failures.join("\n"), outs.accountId, { ...outs, ...text });
}

/** Brings an account to what a set declares, and says how far it came: nothing that was done may be forgotten. */
async function reach(session: Session, before: Before, inputs: Inputs): Promise<Reached> {
  const { accountId } = inputs;
  const { memory, runtime } = session;
  const directory = session.directory(accountId);
  const removesForeign = inputs.foreign === "remove";
  const crowded = () => (removesForeign && memory.isCrowded(accountId) ? [notAlone(accountId)] : []);
  // Whoever else the program has in the account may only be about to show.
  if (removesForeign) await session.activity.settle();
  const op = session.operation(accountId, LIST);
  const listed = await orFailure(session, op, directory.list(op));
  const [refusal] = crowded();
  if (refusal !== undefined) throw new UserError(refusal);
  await memory.askOthers();
  const plan = planFor(session, listed, before.ids, inputs);
  const ids = new Map([...plan.ids, ...plan.unlisted]);
  for (const [name, id] of ids)
    memory.owns(id, accountId, keyOf(inputs), plan.takenOver.includes(id), ownValue(inputs.urls, name) ?? "");
  for (const id of plan.takenOver)
    runtime.info(
      `took over ${id} with ${shownUrl(listed.get(id)?.url ?? "")} instead of creating a configuration`,
    );

  const oldUrls = new Map(Object.entries(before.ids).map(([name, id]) => [id, ownValue(before.urls, name)]));
  const unremoved = new Set([...plan.removeFirst, ...plan.removeLast]);
  const letAllGo = (ids: readonly string[]) =>
    attempt(
      ids.map((id) => async () => {
        await letGo(session, directory, id, directory.urlOf(id) ?? oldUrls.get(id) ?? "");
        unremoved.delete(id);
      }),
    );
  const failures = await letAllGo(plan.removeFirst);
  if (failures.length === 0) {
    const moves = [...plan.moves].map(([id, url]) => async () => {
      const own = session.operation(accountId, `change the URL of ${id} to ${url}`);
      await orFailure(session, own, directory.update(id, url, own));
    });
    const creates = [...plan.creates].map(([name, url]) => async () => {
      const unlisted = plan.unlisted.get(name);
      if (unlisted !== undefined) {
        if (await moveUnlisted(session, directory, unlisted, url)) return;
        ids.delete(name);
        runtime.info(`${unlisted} ("${name}") was gone from account ${accountId}: it is created anew`);
      }
      const own = session.operation(accountId, `create the webhook configuration "${name}" for ${url}`);
      ids.set(name, memory.made(await orFailure(session, own, directory.create(url, own))));
    });
    failures.push(...(await attempt([...moves, ...creates])));
  }
  if (failures.length === 0) failures.push(...crowded());
  if (failures.length === 0) failures.push(...(await letAllGo(plan.removeLast)));
  const others = await foreignOf(session, inputs, [...listed.values()], new Set(ids.values()));
  const left = failures.length > 0 ? unremoved : undefined;
  const isHandedOver = (id: string) => memory.rivalOf(id, accountId, keyOf(inputs))?.how === "stands";
  const own = Object.entries(before.ids).filter(([, id]) => !isHandedOver(id));
  const still = { ...before, ids: Object.fromEntries(own) };
  const present = others.filter(({ id }) => directory.urlOf(id) !== undefined);
  return { outs: outputs(directory, still, ids, inputs, present, left), failures };
}

/** @returns whether the API knows the configuration, which then has the URL */
async function moveUnlisted(
  session: Session,
  directory: Directory,
  id: string,
  url: string,
): Promise<boolean> {
  const op = session.operation(directory.accountId, `change the URL of ${id} to ${url}`);
  try {
    await directory.update(id, url, op);
    return true;
  } catch (error) {
    if (error instanceof KompliantError && error.code === "ENTITY_NOT_FOUND") return false;
    throw session.failure(error, op, true);
  }
}

/** @param unremoved what was to go and has not gone yet; absent if nothing has failed */
function outputs(
  directory: Directory,
  before: Before,
  ids: ReadonlyMap<string, string>,
  inputs: Inputs,
  candidates: readonly Configuration[],
  unremoved: ReadonlySet<string> | undefined,
): Outputs {
  const standing = new Map(ids);
  // What was to go and is still there would be forgotten, and so stay for ever, if its name did not stay.
  if (unremoved !== undefined) {
    const taken = new Set(ids.values());
    for (const [name, id] of Object.entries(before.ids)) {
      const isThere = directory.urlOf(id) !== undefined || unremoved.has(id);
      if (!standing.has(name) && !taken.has(id) && isThere) standing.set(name, id);
    }
  }
  const urlOf = (name: string, id: string) =>
    directory.urlOf(id) ?? ownValue(before.urls, name) ?? ownValue(inputs.urls, name) ?? "";
  const own = new Set(standing.values());
  const others = candidates.filter(({ id }) => !own.has(id)).map(({ id, url }) => [id, url]);
  return {
    accountId: inputs.accountId,
    urls: Object.fromEntries([...standing].map(([name, id]) => [name, urlOf(name, id)])),
    foreign: inputs.foreign,
    ids: Object.fromEntries(standing),
    others: Object.fromEntries(others),
  };
}

/** Does all at once, each whatever becomes of the others. @returns the messages of those that failed */
async function attempt(tasks: readonly (() => Promise<void>)[]): Promise<string[]> {
  const results = await Promise.allSettled(tasks.map((task) => task()));
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  return reasons.map((reason) => (reason instanceof Error ? reason.message : String(reason)));
}

async function orFailure<T>(session: Session, op: Operation, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw session.failure(error, op, true);
  }
}

/**
 * The configurations of an account that belong neither to a set nor to another resource of its stack. For a set that
 * removes what is foreign that is all of them: another resource would not be allowed beside it.
 */
async function foreignOf(
  session: Session,
  { accountId, urls, foreign }: Inputs,
  listed: readonly Configuration[],
  own: ReadonlySet<string>,
): Promise<readonly Configuration[]> {
  const { memory, seen } = session;
  const others = listed.filter(({ id }) => !own.has(id));
  if (foreign === "remove") return others;
  const isForeign = ({ id, url }: Configuration) =>
    !seen.has(id) &&
    !seen.has(resourceKey(accountId, url)) &&
    !memory.isMade(id) &&
    memory.rivalOf(id, accountId, keyOf({ urls })) === undefined;
  // Whoever stands for it may only be about to show.
  if (others.some(isForeign)) await session.activity.settle();
  return others.filter(isForeign);
}

async function read(session: Session, props: Outputs): Promise<pulumi.dynamic.ReadResult> {
  const { accountId, ids, foreign } = props;
  const { runtime } = session;
  session.activity.touch();
  for (const id of Object.values(ids)) session.seen.add(id);
  const op = session.operation(accountId, LIST);
  const listed = await orFailure(session, op, session.directory(accountId).list(op));
  const present = Object.entries(ids).filter(([, id]) => listed.has(id));
  if (listed.size === 0 && Object.keys(ids).length > 0) session.warnEmpty(accountId);
  const others = await foreignOf(session, props, [...listed.values()], new Set(Object.values(ids)));
  for (const other of others)
    runtime.warn(
      `account ${accountId} has a configuration that the set does not declare: ${lineWithoutUrl(other, runtime.date())}. ${foreign === "remove" ? "The next `pulumi up` removes it." : "It is left alone."} \`npx pulumi-kompliant list\` shows its URL.`,
    );
  const urls = Object.fromEntries(present.map(([name, id]) => [name, listed.get(id)?.url ?? ""]));
  const inputs: Inputs = { accountId, urls, foreign };
  return {
    id: accountId,
    props: {
      ...inputs,
      ids: Object.fromEntries(present),
      others: Object.fromEntries(others.map(({ id, url }) => [id, url])),
    },
    inputs,
  };
}

async function remove(session: Session, { accountId, ids, urls }: Outputs): Promise<void> {
  const directory = session.directory(accountId);
  const failures = await attempt(
    Object.entries(ids).map(
      ([name, id]) =>
        () =>
          letGo(session, directory, id, ownValue(urls, name) ?? ""),
    ),
  );
  if (failures.length > 0) throw new UserError(failures.join("\n"));
}
