import type { Configuration } from "../account/configuration.js";
import type { Operation } from "../api/operation.js";
import type { Call } from "../call.js";
import type { Run } from "../run.js";

/** So long after its last sign the engine has shown all resources that it shows while a set is at work. */
const QUIET_MS = 100;

/** The configurations of an account, other than a set's own, that no resource of the stack stands for. */
export async function foreignOf(
  run: Run,
  call: Call,
  listed: readonly Configuration[],
  own: ReadonlySet<string>,
  op: Operation,
): Promise<readonly Configuration[]> {
  const { events, runtime } = run;
  for (;;) {
    const foreign = listed.filter((each) => !own.has(each.id) && !isOfStack(run, call, op.accountId, each));
    const quietAt = events.quietAt(QUIET_MS);
    const now = runtime.now();
    if (foreign.length === 0 || quietAt <= now || op.deadline <= now) return foreign;
    await events.next(Math.min(quietAt, op.deadline));
  }
}

function isOfStack(
  { named, owners, declared }: Run,
  { key }: Call,
  accountId: string | undefined,
  { id, url }: Configuration,
): boolean {
  if (named.has(id) || owners.ownerOf(id) !== undefined) return true;
  return [...declared.values()].some(
    (each) =>
      each.key !== key && each.accountId === accountId && each.urls.some((wanted) => wanted.url === url),
  );
}
