import type * as pulumi from "@pulumi/pulumi";
import type { Directory } from "../account/directory.js";
import type { Configuration } from "../account/ledger.js";
import { isParkingUrl } from "../account/trades.js";
import type { Operation } from "../api/operation.js";
import { isConfigId } from "../api/schemas.js";
import { accountProblem, describeProblems } from "../api/settings.js";
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
import { resourceKey, type Wish } from "../memory.js";
import { shownUrl } from "../messages/shown.js";
import { PartialFailure, type Process, type Session, UserError } from "../session.js";
import { hasAnother, standsAlready } from "./rivals.js";
import { urlProblem, urlWarnings } from "./url.js";
import { importedUnknown, preview, previewChange, unknownId } from "./webhookConfigPreview.js";

/** What the program passes. All but `url` and `accountId` ends in check and never reaches state. */
interface ProgramInputs {
  readonly url?: unknown;
  readonly accountId?: unknown;
  readonly adoptExisting?: unknown;
  readonly import?: unknown;
  readonly surroundings?: unknown;
  /** What of all this could not be worked out. */
  readonly refused?: unknown;
}

/** What state keeps as inputs. */
interface Inputs {
  readonly accountId: string;
  readonly url: string;
}

/** What state keeps as outputs. The times are absent as long as they could not be read. */
interface Outputs extends Inputs {
  readonly createdAt?: string;
  readonly updatedAt?: string;
}

type Provider = pulumi.dynamic.ResourceProvider;

/** The engine's side of `WebhookConfig`: what happens to one resource in the provider process. */
export function createWebhookConfigProvider(process: Process): Provider {
  return {
    configure: async ({ config }) => process.configure((key) => config.get(`kompliant:${key}`)),
    check: async (olds: Partial<Inputs>, news: ProgramInputs) => check(process, olds, news),
    diff: async (id, olds: Outputs, news: Inputs) => diff(process, id, olds, news),
    create: async (inputs: Inputs) =>
      process.act(inputs.accountId, inputs.url, (session) => create(session, inputs)),
    read: async (id, props: Partial<Outputs>) => read(await process.session(), id, props),
    update: async (id, olds: Outputs, news: Inputs) =>
      process.act(news.accountId, news.url, (session) => update(session, id, olds, news)),
    delete: async (id, props: Outputs) =>
      process.act(props.accountId, props.url, (session) => remove(session, id, props)),
  };
}

async function check(
  process: Process,
  olds: Partial<Inputs>,
  news: ProgramInputs,
): ReturnType<NonNullable<Provider["check"]>> {
  const refused = refusals(news.refused);
  if (refused.length > 0) return { inputs: {}, failures: refused };
  const { accountId, failures } = await checkAccount(process, news.accountId);
  // The runtime cannot carry undefined.
  const inputs = { url: news.url ?? null, accountId: accountId ?? null };
  const problem = isKnown(news.url) ? urlProblem(news.url) : undefined;
  if (problem !== undefined) failures.push({ property: "url", reason: problem });
  failures.push(...takeOverFailures(news));
  const { resources, parallel, preview: isPreview, conflict } = surroundingsOf(news.surroundings);
  if (conflict !== undefined) failures.push(conflictFailure(conflict, accountId, "url"));
  if (failures.length > 0) return { inputs, failures };
  if (
    typeof news.url !== "string" ||
    !isKnown(news.url) ||
    typeof accountId !== "string" ||
    !isKnown(accountId)
  )
    return { inputs };

  const session = await process.session();
  if (isPreview === false) session.deploys = true;
  for (const each of [olds, { accountId, url: news.url }])
    if (each.accountId !== undefined && each.url !== undefined)
      session.seen.add(resourceKey(each.accountId, each.url));
  for (const warning of urlWarnings(news.url)) session.runtime.warn(warning);
  const isNew = olds.url === undefined;
  // A check without old inputs after one with them prepares a replacement: its URL is held by what it replaces, which
  // may be the very configuration that it was to take over once.
  const replaces = isNew && session.memory.exists(accountId, news.url);
  const wish: Wish = {
    ...(typeof news.import === "string" && isKnown(news.import) && !replaces ? { import: news.import } : {}),
    ...(news.adoptExisting === true ? { adopt: true } : {}),
  };
  const changes = olds.url !== news.url || olds.accountId !== accountId;
  session.memory.checked(accountId, news.url, { as: isNew ? "new" : changes ? "changed" : "same", wish });
  if (session.memory.isCrowded(accountId))
    return { inputs, failures: [{ property: WHOLE, reason: notAlone(accountId) }] };
  if (!replaces) session.activity.checked(resources, parallel);
  if (isNew) session.activity.expect(resourceKey(accountId, news.url));
  if (!isNew || replaces) return { inputs };
  return { inputs, failures: await failuresOf(preview(session, { accountId, url: news.url }, wish)) };
}

/** What is wrong with how the program asks to take something over: ignored, it would create a second endpoint. */
function takeOverFailures(news: ProgramInputs): pulumi.dynamic.CheckFailure[] {
  const failures = [];
  const { import: id, adoptExisting: adopt } = news;
  if (isGiven(id) && isKnown(id) && !isConfigId(id))
    failures.push({
      property: WHOLE,
      reason: `the option \`import\` is ${JSON.stringify(id)}: it must be a configuration's id, \`whc_\` and letters and digits`,
    });
  if (isGiven(adopt) && isKnown(adopt) && typeof adopt !== "boolean")
    failures.push({
      property: "adoptExisting",
      reason: `${JSON.stringify(adopt)} is neither true nor false`,
    });
  return failures;
}

async function diff(
  process: Process,
  id: string,
  olds: Outputs,
  news: Inputs,
): Promise<pulumi.dynamic.DiffResult> {
  const { settings } = await process.resolved();
  const known = settings !== undefined && isKnown(news.url) && isKnown(news.accountId);
  const registered = known ? register(await process.session(), id, olds, news) : undefined;
  const moves = olds.accountId !== news.accountId;
  if (registered === "changes") await previewChange(await process.session(), id, olds, news);
  return {
    // Left open when something differs: the engine then finds the properties itself and can show them.
    ...(moves || olds.url !== news.url ? {} : { changes: false }),
    replaces: moves ? ["accountId"] : registered === "taken" ? ["url"] : [],
    // The new one would collide with the URL of the old one.
    deleteBeforeReplace: true,
  };
}

/**
 * Registers with the run whose a configuration is, and where it goes.
 *
 * @returns `taken` if another resource has taken it over already, `changes` if the program wants something else of it
 * @throws UserError if it is another one's
 */
function register(
  { memory, directory, activity }: Session,
  id: string,
  olds: Outputs,
  news: Inputs,
): "taken" | "changes" | undefined {
  const { accountId, url } = news;
  const moves = olds.accountId !== accountId;
  const changes = moves || olds.url !== url;
  activity.touch();
  if (!memory.isDiffOfProgram(accountId, url, changes)) return undefined;
  if (changes) activity.expect(resourceKey(accountId, url));
  if (moves) return "changes";
  const rival = memory.rivalOf(id, accountId, url);
  // Whoever wanted what has the old URL came first: the new URL then needs another configuration.
  if (changes && rival?.took === true && rival.url === olds.url) return "taken";
  // Who takes over whatever has a URL does not mean a configuration that leaves it.
  if (rival !== undefined && !(rival.how === "adopt" && changes))
    throw new UserError(standsAlready(id, url, rival));
  memory.owns(id, accountId, url, false);
  if (!changes) return undefined;
  directory(accountId).announce(id, olds.url, url);
  return "changes";
}

async function create(session: Session, inputs: Inputs): Promise<pulumi.dynamic.CreateResult<Outputs>> {
  const { accountId, url } = inputs;
  const { memory } = session;
  const op = session.operation(accountId, `create the webhook configuration for ${url}`);
  const directory = session.directory(accountId);
  let id: string;
  try {
    id = await obtain(session, directory, inputs, memory.wishFor(accountId, url), op);
  } catch (error) {
    throw session.failure(error, op);
  }
  return { id, outs: await complete(session, directory, id, inputs, {}, op) };
}

/** @returns the id of the configuration that the new resource stands for from now on */
async function obtain(
  session: Session,
  directory: Directory,
  { accountId, url }: Inputs,
  wish: Wish,
  op: Operation,
): Promise<string> {
  const { memory, runtime } = session;
  const wanted = wish.import ?? (wish.adopt ? await holderNow(directory, url, op) : undefined);
  if (wanted === undefined) return memory.made(await directory.create(url, op));
  if (wish.import !== undefined && !(await directory.list(op)).has(wanted))
    throw new UserError(importedUnknown(session, directory, wanted));
  await memory.askOthers();
  const rival = memory.rivalOf(wanted, accountId, url);
  if (rival !== undefined) throw new UserError(hasAnother(wanted, rival));
  const isNoted = memory.owns(wanted, accountId, url, true);
  if (memory.isLost(wanted)) {
    memory.disowns(wanted);
    if (wish.import === undefined) return memory.made(await directory.create(url, op));
    throw new UserError(`cannot take over ${wanted}: this deployment deletes it`);
  }
  if (!isNoted)
    runtime.warn(
      `nothing can be written to Pulumi's home folder: if a resource of another provider stood for ${wanted} until now, its removal will delete ${wanted}`,
    );
  await directory.update(wanted, url, op);
  runtime.info(`took over ${wanted} with ${url} instead of creating a configuration`);
  return wanted;
}

/** Who has a URL and keeps it: a configuration that this run moves away is about to leave it free. */
async function holderNow(directory: Directory, url: string, op: Operation): Promise<string | undefined> {
  await directory.list(op);
  const holder = directory.holderOf(url);
  return holder === undefined || directory.moves(holder) ? undefined : holder;
}

/** Reads back what was written. From here on nothing may lose the id: Pulumi must keep it whatever happens. */
async function complete(
  session: Session,
  directory: Directory,
  id: string,
  inputs: Inputs,
  before: Partial<Outputs>,
  op: Operation,
): Promise<Outputs> {
  try {
    return outputs(inputs.accountId, await directory.readBack(id, inputs.url, op));
  } catch (error) {
    const message = `${session.failure(error, op).message}\n  ${id} has ${inputs.url}, and is kept in state; only its times are missing. The next \`pulumi up\` completes it.`;
    throw partial(message, id, { ...before, accountId: inputs.accountId, url: inputs.url }, inputs);
  }
}

function partial(message: string, id: string, state: Outputs, inputs: Inputs): PartialFailure {
  // The runtime does not add the provider's text here, and without it the resource could never be handled again.
  const text = "__provider" in inputs ? { __provider: inputs.__provider } : {};
  return new PartialFailure(message, id, { ...state, ...text });
}

function outputs(accountId: string, { url, createdAt, updatedAt }: Configuration): Outputs {
  return { accountId, url, createdAt, updatedAt };
}

async function read(
  session: Session,
  id: string,
  props: Partial<Outputs> & Pick<ProgramInputs, "refused">,
): Promise<pulumi.dynamic.ReadResult> {
  const { settings, runtime } = session;
  const [refused] = refusals(props.refused);
  if (refused !== undefined) throw new UserError(`cannot read the webhook configuration: ${refused.reason}`);
  session.activity.touch();
  const accountId = props.accountId ?? settings.accountId;
  if (accountId === undefined)
    throw new UserError(
      describeProblems([
        "kompliant:accountId is missing: `pulumi config set kompliant:accountId …`, or pass `accountId`",
      ]),
    );
  const problem = accountProblem(accountId);
  if (problem !== undefined) throw new UserError(problem);
  session.seen.add(id);
  const op = session.operation(accountId, `read ${id}`);
  const directory = session.directory(accountId);
  let listed: ReadonlyMap<string, Configuration>;
  try {
    listed = await directory.list(op);
  } catch (error) {
    throw session.failure(error, op);
  }
  const found = listed.get(id);
  if (found !== undefined) {
    if (isParkingUrl(found.url))
      runtime.warn(
        `${id} was left at ${shownUrl(found.url)} by a deployment that was cut off; the next \`pulumi up\` puts it right`,
      );
    return { id, props: outputs(accountId, found), inputs: { accountId, url: found.url } };
  }
  // Only state knows a URL: without one, the program asks for a configuration that it does not manage.
  if (props.url === undefined) throw new UserError(`cannot read ${id}: ${unknownId(session, directory)}`);
  if (listed.size === 0) session.warnEmpty(accountId);
  return {};
}

async function update(
  session: Session,
  id: string,
  olds: Outputs,
  news: Inputs,
): Promise<pulumi.dynamic.UpdateResult<Outputs>> {
  const { accountId, url } = news;
  const op = session.operation(accountId, `change the URL of ${id} to ${url}`);
  const directory = session.directory(accountId);
  try {
    // Nothing differs: an earlier operation did not end well, and what it has left must be seen first.
    if (olds.url === url) await directory.list(op);
    await directory.update(id, url, op);
  } catch (error) {
    const failure = session.failure(error, op);
    const present = directory.urlOf(id);
    if (present === undefined || present === olds.url) throw failure;
    const message = `${failure.message}\n  Meanwhile ${id} has ${shownUrl(present)}, which is recorded in state.`;
    throw partial(message, id, { ...times(olds), accountId, url: present }, news);
  }
  return { outs: await complete(session, directory, id, news, times(olds), op) };
}

function times({ createdAt, updatedAt }: Outputs): Partial<Outputs> {
  return {
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
  };
}

async function remove(session: Session, id: string, { accountId, url }: Outputs): Promise<void> {
  await letGo(session, session.directory(accountId), id, url);
}
