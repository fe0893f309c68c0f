/** What a program asks for about a resource that must not become part of its state. */
export interface Wish {
  /** Take over the configuration with this id. */
  readonly import?: string;
  /** Take over whichever configuration has the URL. */
  readonly adopt?: boolean;
}

/**
 * What check and diff of one process tell its later calls. The engine passes no names and says neither which kind of
 * run this is nor which call belongs to which, so calls are recognised by account and URL, which are unique. (A set of
 * URLs is recognised by all of them, as one text.)
 */
export interface Memory {
  /** Remembers what check has seen, for the diff and the create that follow with the same inputs. */
  checked(accountId: string, url: string, isNew: boolean, wish: Wish): void;
  /**
   * Whether a diff comes from the program. A refresh also asks for diffs, without a check before: those say nothing
   * about what this run will do.
   */
  fromProgram(accountId: string, url: string): boolean;
  /** How many new resources of an account check has seen, this one included; those that take one over do not count. */
  expected(accountId: string, url: string): number;
  wishFor(accountId: string, url: string): Wish;
  /** Remembers that a resource of the program stands for a configuration. */
  owns(id: string, accountId: string, url: string): void;
  /** Remembers that a resource of the program has taken an existing configuration over. */
  adopted(id: string, accountId: string, url: string): void;
  wasAdopted(id: string): boolean;
  /**
   * Whether a resource that stays stands for a configuration, so that deleting it in the name of another one would
   * take it from the resource that has it now.
   */
  isKept(id: string): boolean;
  /** The same, for another resource than the one with this URL. */
  isOthers(id: string, accountId: string, url: string): boolean;
}

/** What a resource is recognised by. */
export function resourceKey(accountId: string, url: string): string {
  return JSON.stringify([accountId, url]);
}

export function createMemory(): Memory {
  const key = resourceKey;
  const tickets = new Set<string>();
  const wishes = new Map<string, Wish>();
  /** Configuration to the key of the resource that stands for it. */
  const kept = new Map<string, string>();
  /** The same, for configurations that were taken over. */
  const adopted = new Map<string, string>();
  /** URLs of new resources, by account. */
  const added = new Map<string, Set<string>>();
  return {
    checked: (accountId, url, isNew, wish) => {
      const at = key(accountId, url);
      wishes.set(at, wish);
      if (!isNew) tickets.add(at);
      // A second check, without old inputs, announces a replacement: the configuration is to be deleted after all.
      else for (const [id, owner] of kept) if (owner === at) kept.delete(id);
    },
    fromProgram: (accountId, url) => tickets.has(key(accountId, url)),
    expected: (accountId, url) => {
      const urls = added.get(accountId) ?? new Set();
      added.set(accountId, urls.add(url));
      return urls.size;
    },
    wishFor: (accountId, url) => wishes.get(key(accountId, url)) ?? {},
    owns: (id, accountId, url) => {
      kept.set(id, key(accountId, url));
    },
    adopted: (id, accountId, url) => {
      adopted.set(id, key(accountId, url));
    },
    wasAdopted: (id) => adopted.has(id),
    isKept: (id) => adopted.has(id) || kept.has(id),
    isOthers: (id, accountId, url) => {
      const owner = adopted.get(id) ?? kept.get(id);
      return owner !== undefined && owner !== key(accountId, url);
    },
  };
}
