import { byAge, LIMIT } from "../account/configuration.js";
import { lineWithoutUrl } from "../account/explain.js";
import { LIST } from "../api/operation.js";
import {
  type Call,
  type Checked,
  type CheckFailure,
  type Difference,
  isGiven,
  isKnown,
  type Props,
  type ResourceType,
} from "../call.js";
import { conflictsOf, type Declaration } from "../declarations.js";
import { PartialFailure, UserError } from "../failures.js";
import { foresee } from "../foresee.js";
import { accountToRead, checkAccount } from "../inputs.js";
import { MAYBE_ANOTHER_ACCOUNT } from "../messages/nothingListed.js";
import { standsAlready } from "../ownership.js";
import { removeConfiguration } from "../removal.js";
import type { Run } from "../run.js";
import { urlProblem, urlWarnings } from "../url.js";
import { type Applied, applySet, attemptAll, orFailure, planWith } from "./apply.js";
import { foreignOf } from "./foreign.js";
import { type ByName, type Inputs, isByName, isSame, type Outputs, ownValue } from "./inputs.js";

/** What the engine asks of a `WebhookConfigSet`: what happens to one account's endpoints as a whole. */
export function webhookConfigSets(run: Run): ResourceType<Inputs, Outputs> {
  return {
    // URLs are unique.
    deleteBeforeReplace: true,
    check: async (call, olds, news) => check(run, call, olds, news),
    diff: async (call, _id, olds, news) => diff(run, call, olds, news),
    create: (call, inputs) =>
      call.isPreview ? preview(run, call, {}, inputs) : run.events.operation(create(run, call, inputs)),
    read: (call, _id, props) => (isRead(props) ? read(run, call, props) : takeIn(run, call, props.accountId)),
    update: (call, _id, olds, news) =>
      call.isPreview
        ? preview(run, call, olds.accountId === news.accountId ? olds.ids : {}, news)
        : run.events.operation(update(run, call, olds, news)),
    delete: (call, _id, props) => run.events.operation(remove(run, call, props)),
  };
}

/** @param news what the program passes; all but `urls`, `accountId` and `foreign` ends here and never reaches state */
function check(run: Run, call: Call, olds: Partial<Inputs> | undefined, news: Props): Checked {
  const { accountId, failures } = checkAccount(run, news["accountId"]);
  const urls = news["urls"] ?? null;
  const foreign = news["foreign"] ?? "keep";
  const inputs = { urls, foreign, accountId: accountId ?? null };
  failures.push(...failuresOf(urls, foreign, news["import"]));
  if (failures.length > 0 || typeof accountId !== "string" || !isKnown(accountId))
    return { inputs, failures };

  const { key, label } = call;
  const entries = Object.entries(isByName(urls) ? urls : {}).filter(([, url]) => isKnown(url));
  const nameOf = (name: string) => (label === undefined ? name : `${label}.${name}`);
  const declaration: Declaration = {
    key,
    label,
    accountId,
    urls: entries.map(([name, url]) => ({ label: nameOf(name), url: String(url) })),
    mustBeAlone: foreign === "remove",
    exists: olds !== undefined,
    isDiffDue: olds !== undefined,
  };
  run.declared.set(key, declaration);
  if (olds === undefined) run.owners.forget(call);
  for (const { url } of declaration.urls) for (const warning of urlWarnings(url)) call.log.warn(warning);
  return { inputs, failures: conflictsOf(declaration, [...run.declared.values()], "urls") };
}

function failuresOf(urls: unknown, foreign: unknown, takeOver: unknown): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  if (isKnown(foreign) && foreign !== "keep" && foreign !== "remove")
    fail("foreign", `${JSON.stringify(foreign)} is neither "keep" nor "remove"`);
  if (isGiven(takeOver))
    fail(
      "",
      "a set has no option `import`: it takes over by itself every configuration of the account that has one of its URLs. Leave the option out.",
    );
  if (!isKnown(urls)) return failures;
  if (!isByName(urls)) {
    fail("urls", "must be an object of names and URLs");
    return failures;
  }
  for (const [name, url] of Object.entries(urls)) {
    const problem = isKnown(url) ? urlProblem(url) : undefined;
    if (problem !== undefined) fail(`urls.${name}`, problem);
  }
  if (Object.hasOwn(urls, ""))
    fail("urls", '"" cannot be a name: Pulumi\'s engine has no path for what is empty. Use another.');
  if (Object.hasOwn(urls, "__proto__"))
    fail("urls", '"__proto__" cannot be a name: what copies objects in JavaScript loses it. Use another.');
  return failures;
}

/** Whether a preview knows all that a set asks for. */
function isWhollyKnown({ accountId, urls, foreign }: Inputs): boolean {
  return [accountId, urls, foreign, ...(isByName(urls) ? Object.values(urls) : [])].every(isKnown);
}

function diff(run: Run, call: Call, olds: Outputs, news: Inputs): Difference {
  const { owners } = run;
  const moves = olds.accountId !== news.accountId;
  const areUrlsSame = isByName(news.urls) && isSame(olds.urls, news.urls);
  const changed = [
    ...(moves ? ["accountId"] : []),
    ...(areUrlsSame ? [] : ["urls"]),
    ...(olds.foreign === news.foreign ? [] : ["foreign"]),
  ];
  if (moves) return { hasChanges: true, changed, replaces: ["accountId"] };
  if (run.problems.length > 0 || !isWhollyKnown(news))
    return { hasChanges: changed.length > 0, changed, replaces: [] };

  const hasOthers = Object.keys(olds.others).length > 0;
  const declaration = run.declared.get(call.key);
  // To a refresh, what is foreign is a drift.
  if (declaration?.isDiffDue !== true)
    return { hasChanges: changed.length > 0 || hasOthers, changed, replaces: [] };
  declaration.isDiffDue = false;
  let isWhole = news.foreign !== "remove" || !hasOthers;
  for (const [name, url] of Object.entries(news.urls)) {
    const id = ownValue(olds.ids, name);
    const other = id === undefined ? undefined : owners.otherOwner(call, id);
    if (id !== undefined && other?.by === "import") throw new UserError(standsAlready(id, url, other));
    // What another resource has taken over or deleted is replaced by a configuration of the set's own.
    if (id === undefined || owners.isDeleting(id) || (other !== undefined && other.by !== "adopt")) {
      isWhole = false;
      continue;
    }
    owners.owns(call, id, "state", { url });
    const from = ownValue(olds.urls, name);
    if (from !== undefined && from !== url) run.account(news.accountId).announce(id, { url: from }, { url });
  }
  return { hasChanges: changed.length > 0 || !isWhole, changed, replaces: [] };
}

/** Tells in the preview what is not to be seen from the program: what will be taken over, removed, or be too many. */
async function preview(run: Run, call: Call, ids: ByName, inputs: Inputs): Promise<undefined> {
  const { accountId } = inputs;
  if (!isWhollyKnown(inputs)) return;
  const otherwise = "What the set will find in the account cannot be said in advance.";
  const listed = await foresee(run, call, accountId, otherwise);
  if (listed === undefined) return;
  const plan = await planWith(run, call, listed, ids, inputs, "adopt");
  const now = run.runtime.date();
  const show = (id: string) => {
    const found = listed.get(id);
    return found === undefined ? id : lineWithoutUrl(found, now);
  };
  const names = new Map([...plan.ids].map(([name, id]) => [id, name]));
  for (const id of plan.takenOver)
    call.log.warn(`the set will take over ${show(id)} as "${names.get(id)}", which has its URL`);
  const own = new Set(Object.values(ids));
  for (const id of [...plan.removeFirst, ...plan.removeLast].filter((id) => !own.has(id)))
    call.log.warn(`the set removes what nothing declares (\`foreign: "remove"\`): ${show(id)}`);
  const account = run.account(accountId);
  for (const [id, url] of plan.moves) {
    const holder = account.holderOf(url);
    if (holder === undefined || !plan.removeFirst.includes(holder))
      run.wanted.push({ account, url, id, inSet: true, log: call.log });
  }
  const left = listed.size - plan.removeFirst.length + plan.creates.size;
  if (left > LIMIT)
    call.log.warn(
      `account ${accountId} would get ${left} configurations: Kompliant allows ${LIMIT} active ones. ${plan.ids.size + plan.creates.size} are declared here; the rest is foreign. Remove some of them, or set \`foreign: "remove"\`.`,
    );
}

async function create(
  run: Run,
  call: Call,
  inputs: Inputs,
): Promise<{ readonly id: string; readonly outputs: Outputs }> {
  const { outputs, failures } = await applySet(run, call, { ids: {}, urls: {} }, inputs);
  if (failures.length > 0 && Object.keys(outputs.ids).length === 0) throw new UserError(failures.join("\n"));
  return { id: inputs.accountId, outputs: wholeOrPartial({ outputs, failures }) };
}

async function update(run: Run, call: Call, olds: Outputs, news: Inputs): Promise<Outputs> {
  return wholeOrPartial(await applySet(run, call, olds, news));
}

/** @throws PartialFailure */
function wholeOrPartial({ outputs, failures }: Applied): Outputs {
  if (failures.length === 0) return outputs;
  throw new PartialFailure(failures.join("\n"), outputs.accountId, { ...outputs });
}

async function read(
  run: Run,
  call: Call,
  { accountId, ids, foreign }: Outputs,
): Promise<{ readonly id: string; readonly inputs: Inputs; readonly outputs: Outputs }> {
  for (const id of Object.values(ids)) run.named.add(id);
  const op = run.operation(call, accountId, LIST);
  const listed = await orFailure(run, op, run.account(accountId).list(op));
  const present = Object.entries(ids).filter(([, id]) => listed.has(id));
  if (listed.size === 0 && Object.keys(ids).length > 0) run.warnEmpty(call, accountId);
  const own = new Set(Object.values(ids));
  const others = await foreignOf(run, call, [...listed.values()], own, op);
  for (const other of others)
    call.log.warn(
      `account ${accountId} has a configuration that the set does not declare: ${lineWithoutUrl(other, run.runtime.date())}. ${foreign === "remove" ? "The next `pulumi up` removes it." : "It is left alone."} \`npx pulumi-kompliant list\` shows its URL.`,
    );
  const urls = Object.fromEntries(present.map(([name, id]) => [name, listed.get(id)?.url ?? ""]));
  const inputs: Inputs = { accountId, urls, foreign };
  const outputs: Outputs = {
    ...inputs,
    ids: Object.fromEntries(present),
    others: Object.fromEntries(others.map(({ id, url }) => [id, url])),
  };
  return { id: accountId, inputs, outputs };
}

/** Whether the engine knows what the set stands for. It does not when it imports the set. */
function isRead(props: Partial<Outputs>): props is Outputs {
  return props.ids !== undefined;
}

/** Reads a set that is imported: every configuration of the account that no other resource stands for, by its id. */
async function takeIn(
  run: Run,
  call: Call,
  given: unknown,
): Promise<{ readonly id: string; readonly inputs: Inputs; readonly outputs: Outputs }> {
  const accountId = accountToRead(run, given);
  const op = run.operation(call, accountId, LIST);
  const listed = await orFailure(run, op, run.account(accountId).list(op));
  const found = await foreignOf(run, call, [...listed.values()], new Set(), op);
  if (found.length === 0)
    throw new UserError(
      `cannot import a set of account ${accountId}: ${listed.size === 0 ? `it has no configuration at all. ${MAYBE_ANOTHER_ACCOUNT}` : "other resources of this program stand for all that it has."}`,
    );
  const byId = found.toSorted(byAge);
  const inputs: Inputs = {
    accountId,
    urls: Object.fromEntries(byId.map(({ id, url }) => [id, url])),
    foreign: "keep",
  };
  const ids = Object.fromEntries(byId.map(({ id }) => [id, id]));
  return { id: accountId, inputs, outputs: { ...inputs, ids, others: {} } };
}

async function remove(run: Run, call: Call, { accountId, ids, urls }: Outputs): Promise<void> {
  const account = run.account(accountId);
  const failures = await attemptAll(Object.entries(ids), ([name, id]) =>
    removeConfiguration(run, call, account, id, { url: ownValue(urls, name) ?? "" }),
  );
  if (failures.length > 0) throw new UserError(failures.join("\n"));
}
