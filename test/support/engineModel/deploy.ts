import { shellUnderTest } from "../shellUnderTest.js";
import { deleted, removeAll } from "./deletes.js";
import {
  type Declared,
  inputsOf,
  type Known,
  nameOf,
  needsOf,
  type Program,
  type Props,
  UNKNOWN,
  urnOf,
  usesOf,
} from "./program.js";
import { refreshOne } from "./refresh.js";
import { attempt, createSlots, isTarget, partialOf, type Run } from "./run.js";
import { changedKeys, type Stated } from "./state.js";

/** One resource of the program, and what state has of it. */
interface Goal {
  readonly key: string;
  readonly declared: Declared;
  readonly name: string;
  readonly urn: string;
  readonly at: Pick<Stated, "name" | "type" | "provider">;
  /** The URN under which state has it; another one after a rename. */
  readonly oldUrn: string;
  /** What state keeps of how it is declared. */
  readonly kept: Pick<Stated, "protect" | "retain" | "uses" | "needs">;
}

interface Deployment {
  readonly run: Run;
  /** What others may use already, by key. */
  readonly known: Map<string, Known>;
}

/**
 * Plays the part of an `up` or a preview in which the program runs: check and diff of one resource at a time, each
 * operation as soon as it may begin, and deletes last.
 */
export async function deploy(run: Run, program: Program): Promise<void> {
  const on: Deployment = { run, known: new Map() };
  const goals = Object.keys(program).map((key) => goalOf(run, program, key));
  const looks = createSlots(Number.POSITIVE_INFINITY, () => false);
  let lane = Promise.resolve();
  const look = (goal: Goal) => {
    lane = lane.then(() => visit(on, goal));
    return lane;
  };
  let pending: readonly Goal[] = goals;
  while (pending.length > 0 && !run.failed) {
    const ready = pending.filter(({ declared }) => needsOf(declared).every((key) => on.known.has(key)));
    const next = ready[run.options.shuffled === true ? Math.floor(run.runtime.random() * ready.length) : 0];
    if (next === undefined) {
      if (run.slots.isIdle && looks.isIdle) throw new Error(`${pending[0]?.key} needs what never comes`);
      await Promise.race([
        ...(run.slots.isIdle ? [] : [run.slots.next()]),
        ...(looks.isIdle ? [] : [looks.next()]),
      ]);
      continue;
    }
    pending = pending.filter((goal) => goal !== next);
    const old = run.state.get(next.oldUrn);
    if (run.options.refresh === true && run.options.runProgram === true && old !== undefined)
      await run.slots.start(async () => {
        await refreshOne(run, next.oldUrn, old);
        await looks.start(() => look(next));
      });
    else await look(next);
    // The SDK registers the next one only when the one before is done.
    if (run.options.parallel === 1) await run.slots.all();
  }
  while (!run.slots.isIdle || !looks.isIdle) await Promise.all([run.slots.all(), looks.all()]);
  if (run.failed) return;
  const wanted = new Set(goals.flatMap(({ urn, oldUrn }) => [urn, oldUrn]));
  const doomed = [...run.state].filter(([urn, { name }]) => !wanted.has(urn) && isTarget(run, name));
  await removeAll(run, doomed);
}

function goalOf({ state }: Run, program: Program, key: string): Goal {
  const declared = program[key] as Declared;
  const { type = "WebhookConfig", provider } = declared;
  const name = nameOf(key, declared);
  const urn = urnOf(name, type);
  const former = [name, ...(declared.aliases ?? [])].map((each) => urnOf(each, type));
  const urnOfKey = (other: string) => {
    const { type: its, ...rest } = program[other] as Declared;
    return urnOf(nameOf(other, rest), its);
  };
  const uses = Object.entries(usesOf(declared)).map(([input, other]) => [input, urnOfKey(other)] as const);
  return {
    key,
    declared,
    name,
    urn,
    oldUrn: former.find((each) => state.has(each)) ?? urn,
    at: { name, type, provider },
    kept: {
      ...(declared.protect === true ? { protect: true } : {}),
      ...(declared.retainOnDelete === true ? { retain: true } : {}),
      uses: Object.fromEntries(uses),
      needs: needsOf(declared).map(urnOfKey),
    },
  };
}

/** Looks at one resource, and begins what it takes. */
async function visit(on: Deployment, goal: Goal): Promise<void> {
  const { run, known } = on;
  const { key, declared, name, at, oldUrn } = goal;
  const old = run.state.get(oldUrn);
  if (run.failed) return;
  if (!isTarget(run, name)) {
    known.set(key, old ?? { id: UNKNOWN, outputs: unknownOutputs });
    return;
  }
  await run.runtime.sleep(1 + Math.floor(run.runtime.random() * 5));
  const news: Record<string, unknown> = { ...inputsOf(key, declared, known) };
  if (declared.import !== undefined && old === undefined && shellUnderTest === "plugin")
    return importOne(on, goal, declared.import, news);
  const ignored = old === undefined ? [] : (declared.ignoreChanges ?? []);
  for (const input of ignored) news[input] = old?.inputs[input];
  const isForced = old !== undefined && (run.options.targetReplace?.includes(name) || old.tainted === true);
  const inputs = await checked(run, goal, isForced ? {} : (old?.inputs ?? {}), news);
  if (inputs === undefined) return;
  if (old === undefined) return create(on, goal, inputs);
  if (isForced) return (isDeleteFirst(goal) ? replace : createFirst)(on, goal, old, inputs);

  const asked = { id: old.id, olds: old.outputs, news: inputs, oldInputs: old.inputs };
  const diff = await attempt(
    run,
    name,
    run.ask("diff", at, { ...asked, ...(ignored.length === 0 ? {} : { ignorechanges: ignored }) }),
  );
  if (diff === undefined) return;
  const changed = diff["changes"] === "none" ? [] : changedKeys(old.inputs, inputs);
  const differs = diff["changes"] === "some" || changed.length > 0;
  const replaces = [
    ...((diff["replaces"] as string[] | undefined) ?? []),
    ...(declared.replaceOnChanges ?? []).filter((input) => changed.includes(input)),
  ];
  if (differs && replaces.length > 0) {
    const anew = await checked(run, goal, {}, news);
    const isDeletedFirst = diff["deletebeforereplace"] === true || declared.deleteBeforeReplace === true;
    if (anew !== undefined) await (isDeletedFirst ? replace : createFirst)(on, goal, old, anew);
  } else if (differs || old.incomplete === true) {
    await update(on, goal, old, inputs);
  } else {
    store(run, goal, { id: old.id, inputs, outputs: old.outputs });
    run.count("same");
    known.set(key, old);
  }
}

async function checked(run: Run, { name, at }: Goal, olds: Props, news: Props): Promise<Props | undefined> {
  const answer = await attempt(run, name, run.ask("check", at, { olds, news }));
  if (answer === undefined) return undefined;
  const failures = (answer["failures"] ?? []) as { property: string; reason: string }[];
  for (const { property, reason } of failures)
    run.fail(name, property === "" ? reason : `property ${property} has a problem: ${reason}`);
  return failures.length > 0 ? undefined : (answer["inputs"] as Props);
}

/** Nothing of what is not there yet is known. */
const unknownOutputs: Props = new Proxy({}, { get: () => UNKNOWN });

/** Whether nothing is asked of the provider: of the dynamic shell, a preview asks no create and no update. */
function isSilent({ isPreview }: Run): boolean {
  return isPreview && shellUnderTest === "dynamic";
}

async function create(on: Deployment, goal: Goal, inputs: Props): Promise<void> {
  const { run, known } = on;
  if (isSilent(run)) {
    run.count("create");
    known.set(goal.key, { id: UNKNOWN, outputs: unknownOutputs });
    return;
  }
  await run.slots.start(async () => {
    if (await created(on, goal, inputs)) run.count("create");
  });
}

function previewOf({ isPreview }: Run): Props {
  return isPreview ? { preview: true } : {};
}

/** @returns whether it has been created, and nothing else is to be done */
async function created({ run, known }: Deployment, goal: Goal, inputs: Props): Promise<boolean> {
  try {
    const asked = { properties: inputs, ...previewOf(run) };
    const { id, properties } = await run.ask("create", goal.at, asked);
    const made = { id: (id as string) || UNKNOWN, inputs, outputs: properties as Props };
    store(run, goal, made);
    known.set(goal.key, made);
    return true;
  } catch (error) {
    const partial = partialOf(error);
    if (partial !== undefined)
      store(run, goal, { id: partial.id, inputs, outputs: partial.properties, incomplete: true });
    run.fail(goal.name, (error as Error).message);
    return false;
  }
}

async function update(on: Deployment, goal: Goal, old: Stated, news: Props): Promise<void> {
  const { run, known } = on;
  if (isSilent(run)) {
    run.count("update");
    known.set(goal.key, { id: old.id, outputs: unknownOutputs });
    return;
  }
  await run.slots.start(() => changed(on, goal, old, news));
}

async function changed({ run, known }: Deployment, goal: Goal, old: Stated, news: Props): Promise<void> {
  const { id, outputs: olds, inputs: oldInputs } = old;
  try {
    const asked = { id, olds, news, oldInputs, ...previewOf(run) };
    const { properties } = await run.ask("update", goal.at, asked);
    const outputs = properties as Props;
    store(run, goal, { id, inputs: news, outputs });
    run.count("update");
    known.set(goal.key, { id, outputs });
  } catch (error) {
    const partial = partialOf(error);
    if (partial !== undefined)
      store(run, goal, { id, inputs: news, outputs: partial.properties, incomplete: true });
    run.fail(goal.name, (error as Error).message);
  }
}

/** What the option `import` asks for: what is read becomes what the program says. */
async function importOne(on: Deployment, goal: Goal, id: string, news: Props): Promise<void> {
  const { run, known } = on;
  const { name, at } = goal;
  await run.slots.start(async () => {
    const found = await attempt(run, name, run.ask("read", at, { id }));
    if (found === undefined) return;
    if (found["id"] === undefined) return run.fail(name, `resource '${id}' does not exist`);
    const read = { id: found["id"] as string, outputs: found["properties"] as Props };
    const oldInputs = found["inputs"] as Props;
    const inputs = await checked(run, goal, oldInputs, news);
    if (inputs === undefined) return;
    const asked = { id: read.id, olds: read.outputs, news: inputs, oldInputs };
    const diff = await attempt(run, name, run.ask("diff", at, asked));
    if (diff === undefined) return;
    store(run, goal, { ...read, inputs });
    run.count("import");
    known.set(goal.key, read);
    if (diff["changes"] === "some")
      await changed(on, goal, { ...at, ...read, inputs: oldInputs, uses: {}, needs: [] }, inputs);
  });
}

/** Where no diff is asked, the provider cannot say that the old one goes first. */
function isDeleteFirst({ at: { type }, declared: { deleteBeforeReplace } }: Goal): boolean {
  const isOfClass = type === "WebhookConfig" || type === "WebhookConfigSet";
  return (shellUnderTest === "dynamic" && isOfClass) || deleteBeforeReplace === true;
}

/** The old one is deleted at the end of the deployment, or, if that fails before, of the next. */
async function createFirst(on: Deployment, goal: Goal, old: Stated, inputs: Props): Promise<void> {
  const { run, known } = on;
  if (isSilent(run)) {
    run.count("replace");
    known.set(goal.key, { id: UNKNOWN, outputs: unknownOutputs });
    return;
  }
  await run.slots.start(async () => {
    if (!(await created(on, goal, inputs))) return;
    run.count("replace");
    run.state.set(`${goal.urn} ${old.id}`, { ...old, replaced: true });
  });
}

/** The old one is deleted first, after a look at all that use it. */
async function replace(on: Deployment, goal: Goal, old: Stated, inputs: Props): Promise<void> {
  const { run, known } = on;
  for (const user of [...run.state.values()]) {
    const made = Object.entries(user.uses).flatMap(([input, of]) => (of === goal.oldUrn ? [input] : []));
    if (made.length === 0) continue;
    const { id, outputs: olds, inputs: oldInputs } = user;
    const news = { ...oldInputs, ...Object.fromEntries(made.map((input) => [input, UNKNOWN])) };
    const diff = await attempt(run, user.name, run.ask("diff", user, { id, olds, news, oldInputs }));
    if (diff === undefined) return;
    if (diff["replaces"] !== undefined) throw new Error(`a replacement of ${user.name} is beyond this model`);
  }
  if (isSilent(run)) {
    run.count("replace");
    known.set(goal.key, { id: UNKNOWN, outputs: unknownOutputs });
    return;
  }
  await run.slots.start(async () => {
    if (!run.isPreview && (await deleted(run, old)) === undefined) return;
    run.state.delete(goal.oldUrn);
    if (await created(on, goal, inputs)) run.count("replace");
  });
}

function store(
  { state }: Run,
  { urn, oldUrn, at, kept }: Goal,
  it: Pick<Stated, "id" | "inputs" | "outputs" | "incomplete">,
): void {
  if (oldUrn !== urn) state.delete(oldUrn);
  state.set(urn, {
    ...at,
    id: it.id,
    inputs: it.inputs,
    outputs: it.outputs,
    ...kept,
    ...(it.incomplete === true ? { incomplete: true } : {}),
  });
}
