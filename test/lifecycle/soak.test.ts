import { expect, test } from "vitest";
import { type Deployment, refresh, type State, up } from "../support/grpcStack.js";
import { cases, seed } from "../support/seed.js";
import { type SoakPlan, soakPlan } from "../support/soakPlan.js";
import { type World, worldOf } from "../support/world.js";

const replayed = process.env["SOAK_SEED"];
const seeds =
  replayed === undefined ? Array.from({ length: cases(200, 400) }, (_, i) => seed + i) : [Number(replayed)];
const OPERATION_SECONDS = 5;
/** What an operation may last beyond its time: the last wait for a holder. */
const GRACE_SECONDS = 5;
const TIMES = {
  "kompliant:requestTimeoutSeconds": "0.6",
  "kompliant:operationTimeoutSeconds": String(OPERATION_SECONDS),
};

test(`${seeds.length} random fault plans, SOAK_SEED=${seeds[0]} and following: whatever goes wrong, the next refresh and up put it right`, async () => {
  console.log(`SOAK_SEED=${seeds[0]} to ${seeds.at(-1)}`);
  const failures: string[] = [];
  const counts = { failed: 0, adopted: 0 };
  for (const each of seeds) {
    const plan = soakPlan(each);
    const world = worldOf(each);
    try {
      const { failed, adopted } = await world.until(play(plan, world));
      counts.failed += failed ? 1 : 0;
      counts.adopted += adopted;
    } catch (error) {
      failures.push(`SOAK_SEED=${each}: ${(error as Error).message}\n${shown(plan)}`);
    }
  }
  console.log(
    `${counts.failed} of ${seeds.length} deployments failed at first; ${counts.adopted} configurations were taken over`,
  );
  expect(failures.join("\n\n")).toBe("");
});

/** @returns whether the deployment under faults has failed, and what had to be taken over after it */
async function play(
  plan: SoakPlan,
  { emulator, process }: World,
): Promise<{ failed: boolean; adopted: number }> {
  const [accountId = ""] = emulator.accountIds;
  const { single: first } = await process(TIMES);
  const { single: second } = await process();
  const foreign = new Map(plan.foreign.map((url) => [emulator.put(url, { accountId }), url]));
  const before = new Map([...plan.before].map(([name, url]) => [name, emulator.put(url, { accountId })]));
  const state = new Map<string, State extends Map<string, infer R> ? R : never>();
  for (const { config_id: id, url, created_at: createdAt } of emulator.configs(accountId)) {
    const name = [...before].find(([, own]) => own === id)?.[0];
    const inputs = { accountId, url };
    if (name !== undefined)
      state.set(name, { id, inputs, outputs: { ...inputs, createdAt, updatedAt: createdAt } });
  }
  const args = new Map([...plan.declared].map(([name, url]) => [name, { accountId, url }]));
  const live = () => new Map(emulator.configs(accountId).map(({ config_id, url }) => [config_id, url]));
  const urls = () => [...live().values()].sort();
  const goal = [...plan.declared.values(), ...plan.foreign].sort();
  const stateUrls = () => new Map([...state].map(([name, { outputs }]) => [name, outputs["url"]]));

  emulator.clearRequests();
  emulator.setFaults(plan.faults);
  const refreshed = plan.refreshes ? await refresh(first, state) : undefined;
  const read = (refreshed?.failures.length ?? 0) === 0;
  const faulty = read ? await up(first, state, args, plan.parallel) : undefined;
  emulator.setFaults([]);
  for (const deployment of [refreshed, faulty]) if (deployment !== undefined) expectDecent(deployment);
  const failed = faulty === undefined || faulty.failures.length > 0;
  if (!failed) {
    expect(urls(), "after a deployment that says it is done").toEqual(goal);
    expect(stateUrls()).toEqual(new Map(plan.declared));
  }

  const after = await refresh(second, state);
  expect(after.failures).toEqual([]);
  let last = await up(second, state, args, 20);
  let adopted = 0;
  if (last.failures.length > 0) {
    for (const { name, call, message } of last.failures) {
      expect(call, message).toBe("create");
      expect(message).toContain("`adoptExisting: true`");

      const said = faulty?.failures.find((failure) => failure.name === name)?.message;
      expect(said, "what the failed create had said").toContain("the answer to the create was lost");
      args.set(name, { ...(args.get(name) ?? {}), adoptExisting: true } as never);
      adopted++;
    }
    last = await up(second, state, args, 20);
  }
  expect(last.failures).toEqual([]);

  expect(urls()).toEqual(goal);
  for (const [id, url] of foreign) expect(live().get(id), "a foreign configuration").toBe(url);
  for (const [name, id] of before)
    if (plan.declared.has(name))
      expect(live().get(id), `${name} has kept its id`).toBe(plan.declared.get(name));
  expect(new Map([...state].map(([name, { id }]) => [name, live().get(id)]))).toEqual(new Map(plan.declared));
  const log = emulator.requests;
  const creates = log.filter(({ method, committed }) => method.endsWith("create") && committed);
  expect(creates.length, "creates").toBe(
    [...plan.declared.keys()].filter((name) => !before.has(name)).length,
  );
  const touched = log.filter(
    ({ method, configId }) => !method.endsWith("get") && foreign.has(configId ?? ""),
  );
  expect(touched, "calls about a foreign configuration").toEqual([]);
  for (const { output } of [first, second]) expect(output()).not.toMatch(/^\s+at .*:\d+:\d+|Unhandled/m);
  return { failed, adopted };
}

/** What holds for every deployment, however badly it ends. */
function expectDecent({ failures, slowestMs }: Deployment): void {
  expect(slowestMs).toBeLessThan((OPERATION_SECONDS + GRACE_SECONDS) * 1_000);
  for (const { message } of failures) {
    expect(message).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(message).toMatch(/cannot |lv_/);
  }
}

function shown({ before, declared, foreign, parallel, refreshes, faults }: SoakPlan): string {
  const entries = (map: ReadonlyMap<string, string>) =>
    [...map].map(([name, url]) => `  ${name}: ${url}`).join("\n");
  return [
    `before:\n${entries(before)}`,
    `declared:\n${entries(declared)}`,
    `foreign: ${foreign.join(" ") || "none"}; parallel: ${parallel}${refreshes ? "; with a refresh" : ""}`,
    `faults:\n${faults.map((fault) => `  ${JSON.stringify(fault)}`).join("\n")}`,
  ].join("\n");
}
