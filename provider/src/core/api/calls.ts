import { type Answer, interpret } from "./answer.js";
import { type Call, describeFailure, type Failure, KompliantError } from "./errors.js";
import { createGate } from "./gate.js";
import { createHttp } from "./http.js";
import type { Method } from "./method.js";
import { announceWait, dateOf, type Operation, over, spent } from "./operation.js";
import { backoff, decide, isReading, mostLost, retryAfterMs } from "./retry.js";
import type { Runtime } from "./runtime.js";
import { type Data, methods, type Params } from "./schemas.js";
import type { Settings } from "./settings.js";

/** The calls to one account. Failed ones are repeated where `retry.ts` finds that safe. */
export interface Calls {
  readonly settings: Settings;
  /**
   * @param about what it is about, for messages
   * @throws KompliantError: refused, not reachable, not answered, or out of time
   */
  call<M extends Method>(method: M, params: Params<M>, about: About, op: Operation): Promise<Answered<M>>;
}

export type About = Omit<Call, "method" | "accountId">;

export interface Answered<M extends Method> {
  readonly data: Data<M>;
  /** The server may have done the same before, by a call whose answer was lost. */
  readonly isRepeated: boolean;
}

/**
 * At most `settings.maxConcurrentCalls` calls are under way at a time, and a 429 holds all of them back.
 *
 * @param accountId absent where it is not known
 */
export function createCalls(settings: Settings, accountId: string | undefined, runtime: Runtime): Calls {
  const http = createHttp(settings, runtime);
  // A queue of the agent's own would go on sending in a silence.
  const gate = createGate(settings.maxConcurrentCalls);
  /** Until when the account asks for silence, and the answer that did. */
  let silence: (Pause & { readonly failure: Failure }) | undefined;
  /** The API's own warnings, which it may repeat with every answer. */
  const warned = new Set<string>();

  async function call<M extends Method>(
    method: M,
    params: Params<M>,
    about: About,
    op: Operation,
  ): Promise<Answered<M>> {
    const call: Call = { method, ...(accountId === undefined ? {} : { accountId }), ...about };
    const body = JSON.stringify(methods[method].params.parse(params));
    let last: Failure | undefined;
    let lost = 0;
    const failed = (failure: Failure, gaveUp?: string) =>
      new KompliantError(call, failure, settings.baseUrl, gaveUp, lost > 0);
    for (let attempt = 1; ; attempt++) {
      const { answer, pause } = await ask(method, body, call, op, attempt, (why, failure) =>
        failed(failure ?? last ?? { kind: "unsent" }, why),
      );
      if (answer.ok) {
        for (const warning of answer.warnings.filter((each) => !warned.has(each))) {
          warned.add(warning);
          op.log.warn(`${call.method}: ${warning}`);
        }
        return { data: answer.data, isRepeated: lost > 0 };
      }
      const { failure } = answer;
      const decision = decide(method, failure);
      if (decision.mayHaveActed) lost++;
      if (decision.next !== "retry") throw failed(failure);
      if (lost === mostLost(method)) throw failed(failure, `gave up after ${spent(runtime, op)}`);
      // What was answered before says more than that the end of the operation has cut off the last attempt.
      const isCutOff = failure.kind === "unanswered" && runtime.now() >= op.deadline;
      if (pause.until + op.leastMs > op.deadline)
        throw failed((isCutOff && last) || failure, tooLate(op, pause));
      last = failure;
      await waitUntil(pause.until, op, describeFailure(failure, settings.baseUrl));
    }
  }

  /**
   * One attempt, when its turn comes.
   *
   * @param failed makes the error for a time that is over before anything was sent
   * @returns what came of it, and when it may be repeated
   */
  async function ask<M extends Method>(
    method: M,
    body: string,
    call: Call,
    op: Operation,
    attempt: number,
    failed: (gaveUp: string, failure?: Failure) => KompliantError,
  ): Promise<{ readonly answer: Answer<M>; readonly pause: Pause }> {
    const asksAt = runtime.now();
    const isFirst = op.attempts === 0;
    const over = new AbortController();
    const stop = isFirst ? () => {} : runtime.after(msUntil(op.deadline), () => over.abort());
    const free = await gate.enter(over.signal).finally(stop);
    // As long as nothing of it was sent, others are no reason to give it up.
    if (isFirst) op.deadline += runtime.now() - asksAt;
    try {
      while (silence !== undefined && silence.until > runtime.now()) {
        if (silence.until >= op.deadline) throw failed(tooLate(op, silence), silence.failure);
        await waitUntil(silence.until, op, "the account is being called too often");
      }
      const remainingMs = op.deadline - runtime.now();
      const neededMs = !isReading(method) && !isFirst ? op.leastMs : 0;
      if (!free || remainingMs < neededMs) throw failed(tooLate(op));
      op.attempts++;
      const timeoutMs = Math.min(settings.requestTimeoutMs, msUntil(op.deadline));
      const reply = await http.post(call.method, body, Math.ceil(timeoutMs));
      const answer: Answer<M> =
        "kind" in reply ? { ok: false, failure: reply } : interpret(method, reply, settings.hide);
      const failure = answer.ok ? undefined : answer.failure;
      const header = failure?.kind === "unreadable" ? failure.retryAfter : undefined;
      const asked = retryAfterMs(header, runtime.date());
      const pause = {
        until: runtime.now() + (asked ?? backoff(attempt, runtime.random)),
        asked: asked !== undefined,
      };
      // Before the next call is let through.
      if (failure?.kind === "unreadable" && failure.status === 429 && pause.until > (silence?.until ?? 0))
        silence = { ...pause, failure };
      return { answer, pause };
    } finally {
      if (free) gate.leave();
    }
  }

  function msUntil(time: number): number {
    return Math.max(1, Math.ceil(time - runtime.now()));
  }

  /** Why there is no further attempt, in words. */
  function tooLate(op: Operation, pause?: Pause): string {
    const isPutOff = pause?.asked === true && runtime.cancelled?.aborted !== true;
    if (!isPutOff) return over(runtime, op);
    return `it asks to be called again at ${dateOf(runtime, pause.until)}, which is later than this operation may last; gave up after ${spent(runtime, op)}`;
  }

  async function waitUntil(time: number, op: Operation, reason: string): Promise<void> {
    const wait = Math.min(time, op.deadline) - runtime.now();
    if (wait <= 0) return;
    announceWait(runtime, op, wait, reason);
    await runtime.sleep(wait);
  }

  return { settings, call };
}

/** Until when there is to be no call. */
interface Pause {
  /** By the runtime's `now`. */
  readonly until: number;
  /** The server has asked for it. */
  readonly asked: boolean;
}
