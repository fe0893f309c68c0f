import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../../provider/src/core/failures.js";
import { isDeceived } from "../support/documented.js";
import { anyTurns } from "../support/hostileAnswers.js";
import { A, B, C, type Operation, operations, type Scene, urlNow } from "../support/hostileOperations.js";
import { configOf, credentials, pieces, providersFor, secrets, settled } from "../support/hostileRun.js";
import { startHostileServer } from "../support/hostileServer.js";
import { cases, seed } from "../support/seed.js";
import { expectShowable } from "../support/shownCheck.js";

/** Played side by side, since most of a run is waiting. */
const LANES = 2;
const RUNS = cases(8, 40);

const scenario = fc.record({
  turns: anyTurns(secrets),
  forever: fc.boolean(),
  /** What somebody has done before: nothing, deleted A, or changed its URL. */
  outside: fc.constantFrom("nothing", "nothing", "deleted", "changed"),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

const server = await startHostileServer(credentials);

async function play(operation: Operation, { turns, forever, outside }: Scenario): Promise<void> {
  const account = server.open(turns, forever);
  const a = account.put(outside === "changed" ? "https://changed.example.com/hook" : A);
  const [b, foreign] = [account.put(B), account.put(C)];
  if (outside === "deleted") account.remove(a);
  const before = new Map(account.configs().map(({ config_id, url }) => [config_id, url]));
  const scene: Scene = { account, accountId: account.id, a, b, foreign, before };
  const texts: string[] = [];
  const providers = await providersFor(configOf(server.baseUrl), texts);
  const outcome = await settled(() => operation.run(providers, scene), operation.operations ?? 1);
  if (outcome.kind === "rejected") {
    expect(outcome.error, outcome.error.stack ?? "").toBeInstanceOf(UserError);
    texts.push(outcome.error.message, outcome.error.stack ?? "", String(outcome.error));
  } else {
    const { failures = [] } = (outcome.value ?? {}) as { failures?: readonly { reason: string }[] };
    texts.push(...failures.map(({ reason }) => reason));
  }
  for (const text of texts) expectShowable(text, pieces);
  operation.holds(outcome, scene);
  if (isDeceived(account.said)) return;
  for (const [id, url] of before)
    if (!operation.about(scene).includes(id)) expect(urlNow(scene, id), "what is not its own").toBe(url);
}

const lanes = Object.entries(operations).flatMap(([name, operation], i) =>
  Array.from({ length: LANES }, (_, lane) => [name, seed + LANES * i + lane, operation] as const),
);

test.concurrent.each(lanes)(
  "%s, whatever the server answers, seed %i",
  async (_, laneSeed, operation) => {
    await fc.assert(
      fc.asyncProperty(scenario, (each) => play(operation, each)),
      { seed: laneSeed, numRuns: RUNS, interruptAfterTimeLimit: 150_000 },
    );
  },
  300_000,
);
