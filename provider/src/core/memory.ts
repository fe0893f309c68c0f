import type { Siblings } from "./siblings.js";

/** What a program asks for about a resource that must not become part of its state. */
export interface Wish {
  /** Take over the configuration with this id. */
  readonly import?: string;
  /** Take over whichever configuration has the URL. */
  readonly adopt?: boolean;
}

/** What check knows of a resource. */
export interface Seen {
  /** `new` also while a replacement is prepared. */
  readonly as: "new" | "changed" | "same";
  readonly wish?: Wish;
  /** It is a set that removes what it does not declare. */
  readonly removes?: boolean;
}

/** Another resource of the program that has to do with a configuration. */
export interface Rival {
  /** It stands for the configuration, or it is new and will take it over by its id or because of its URL. */
  readonly how: "stands" | "import" | "adopt";
  /** The URL that it wants; absent if a process of another provider handles it. */
  readonly url?: string;
  /** It has taken the configuration over in this run. */
  readonly took?: boolean;
}

/**
 * What check and diff of one process tell its later calls. The engine passes no names and says neither which kind of
 * run this is nor which call belongs to which, so calls are recognised by account and URL, which are unique. (A set of
 * URLs is recognised by all of them, as one text.)
 */
export interface Memory extends Pick<Siblings, "askOthers"> {
  /** Remembers what check has seen, for the diff and the create that follow with the same inputs. */
  checked(accountId: string, url: string, seen: Seen): void;
  /** Whether the program has a set in an account that has to be alone there, and something else. */
  isCrowded(accountId: string): boolean;
  /** Whether check has seen a resource with these inputs that exists: checked once more as new, it is replaced. */
  exists(accountId: string, url: string): boolean;
  /**
   * Whether a diff comes from the program, which asks for one after each check: so it is true once for each. A refresh
   * also asks for diffs, of what has not changed and without a check before: those say nothing about what this run will
   * do.
   */
  isDiffOfProgram(accountId: string, url: string, changes: boolean): boolean;
  wishFor(accountId: string, url: string): Wish;
  /** Remembers which configuration a new resource is going to take over. */
  wants(id: string, accountId: string, url: string, how: "import" | "adopt"): void;
  /**
   * Remembers that a resource of the program stands for a configuration.
   *
   * @param took whether it has taken it over just now
   * @param target the URL that the configuration is to have, where the resource is recognised by another text
   * @returns whether the processes of other providers can know of it
   */
  owns(id: string, accountId: string, url: string, took: boolean, target?: string): boolean;
  disowns(id: string): void;
  /**
   * Remembers that this process has created a configuration: it is in no state but that of its own resource, so nobody
   * can be a rival for it.
   *
   * @returns the same id
   */
  made(id: string): string;
  isMade(id: string): boolean;
  /** Another resource than the one with this URL that stands for a configuration or is going to. */
  rivalOf(id: string, accountId: string, url: string): Rival | undefined;
  /**
   * Who would lose a configuration if it were deleted in the name of a resource that goes. If nobody would, it is
   * lost from now on: nobody can take it over any more.
   */
  giveUp(id: string): Rival | undefined;
  /** Takes back that a configuration is lost. */
  spare(id: string): void;
  isLost(id: string): boolean;
}

/** What a resource is recognised by. */
export function resourceKey(accountId: string, url: string): string {
  return JSON.stringify([accountId, url]);
}

/** @param siblings the processes of other providers in the same run */
export function createMemory(siblings: Siblings): Memory {
  const key = resourceKey;
  const existing = new Set<string>();
  /** Resources whose diff is to come, and whether it is about a change. */
  const awaited = new Map<string, boolean>();
  const wishes = new Map<string, Wish>();
  /** Configuration to the resource that stands for it. */
  const owners = new Map<string, { readonly by: string; readonly url: string; readonly took: boolean }>();
  /** Configuration to the new resource that will take it over. */
  const takers = new Map<
    string,
    { readonly by: string; readonly url: string; readonly how: "import" | "adopt" }
  >();
  const lost = new Set<string>();
  const made = new Set<string>();
  /** All that the program declares, by account: whether it removes what it does not declare. */
  const declared = new Map<string, Map<string, boolean>>();

  function rival(id: string, self: string | undefined): Rival | undefined {
    if (made.has(id)) return undefined;
    const owner = owners.get(id);
    if (owner !== undefined && owner.by !== self) return { how: "stands", url: owner.url, took: owner.took };
    const taker = takers.get(id);
    if (taker !== undefined && taker.by !== self) return { how: taker.how, url: taker.url };
    return siblings.noteOfOthers(id) === "keep" ? { how: "stands" } : undefined;
  }

  return {
    askOthers: siblings.askOthers,
    checked: (accountId, url, { as, wish = {}, removes = false }) => {
      const at = key(accountId, url);
      wishes.set(at, wish);
      declared.set(accountId, (declared.get(accountId) ?? new Map()).set(url, removes));
      if (as !== "new") {
        existing.add(at);
        awaited.set(at, as === "changed");
      }
      // A second check, without old inputs, announces a replacement: the configuration is to be deleted after all.
      else
        for (const [id, { by }] of owners) {
          if (by !== at) continue;
          owners.delete(id);
          siblings.note(id, "nothing");
        }
    },
    isCrowded: (accountId) => {
      const removing = [...(declared.get(accountId)?.values() ?? [])];
      return removing.length > 1 && removing.includes(true);
    },
    exists: (accountId, url) => existing.has(key(accountId, url)),
    isDiffOfProgram: (accountId, url, changes) => {
      const at = key(accountId, url);
      return changes || awaited.get(at) === false ? awaited.delete(at) : false;
    },
    wishFor: (accountId, url) => wishes.get(key(accountId, url)) ?? {},
    wants: (id, accountId, url, how) => {
      takers.set(id, { by: key(accountId, url), url, how });
    },
    owns: (id, accountId, url, took, target = url) => {
      owners.set(id, { by: key(accountId, url), url: target, took });
      return siblings.note(id, "keep");
    },
    disowns: (id) => {
      owners.delete(id);
      siblings.note(id, "nothing");
    },
    made: (id) => {
      made.add(id);
      siblings.note(id, "keep");
      return id;
    },
    isMade: (id) => made.has(id),
    rivalOf: (id, accountId, url) => rival(id, key(accountId, url)),
    giveUp: (id) => {
      const known = rival(id, undefined);
      if (known !== undefined) return known;
      lost.add(id);
      // Both sides note first and read then, so that of two processes at least one reads what the other has noted.
      siblings.note(id, "lose");
      const late = rival(id, undefined);
      if (late === undefined) return undefined;
      lost.delete(id);
      siblings.note(id, "nothing");
      return late;
    },
    spare: (id) => {
      lost.delete(id);
      siblings.note(id, "nothing");
    },
    isLost: (id) => lost.has(id) || siblings.noteOfOthers(id) === "lose",
  };
}
