import type { Account } from "../account/account.js";
import { type Configuration, LIMIT } from "../account/configuration.js";
import { KompliantError } from "../api/errors.js";
import { LIST, type Operation } from "../api/operation.js";
import type { Call } from "../call.js";
import { conflictsOf } from "../declarations.js";
import { UserError } from "../failures.js";
import { shownUrl } from "../messages/shown.js";
import { removeConfiguration } from "../removal.js";
import type { Run } from "../run.js";
import { foreignOf } from "./foreign.js";
import { type Before, type ByName, type Inputs, type Outputs, ownValue } from "./inputs.js";
import { type SetPlan, setPlan } from "./plan.js";

/** How far an account could be brought to what a set declares. */
export interface Applied {
  readonly outputs: Outputs;
  /** Messages. */
  readonly failures: readonly string[];
}

/** Brings an account to what a set declares, and says how far it came: nothing that was done may be forgotten. */
export async function applySet(run: Run, call: Call, before: Before, inputs: Inputs): Promise<Applied> {
  const { accountId } = inputs;
  const account = run.account(accountId);
  const op = run.operation(call, accountId, LIST);
  const listed = await orFailure(run, op, account.list(op));
  const crowded = () => crowdOf(run, call, inputs);
  const [refusal] = crowded();
  if (refusal !== undefined) throw new UserError(refusal);
  const plan = await planWith(run, call, listed, before.ids, inputs, "takeover");
  const ids = new Map([...plan.ids, ...plan.unlisted]);
  for (const [name, id] of ids)
    if (!plan.takenOver.includes(id))
      run.owners.owns(call, id, "state", { url: ownValue(inputs.urls, name) ?? "" });
  for (const id of plan.takenOver)
    call.log.info(
      `took over ${id} with ${shownUrl(listed.get(id)?.url ?? "")} instead of creating a configuration`,
    );

  const unremoved = new Set([...plan.removeFirst, ...plan.removeLast]);
  const oldUrls = new Map(Object.entries(before.ids).map(([name, id]) => [id, ownValue(before.urls, name)]));
  const removeAll = (removed: readonly string[]) =>
    attemptAll(removed, async (id) => {
      const old = { url: oldUrls.get(id) ?? "" };
      await removeConfiguration(run, call, account, id, account.configOf(id) ?? old);
      unremoved.delete(id);
    });
  const failures = await removeAll(plan.removeFirst);
  if (failures.length === 0) failures.push(...(await moveAndCreate(run, call, account, plan, ids)));
  if (failures.length === 0) failures.push(...crowded());
  if (failures.length === 0) failures.push(...(await removeAll(plan.removeLast)));

  const candidates =
    inputs.foreign === "remove"
      ? without(listed, ids)
      : await foreignOf(run, call, [...listed.values()], new Set(ids.values()), op);
  const others = candidates.filter(({ id }) => account.configOf(id) !== undefined);
  const standing = failures.length === 0 ? ids : withUnremoved(run, call, account, before, ids, unremoved);
  return { outputs: outputsOf(account, before, standing, inputs, others), failures };
}

function without(
  listed: ReadonlyMap<string, Configuration>,
  ids: ReadonlyMap<string, string>,
): readonly Configuration[] {
  const own = new Set(ids.values());
  return [...listed.values()].filter(({ id }) => !own.has(id));
}

/** Why a set cannot remove anything: somebody else of the program is in its account. */
function crowdOf({ declared }: Run, { key }: Call, { foreign }: Inputs): string[] {
  const own = declared.get(key);
  if (foreign !== "remove" || own === undefined) return [];
  return conflictsOf(own, [...declared.values()], "urls").map(({ reason }) => reason);
}

/**
 * What a set is to do, after it has taken over what it can.
 *
 * @param by whether what it takes over is taken over now, or in the deployment
 */
export async function planWith(
  { owners, account }: Run,
  call: Call,
  listed: ReadonlyMap<string, Configuration>,
  ids: ByName,
  { accountId, urls, foreign }: Inputs,
  by: "takeover" | "adopt",
): Promise<SetPlan> {
  const own = new Set(Object.values(ids));
  const refused = new Set<string>();
  const isOthers = (id: string) =>
    refused.has(id) ||
    owners.isDeleting(id) ||
    (owners.otherOwner(call, id)?.by ?? "adopt") !== "adopt" ||
    (!own.has(id) && (owners.ownerOf(id)?.by === "create" || account(accountId).isMoving(id)));
  for (;;) {
    const plan = setPlan({
      listed,
      ids: new Map(Object.entries(ids)),
      urls: new Map(Object.entries(urls)),
      removesForeign: foreign === "remove",
      limit: LIMIT,
      isOthers,
    });
    const obstacles = await Promise.all(
      plan.takenOver.map(async (id) => ({
        id,
        isRefused: (await owners.take(call, id, listed.get(id) ?? { url: "" }, by)) !== undefined,
      })),
    );
    for (const { id, isRefused } of obstacles) if (isRefused) refused.add(id);
    if (obstacles.some(({ isRefused }) => isRefused)) continue;
    // A configuration that the set drops is left to a resource that adopts it.
    const isWanted = (id: string) => owners.otherOwner(call, id) !== undefined;
    return {
      ...plan,
      removeFirst: plan.removeFirst.filter((id) => !isWanted(id)),
      removeLast: plan.removeLast.filter((id) => !isWanted(id)),
    };
  }
}

/** @param ids name to id, to which what is created is added @returns messages */
function moveAndCreate(
  run: Run,
  call: Call,
  account: Account,
  plan: SetPlan,
  ids: Map<string, string>,
): Promise<string[]> {
  const move = async (id: string, url: string) => {
    const op = run.operation(call, account.accountId, `change the URL of ${id} to ${url}`);
    await orFailure(run, op, account.move(id, { url }, op));
  };
  const create = async (name: string, url: string) => {
    const unlisted = plan.unlisted.get(name);
    if (unlisted !== undefined) {
      if (await moveUnlisted(run, call, account, unlisted, url)) return;
      ids.delete(name);
      call.log.info(`${unlisted} ("${name}") was gone from account ${account.accountId}: it is created anew`);
    }
    const what = `create the webhook configuration "${name}" for ${url}`;
    const op = run.operation(call, account.accountId, what);
    const id = await orFailure(run, op, account.create({ url }, op));
    run.owners.owns(call, id, "create", { url });
    ids.set(name, id);
  };
  const tasks = [
    ...[...plan.moves].map(
      ([id, url]) =>
        () =>
          move(id, url),
    ),
    ...[...plan.creates].map(
      ([name, url]) =>
        () =>
          create(name, url),
    ),
  ];
  return attemptAll(tasks, (task) => task());
}

/** @returns whether the API knows the configuration, which then has the URL */
async function moveUnlisted(
  run: Run,
  call: Call,
  account: Account,
  id: string,
  url: string,
): Promise<boolean> {
  const op = run.operation(call, account.accountId, `change the URL of ${id} to ${url}`);
  try {
    await account.move(id, { url }, op);
    return true;
  } catch (error) {
    if (error instanceof KompliantError && error.code === "ENTITY_NOT_FOUND") return false;
    throw run.failure(error, op, true);
  }
}

/** Names and ids with those that were to go and are still there: without their names they would stay for ever. */
function withUnremoved(
  { owners }: Run,
  call: Call,
  account: Account,
  before: Before,
  ids: ReadonlyMap<string, string>,
  unremoved: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const standing = new Map(ids);
  const taken = new Set(ids.values());
  for (const [name, id] of Object.entries(before.ids)) {
    const by = owners.otherOwner(call, id)?.by;
    const isHandedOver = by === "state" || by === "takeover";
    const isThere = account.configOf(id) !== undefined || unremoved.has(id);
    if (!standing.has(name) && !taken.has(id) && isThere && !isHandedOver) standing.set(name, id);
  }
  return standing;
}

function outputsOf(
  account: Account,
  before: Before,
  standing: ReadonlyMap<string, string>,
  inputs: Inputs,
  candidates: readonly Configuration[],
): Outputs {
  const urlOf = (name: string, id: string) =>
    account.configOf(id)?.url ?? ownValue(before.urls, name) ?? ownValue(inputs.urls, name) ?? "";
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
export async function attemptAll<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<string[]> {
  const results = await Promise.allSettled(all.map(work));
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  return reasons.map((reason) => (reason instanceof Error ? reason.message : String(reason)));
}

export async function orFailure<T>(run: Run, op: Operation, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw run.failure(error, op, true);
  }
}
