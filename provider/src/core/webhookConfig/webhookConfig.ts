import type { Account } from "../account/account.js";
import type { Configuration } from "../account/configuration.js";
import { line } from "../account/explain.js";
import { isParkingUrl } from "../account/trades.js";
import type { Operation } from "../api/operation.js";
import { type Config, configIn, differences, isSameConfig } from "../api/schemas.js";
import { type Call, type Difference, isKnown, type ResourceType, UNKNOWN } from "../call.js";
import { PartialFailure, UserError } from "../failures.js";
import { foresee } from "../foresee.js";
import { accountToRead } from "../inputs.js";
import { MAYBE_ANOTHER_ACCOUNT } from "../messages/nothingListed.js";
import { shownUrl } from "../messages/shown.js";
import { hasAnother, standsAlready } from "../ownership.js";
import { removeConfiguration } from "../removal.js";
import type { Run, Wish } from "../run.js";
import { check } from "./check.js";
import type { Inputs, Outputs } from "./inputs.js";

/** What the engine asks of a `WebhookConfig`. */
export function webhookConfigs(run: Run): ResourceType<Inputs, Outputs> {
  return {
    // URLs are unique.
    deleteBeforeReplace: true,
    check: async (call, olds, news) => check(run, call, olds, news),
    diff: async (call, id, olds, news) => diff(run, call, id, olds, news),
    create: (call, inputs) =>
      call.isPreview ? previewCreate(run, call, inputs) : run.events.operation(create(run, call, inputs)),
    read: (call, id, props) => read(run, call, id, props),
    update: (call, id, olds, news) =>
      call.isPreview
        ? previewUpdate(run, call, id, olds, news)
        : run.events.operation(update(run, call, id, olds, news)),
    delete: async (call, id, olds) =>
      run.events.operation(removeConfiguration(run, call, run.account(olds.accountId), id, olds)),
  };
}

function diff(run: Run, call: Call, id: string, olds: Outputs, news: Inputs): Difference {
  run.named.add(id);
  const moves = olds.accountId !== news.accountId;
  const changed = [...(moves ? ["accountId"] : []), ...differences(olds, news)];
  const hasChanges = changed.length > 0;
  const hasNewUrl = changed.includes("url");
  const declaration = run.declared.get(call.key);
  const isOfProgram = declaration?.isDiffDue === true && run.problems.length === 0;
  if (!isOfProgram || moves || !isWhollyKnown(news))
    return { hasChanges, changed, replaces: moves ? ["accountId"] : [] };
  declaration.isDiffDue = false;
  // Another resource that had it in state too has come first, and its end has deleted it.
  if (run.owners.isDeleting(id)) return { hasChanges: true, changed, replaces: ["url"] };
  const other = run.owners.otherOwner(call, id);
  // Another resource wanted what has the old URL, and came first: the new URL then needs another configuration.
  if (hasNewUrl && other?.by === "takeover" && other.config?.url === olds.url)
    return { hasChanges, changed, replaces: ["url"] };
  // `adoptExisting` of the old URL is no conflict when its configuration is moving away from it.
  if (other !== undefined && !(other.by === "adopt" && hasNewUrl))
    throw new UserError(standsAlready(id, news.url, other));
  run.owners.owns(call, id, "state", news);
  if (hasNewUrl) run.account(news.accountId).announce(id, olds, news);
  return { hasChanges, changed, replaces: [] };
}

async function create(
  run: Run,
  call: Call,
  inputs: Inputs,
): Promise<{ readonly id: string; readonly outputs: Outputs }> {
  const { accountId, url } = inputs;
  const account = run.account(accountId);
  const wish = run.wishes.get(call.key) ?? {};
  const op = run.operation(call, accountId, `create the webhook configuration for ${url}`);
  try {
    const id =
      (await takeOver(run, call, account, inputs, wish, op)) ??
      (await createNew(run, call, account, inputs, op));
    return { id, outputs: await complete(run, account, id, inputs, {}, op) };
  } catch (error) {
    const failure = run.failure(error, op);
    const id = run.owners.givenUpTo(call);
    const present = id === undefined ? undefined : account.configOf(id);
    if (id === undefined || present === undefined || failure instanceof PartialFailure) throw failure;
    // A replacement has left it to this resource: without it in state, it would be nobody's.
    throw new PartialFailure(`${failure.message}\n  ${recorded(id, present)}`, id, {
      accountId,
      ...configIn(present),
    });
  }
}

/** Where a configuration is after a failure. */
function recorded(id: string, { url }: Config): string {
  return `Meanwhile ${id} has ${shownUrl(url)}, which is recorded in state.`;
}

/** Whether a preview knows all that the resource asks for. */
function isWhollyKnown(inputs: Inputs): boolean {
  return Object.values(inputs).every(isKnown);
}

async function createNew({ owners }: Run, call: Call, account: Account, config: Config, op: Operation) {
  owners.forget(call);
  const id = await account.create(config, op);
  owners.owns(call, id, "create", config);
  return id;
}

/** @returns the configuration that the resource has taken over; nothing if one is to be created */
async function takeOver(
  run: Run,
  call: Call,
  account: Account,
  config: Config,
  wish: Wish,
  op: Operation,
): Promise<string | undefined> {
  const { owners } = run;
  const { url } = config;
  if (wish.import === undefined && !wish.adopt) return undefined;
  // What a forced replacement of this very resource has deleted, or a set that came first.
  if (wish.import !== undefined && owners.isDeleting(wish.import)) return undefined;
  const listed = await account.list(op);
  const id = wish.import ?? holderThatStays(account, url);
  if (id === undefined) return undefined;
  if (wish.import !== undefined && !listed.has(id)) throw new UserError(importedUnknown(run, account, id));
  const obstacle = await owners.take(call, id, config, "takeover");
  if (obstacle === "deleting") {
    if (wish.import === undefined) return undefined;
    throw new UserError(`cannot take over ${id}: this deployment deletes it`);
  }
  if (obstacle !== undefined) throw new UserError(hasAnother(id, obstacle));
  if (!owners.isHeard())
    call.log.warn(
      `other providers of this deployment cannot ask who stands for ${id}: if a resource of one of them did until now, its removal will delete ${id}`,
    );
  await account.move(id, config, op);
  call.log.info(`took over ${id} with ${url} instead of creating a configuration`);
  return id;
}

/** Who has a URL and keeps it: a configuration that this run moves away is about to leave it free. */
function holderThatStays(account: Account, url: string): string | undefined {
  const holder = account.holderOf(url);
  return holder === undefined || account.isMoving(holder) ? undefined : holder;
}

/**
 * Compares a new resource with the live account: what cannot work fails, what may not work is a warning.
 *
 * @returns what would be taken over
 */
async function previewCreate(
  run: Run,
  call: Call,
  inputs: Inputs,
): Promise<{ readonly id: string; readonly outputs: Outputs } | undefined> {
  if (!isWhollyKnown(inputs) || !(await canSee(run, call, inputs))) return undefined;
  const { accountId, url } = inputs;
  const account = run.account(accountId);
  const wish = run.wishes.get(call.key) ?? {};
  const id = wish.import ?? (wish.adopt ? holderThatStays(account, url) : undefined);
  if (id === undefined) {
    run.wanted.push({ account, url, log: call.log });
    return undefined;
  }
  const by = wish.import === undefined ? "adopt" : "import";
  const present = account.listed?.get(id);
  if (present === undefined) throw new UserError(importedUnknown(run, account, id), "import");
  const obstacle = await run.owners.take(call, id, inputs, by);
  if (obstacle !== undefined && obstacle !== "deleting")
    throw new UserError(hasAnother(id, obstacle), by === "import" ? "import" : "adoptExisting");
  if (present.url === url) return { id, outputs: outputsOf(accountId, present) };
  call.log.warn(`taking over ${id} will change its URL from ${shownUrl(present.url)} to ${url}`);
  account.announce(id, present, inputs);
  return { id, outputs: outputsOf(accountId, { ...present, ...configIn(inputs), updatedAt: UNKNOWN }) };
}

/** Compares a changed resource with the live account. */
async function previewUpdate(
  run: Run,
  call: Call,
  id: string,
  olds: Outputs,
  news: Inputs,
): Promise<undefined> {
  if (!isWhollyKnown(news) || !(await canSee(run, call, news))) return;
  const { accountId, url } = news;
  const isThere = olds.accountId === accountId;
  run.wanted.push({ account: run.account(accountId), url, log: call.log, ...(isThere ? { id } : {}) });
}

async function canSee(run: Run, call: Call, { accountId }: Inputs): Promise<boolean> {
  const otherwise = "Conflicts with what is live cannot be seen in advance.";
  return (await foresee(run, call, accountId, otherwise)) !== undefined;
}

/** Reads back what was written. From here on nothing may lose the id: Pulumi must keep it whatever happens. */
async function complete(
  run: Run,
  account: Account,
  id: string,
  inputs: Inputs,
  before: Partial<Outputs>,
  op: Operation,
): Promise<Outputs> {
  const { accountId, url } = inputs;
  try {
    return outputsOf(accountId, await account.readBack(id, inputs, op));
  } catch (error) {
    const message = `${run.failure(error, op).message}\n  ${id} has ${url}, and is kept in state; only its times are missing. The next \`pulumi up\` completes it.`;
    throw new PartialFailure(message, id, { ...before, accountId, ...configIn(inputs) });
  }
}

function outputsOf(accountId: string, { createdAt, updatedAt, ...rest }: Configuration): Outputs {
  return { accountId, ...configIn(rest), createdAt, updatedAt };
}

async function read(
  run: Run,
  call: Call,
  id: string,
  props: Partial<Outputs>,
): Promise<{ readonly id: string; readonly inputs: Inputs; readonly outputs: Outputs } | undefined> {
  const accountId = accountToRead(run, props.accountId);
  run.named.add(id);
  const account = run.account(accountId);
  const op = run.operation(call, accountId, `read ${id}`);
  const listed = await account.list(op).catch((error) => {
    throw run.failure(error, op);
  });
  const found = listed.get(id);
  if (found !== undefined) {
    if (isParkingUrl(found.url))
      call.log.warn(
        `${id} was left at ${shownUrl(found.url)} by a deployment that was cut off; the next \`pulumi up\` puts it right`,
      );
    return { id, inputs: { accountId, ...configIn(found) }, outputs: outputsOf(accountId, found) };
  }
  // Only state knows a URL: without one, the program asks for a configuration that it does not manage.
  if (props.url === undefined) throw new UserError(`cannot read ${id}: ${unknownId(run, account)}`);
  if (listed.size === 0) run.warnEmpty(call, accountId);
  return undefined;
}

async function update(run: Run, call: Call, id: string, olds: Outputs, news: Inputs): Promise<Outputs> {
  const { accountId, url } = news;
  const account = run.account(accountId);
  const op = run.operation(call, accountId, `change the URL of ${id} to ${url}`);
  try {
    const other = await run.owners.ownerElsewhere(id);
    if (other !== undefined) throw new UserError(standsAlready(id, url, other));
    // Nothing differs: an earlier operation did not end well, and what it has left must be seen first.
    if (isSameConfig(olds, news)) await account.list(op);
    await account.move(id, news, op);
  } catch (error) {
    const failure = run.failure(error, op);
    const present = account.configOf(id);
    if (present === undefined || isSameConfig(present, olds)) throw failure;
    throw new PartialFailure(`${failure.message}\n  ${recorded(id, present)}`, id, {
      ...timesOf(olds),
      accountId,
      ...configIn(present),
    });
  }
  return complete(run, account, id, news, timesOf(olds), op);
}

function timesOf({ createdAt, updatedAt }: Outputs): Partial<Outputs> {
  return {
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
  };
}

/** Why a configuration cannot be taken over by its id, and what to do. */
function importedUnknown(run: Run, account: Account, id: string): string {
  return `cannot take over ${id}: ${unknownId(run, account)}\n  If it was deleted since this resource has taken it over, remove the option \`import\`: \`pulumi up\` then creates a new one.`;
}

/** That an account does not have a configuration, and what it has. */
function unknownId({ runtime }: Run, { accountId, listed }: Account): string {
  const active = [...(listed?.values() ?? [])];
  const lines = active.map((configuration) => `\n  ${line(configuration, runtime.date())}`).join("");
  return `account ${accountId} has no such configuration. ${active.length === 0 ? `It has none at all. ${MAYBE_ANOTHER_ACCOUNT}` : `It has:${lines}`}`;
}
