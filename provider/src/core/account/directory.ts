import type { Client } from "../api/client.js";
import { KompliantError } from "../api/errors.js";
import {
  announceWait,
  besides,
  LIST,
  type Operation,
  over,
  spent,
  startOperation,
} from "../api/operation.js";
import { backoff, decide } from "../api/retry.js";
import type { Runtime } from "../api/runtime.js";
import type { Activity } from "./activity.js";
import { AccountConflict, type Conflict } from "./conflicts.js";
import { type Configuration, createLedger } from "./ledger.js";
import { type Board, isParkingUrl, nextStep, parkingUrl, refuge, type Step } from "./trades.js";

/**
 * What this process knows of one account, and the only way by which it changes it.
 *
 * Every resource of a run shares one process, so what no single resource can see is visible here: who holds which
 * URL, who is about to give one up, and that one list can answer for all.
 */
export interface Directory {
  readonly accountId: string;
  /** The account's active configurations by id: one list call for everybody who asks, until this process writes. */
  list(op: Operation): Promise<ReadonlyMap<string, Configuration>>;
  /** Which URL a configuration has, as far as is known without asking. */
  urlOf(id: string): string | undefined;
  /** Which configuration has a URL, as far as is known without asking. */
  holderOf(url: string): string | undefined;
  /** The last list, which own writes may have overtaken; absent before the first. */
  lastListed(): ReadonlyMap<string, Configuration> | undefined;
  /** Tells that this run moves a configuration from one URL to another, so that others need not wait for it. */
  announce(id: string, from: string, to: string): void;
  /** Whether this run has said that it moves this configuration. */
  moves(id: string): boolean;
  /**
   * Creates a configuration, once its URL is free.
   *
   * @returns its id
   * @throws AccountConflict, KompliantError
   */
  create(url: string, op: Operation): Promise<string>;
  /**
   * Moves a configuration to a URL, once that is free; who holds it and moves in this run is moved first.
   *
   * @throws AccountConflict, KompliantError
   */
  update(id: string, url: string, op: Operation): Promise<void>;
  /**
   * Deletes a configuration.
   *
   * @returns `gone` if the account did not have it any more
   * @throws KompliantError
   */
  remove(id: string, op: Operation): Promise<"deleted" | "gone">;
  /**
   * A configuration as it stands after this process wrote it.
   *
   * @throws AccountConflict, KompliantError
   */
  readBack(id: string, url: string, op: Operation): Promise<Configuration>;
}

/** The operations of one wave arrive within milliseconds; once all have, trades are seen whole, which saves calls. */
const GATHER_MS = 50;
/** However long others keep arriving, nobody waits longer than this to see them all. */
const GATHER_LIMIT_MS = 500;
/** When nothing has happened for this long, the engine shows nothing more while so many operations wait. */
const MAKE_ROOM_MS = 500;
/** When nothing has happened for this long, nothing more will. */
const GIVE_UP_MS = 3_000;

const BRING_BACK = "bring an endpoint back from where it was parked";

/** An operation of the engine that waits for a URL. */
interface Claim {
  /** Absent for a create. */
  readonly id: string | undefined;
  readonly url: string;
  readonly op: Operation;
  /** The same time, for moving others: an answer that is lost about one of them is none about what is asked for here. */
  readonly forOthers: Operation;
  readonly since: number;
  /** The ids that existed before a create was first sent: only another one can be what a lost create has made. */
  before: ReadonlySet<string> | undefined;
  /** How often the API has refused the URL although nobody is listed with it. */
  refusals: number;
  readonly arrive: (id: string) => void;
  readonly fail: (error: unknown) => void;
}

export function createDirectory(client: Client, runtime: Runtime, activity: Activity): Directory {
  const { accountId } = client;
  const ledger = createLedger(client, runtime, activity);
  const claims = new Set<Claim>();
  const targets = new Map<string, string>();
  const parked = new Set<string>();
  const vacated = new Set<string>();
  const busy = new Set<string>();
  /** Ids that the stack knows: no lost create has made one of them, even if a list that lags has not shown it yet. */
  const known = new Set<string>();
  /** Claims with a call of their own under way, which ends in their time. */
  const engaged = new Set<Claim>();
  let underWay = 0;
  let lastAnnounced = Number.NEGATIVE_INFINITY;
  let ending = false;
  let alarm: number | undefined;

  const holderOf = (url: string) => [...ledger.urls].find(([, held]) => held === url)?.[0];
  const claimOf = (id: string) => [...claims].find((claim) => claim.id === id);

  function board(): Board {
    return {
      holders: new Map([...ledger.urls].map(([id, url]) => [url, id])),
      targets,
      busy,
      parked,
      vacated,
      verified: ledger.verified,
      makeRoom: runtime.now() - activity.last >= MAKE_ROOM_MS,
    };
  }

  function claim(id: string | undefined, url: string, op: Operation): Promise<string> {
    activity.touch();
    if (id !== undefined) {
      targets.set(id, url);
      known.add(id);
    }
    return new Promise((arrive, fail) => {
      const since = runtime.now();
      const forOthers = besides(runtime, op);
      claims.add({ id, url, op, forOthers, since, before: undefined, refusals: 0, arrive, fail });
      pump();
    });
  }

  function arrived(claim: Claim, id: string): void {
    claims.delete(claim);
    targets.delete(id);
    parked.delete(id);
    claim.arrive(id);
  }

  function failed(claim: Claim, error: unknown): void {
    claims.delete(claim);
    if (claim.id !== undefined) targets.delete(claim.id);
    claim.fail(error);
  }

  /** Begins whatever can be done now, and sees to it that waiting ends. */
  function pump(): void {
    if (ending) return;
    const now = runtime.now();
    const blocked: Claim[] = [];
    for (const claim of [...claims]) {
      if (engaged.has(claim)) continue;
      if (now >= claim.op.deadline) {
        void work([], claim, () => abandon(claim));
        continue;
      }
      wakeAt(claim.op.deadline);
      // A full picture saves calls; with a list at hand it is full enough.
      const gathered = Math.min(lastAnnounced + GATHER_MS, claim.since + GATHER_LIMIT_MS);
      if (!ledger.verified && now < gathered) {
        wakeAt(gathered);
        continue;
      }
      const step = nextStep({ ...claim, claimed: true }, board());
      if (step.kind === "blocked") blocked.push(claim);
      else begin(step, claim);
    }
    for (const id of parked) {
      const url = targets.get(id);
      if (url === undefined || claimOf(id) !== undefined) continue;
      begin(nextStep({ id, url, claimed: false }, board()), undefined);
    }
    if (blocked.length === 0 || underWay > 0) return;
    const quietMs = now - activity.last;
    if (quietMs >= GIVE_UP_MS) {
      void work([], undefined, () => giveUp(blocked));
      return;
    }
    const patience = quietMs >= MAKE_ROOM_MS ? GIVE_UP_MS : MAKE_ROOM_MS;
    for (const { url, op } of blocked) {
      const reason = `${holderOf(url) ?? "another configuration"} has ${url}, and nothing has said yet that it moves`;
      announceWait(runtime, op, activity.last + GIVE_UP_MS - now, reason);
    }
    wakeAt(activity.last + patience);
  }

  function wakeAt(time: number): void {
    if (alarm !== undefined && alarm <= time) return;
    alarm = time;
    void runtime.sleep(Math.max(1, time - runtime.now())).then(() => {
      if (alarm !== time) return;
      alarm = undefined;
      pump();
    });
  }

  function begin(step: Step, claim: Claim | undefined): void {
    switch (step.kind) {
      case "reached":
        if (claim?.id !== undefined) arrived(claim, claim.id);
        return;
      case "look":
        void work([], claim, () => look(claim));
        return;
      case "park":
        void work([step.id], claim, () => park(step.id, claim));
        return;
      case "move":
        if (step.id !== undefined) {
          const { id, url } = step;
          void work([id, url], claimOf(id) ?? claim, () => move(id, url, claim));
        } else if (claim !== undefined) void work([claim.url], claim, () => create(claim));
        return;
      case "wait":
      case "blocked":
        return;
    }
  }

  /** @param whose the claim in whose time it is done */
  async function work(
    touches: readonly string[],
    whose: Claim | undefined,
    task: () => Promise<void>,
  ): Promise<void> {
    underWay++;
    if (whose !== undefined) engaged.add(whose);
    for (const touched of touches) busy.add(touched);
    try {
      await task();
    } finally {
      underWay--;
      if (whose !== undefined) engaged.delete(whose);
      for (const touched of touches) busy.delete(touched);
      activity.touch();
      pump();
    }
  }

  async function look(claim: Claim | undefined): Promise<void> {
    const op = claim?.op ?? ownOperation(LIST);
    try {
      await ledger.list(op);
    } catch (error) {
      if (claim !== undefined) failed(claim, error);
    }
  }

  /** The time for moving an endpoint: that of the claim that needs it. */
  function timeFor(id: string, claim: Claim | undefined, what: string): Operation {
    if (claim === undefined) return ownOperation(what);
    return claim.id === id ? claim.op : claim.forOthers;
  }

  /**
   * The time for a step that no operation of the engine stands behind at this moment: as long as one waits for it, and
   * enough for one attempt.
   */
  function ownOperation(what: string): Operation {
    const { operationTimeoutMs, requestTimeoutMs } = client.settings;
    const waiting = [...claims].map(({ op }) => op.deadline - runtime.now());
    const ms = waiting.length === 0 ? operationTimeoutMs : Math.max(requestTimeoutMs, ...waiting);
    return startOperation(runtime, accountId, what, ms);
  }

  function leave(url: string | undefined): void {
    if (url !== undefined && !isParkingUrl(url)) vacated.add(url);
  }

  async function park(id: string, claim: Claim | undefined): Promise<void> {
    const url = ledger.urls.get(id) ?? "";
    const op = timeFor(id, claim, `move ${id} out of the way`);
    try {
      await ledger.update(id, parkingUrl(url, id), op);
      leave(url);
      parked.add(id);
    } catch (error) {
      await afterFailedMove(id, parkingUrl(url, id), claim, op, error, () => {
        leave(url);
        parked.add(id);
      });
    }
  }

  async function move(id: string, url: string, claim: Claim | undefined): Promise<void> {
    const from = ledger.urls.get(id);
    const own = claimOf(id);
    const op = timeFor(id, own ?? claim, `move ${id} to ${url}`);
    const done = () => {
      leave(from);
      parked.delete(id);
      targets.delete(id);
      const waiting = claimOf(id);
      if (waiting !== undefined) arrived(waiting, id);
    };
    try {
      await ledger.update(id, url, op);
      done();
    } catch (error) {
      await afterFailedMove(id, url, own, op, error, done);
    }
  }

  /** Finds out what a failed update has left behind. Whatever remains to be done, the next `pump` does. */
  async function afterFailedMove(
    id: string,
    url: string,
    claim: Claim | undefined,
    op: Operation,
    error: unknown,
    done: () => void,
  ): Promise<void> {
    const giveUpOn = async (reason: unknown) => {
      targets.delete(id);
      if (parked.has(id) && reason instanceof KompliantError && reason.code !== undefined)
        await bringBack(id, ownOperation(BRING_BACK));
      if (claim !== undefined) failed(claim, reason);
    };
    if (!(error instanceof KompliantError)) return giveUpOn(error);
    const taken = error.subCode === "URL_ALREADY_EXISTS";
    const { next, mayHaveActed } = decide("update", error.failure);
    if (!mayHaveActed && !taken) {
      if (error.code === "ENTITY_NOT_FOUND") ledger.forget(id);
      return giveUpOn(error);
    }
    try {
      await ledger.list(op);
    } catch (unlisted) {
      return giveUpOn(unsettled(op, error, unlisted));
    }
    if (ledger.urls.get(id) === url) return done();
    if (next === "confirm") return giveUpOn(error);
    if (taken && holderOf(url) !== undefined) return;
    if (taken && claim !== undefined && ++claim.refusals > 1 && !op.uncertain)
      return giveUpOn(conflict(urlTaken(url, undefined), error));
    if (!(await rest(op, error))) await giveUpOn(outOfTime(op, error));
  }

  async function create(claim: Claim): Promise<void> {
    const { url, op } = claim;
    try {
      if (!ledger.verified) await ledger.list(op);
    } catch (error) {
      return failed(claim, error);
    }
    // The list may have shown a holder; the next pump sees it.
    if (holderOf(url) !== undefined) return;
    claim.before ??= new Set(ledger.urls.keys());
    try {
      arrived(claim, await ledger.create(url, op));
    } catch (error) {
      await afterFailedCreate(claim, claim.before, error);
    }
  }

  async function afterFailedCreate(claim: Claim, before: ReadonlySet<string>, error: unknown): Promise<void> {
    const { url, op } = claim;
    if (!(error instanceof KompliantError)) return failed(claim, error);
    const taken = error.subCode === "URL_ALREADY_EXISTS";
    const full = error.subCode === "MAX_WEBHOOK_URL_LIMIT";
    const { next, mayHaveActed } = decide("create", error.failure);
    if (!mayHaveActed && !taken && !full)
      return failed(claim, op.uncertain ? conflict({ kind: "unsettled", url }, error) : error);
    let active: ReadonlyMap<string, Configuration>;
    try {
      active = await ledger.list(op);
    } catch (unlisted) {
      const cause = unsettled(op, error, unlisted);
      return failed(claim, op.uncertain ? conflict({ kind: "unsettled", url }, cause) : cause);
    }
    const holder = holderOf(url);
    const made = holder === undefined ? undefined : active.get(holder);
    if (made !== undefined && op.uncertain && !before.has(made.id) && isNew(made))
      return arrived(claim, made.id);
    if (next === "confirm") return failed(claim, error);
    if (full) return failed(claim, conflict({ kind: "limit", url, active: [...active.values()] }, error));
    if (holder !== undefined) return;
    if (taken && ++claim.refusals > 1 && !op.uncertain)
      return failed(claim, conflict(urlTaken(url, undefined), error));
    if (!(await rest(op, error))) {
      const late = outOfTime(op, error);
      failed(claim, op.uncertain ? conflict({ kind: "unsettled", url }, late) : late);
    }
  }

  /** Whether a lost create can have made a configuration: it is in nobody's state, and was never updated. */
  function isNew({ id, createdAt, updatedAt }: Configuration): boolean {
    return !known.has(id) && createdAt === updatedAt;
  }

  /** @returns whether there is time for another attempt */
  async function rest(op: Operation, error: KompliantError): Promise<boolean> {
    const wait = backoff(op.attempts, runtime.random);
    if (runtime.now() + wait + op.leastMs > op.deadline) return false;
    announceWait(runtime, op, wait, error.message.split("\n")[0] ?? "");
    await runtime.sleep(wait);
    return true;
  }

  function outOfTime(
    op: Operation,
    { call, failure, baseUrl }: Pick<KompliantError, "call" | "failure" | "baseUrl">,
  ): KompliantError {
    return new KompliantError(call, failure, baseUrl, over(runtime, op));
  }

  /** What became of a call could not be found out. */
  function unsettled(
    op: Operation,
    { call, failure, baseUrl }: KompliantError,
    unlisted: unknown,
  ): KompliantError {
    // Time ran out while it was looked for: then the last answer to the call itself says more.
    if (unlisted instanceof KompliantError && unlisted.gaveUp !== undefined)
      return outOfTime(op, { call, failure, baseUrl });
    const [why] = (unlisted instanceof Error ? unlisted.message : String(unlisted)).split("\n");
    const text = `gave up after ${spent(runtime, op)}; what became of it could not be found out: ${why}`;
    return new KompliantError(call, failure, baseUrl, text);
  }

  function conflict(what: Conflict, cause?: KompliantError): AccountConflict {
    return new AccountConflict(what, accountId, cause);
  }

  function urlTaken(url: string, holder: string | undefined): Conflict {
    return { kind: "url-taken", url, holder, parallel: Math.max(2, ledger.urls.size) };
  }

  /** Nothing more will happen by itself: leaves nobody parked, and lets the API have the last word on the rest. */
  async function giveUp(blocked: readonly Claim[]): Promise<void> {
    ending = true;
    try {
      for (const id of [...parked]) await bringBack(id, ownOperation(BRING_BACK));
      for (const claim of blocked) await lastWord(claim);
    } finally {
      ending = false;
    }
  }

  /** Others go on and on, but the time of this operation is over. */
  async function abandon(claim: Claim): Promise<void> {
    const { id, url, op } = claim;
    if (id !== undefined && parked.has(id) && !busy.has(id))
      await bringBack(id, startOperation(runtime, accountId, BRING_BACK, client.settings.requestTimeoutMs));
    const holder = holderOf(url);
    const late = `${over(runtime, op)}; other calls about ${url} are still under way`;
    failed(claim, holder === undefined ? new Error(late) : conflict(urlTaken(url, holder)));
  }

  async function bringBack(id: string, op: Operation): Promise<void> {
    const from = ledger.urls.get(id) ?? "";
    const to = refuge(from, board());
    if (to === undefined) return;
    try {
      await ledger.update(id, to, op);
      parked.delete(id);
    } catch {
      // It stays where it is; whoever reports its failure says where that is.
    }
  }

  async function lastWord(claim: Claim): Promise<void> {
    const { id, url, op } = claim;
    const before = claim.before ?? new Set(ledger.urls.keys());
    const from = id === undefined ? undefined : ledger.urls.get(id);
    const done = (reached: string) => {
      leave(from);
      arrived(claim, reached);
    };
    try {
      if (id === undefined) return done(await ledger.create(url, op));
      await ledger.update(id, url, op);
      done(id);
    } catch (error) {
      if (!(error instanceof KompliantError)) return failed(claim, error);
      if (error.subCode === "URL_ALREADY_EXISTS")
        return failed(claim, conflict(urlTaken(url, holderOf(url)), error));
      if (!op.uncertain) return failed(claim, error);
      const active = await ledger.list(op).catch(() => undefined);
      const made = holderOf(url);
      if (active !== undefined && made !== undefined && (id === undefined ? !before.has(made) : made === id))
        return done(made);
      failed(claim, id === undefined ? conflict({ kind: "unsettled", url }, error) : error);
    }
  }

  return {
    accountId,
    list: (op) => ledger.list(op),
    urlOf: (id) => ledger.urls.get(id),
    holderOf,
    lastListed: () => ledger.lastListed,
    announce: (id, from, to) => {
      activity.touch();
      lastAnnounced = runtime.now();
      known.add(id);
      ledger.suppose(id, from);
      targets.set(id, to);
      pump();
    },
    moves: (id) => targets.has(id),
    create: (url, op) => claim(undefined, url, op),
    update: async (id, url, op) => {
      await claim(id, url, op);
    },
    remove: async (id, op) => {
      try {
        await ledger.delete(id, op);
        targets.delete(id);
        return "deleted";
      } catch (error) {
        if (!(error instanceof KompliantError)) throw error;
        const isUnknown = error.code === "ENTITY_NOT_FOUND";
        if (isUnknown) ledger.forget(id);
        else if (!op.uncertain) throw error;
        // The answer could come from another account's point of view; only the account's own list is proof.
        const listed = await ledger.list(op).catch((unlisted) => {
          throw isUnknown ? unlisted : error;
        });
        if (listed.has(id)) throw error;
        return op.uncertain ? "deleted" : "gone";
      } finally {
        activity.touch();
        pump();
      }
    },
    readBack: async (id, url, op) => {
      const configuration = (await ledger.list(op)).get(id);
      // Any other URL is the truth of the moment, but one that this run has given up is that of a list which lags.
      const lags = (listed: string) => listed !== url && (vacated.has(listed) || isParkingUrl(listed));
      if (configuration === undefined || lags(configuration.url))
        throw conflict({ kind: "not-listed", configId: id, url });
      return configuration;
    },
  };
}
