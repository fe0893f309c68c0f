import * as pulumi from "@pulumi/pulumi";
import { type DeclaredConflict, LIMIT, type Surroundings } from "../core/contract.js";
import { leadsElsewhere } from "./provider.js";
import { parallelism } from "./sdk.js";

/** A URL that a resource asks for, and the name to call it by in messages. */
export interface Wanted {
  readonly name: string;
  readonly url: string;
}

/** A resource of an account. */
interface Member {
  readonly name: string;
  /** It is a set that removes what it does not declare. */
  readonly removes: boolean;
}

/** What goes by one provider. */
interface Declarations {
  resources: number;
  /** How many the provider has been told of. */
  told: number;
  /** When the last of them goes to the engine. */
  turn: Promise<void>;
}

/** By where an account is, and by its id, which is empty where only the provider process knows it. */
type ByAccount<T> = Map<object, Map<string, T>>;

/** What one program has declared. */
interface Run {
  readonly providers: Map<object, Declarations>;
  /** URL to the names of the resources that ask for it. */
  readonly urls: ByAccount<Map<string, string[]>>;
  readonly members: ByAccount<Set<Member>>;
}

/**
 * What each program has declared. Kept by run: the Automation API runs many programs in one process, and each has a
 * stack resource of its own.
 */
const runs = new WeakMap<object, Run>();
const noRun = {};
const defaultProvider = {};

function currentRun(): Run {
  const stack = pulumi.runtime.getStackResource() ?? noRun;
  const run = runs.get(stack) ?? { providers: new Map(), urls: new Map(), members: new Map() };
  runs.set(stack, run);
  return run;
}

function declarationsBy({ providers }: Run, provider: object): Declarations {
  const declarations = providers.get(provider) ?? { resources: 0, told: 0, turn: Promise.resolve() };
  providers.set(provider, declarations);
  return declarations;
}

function ofAccount<T>(all: ByAccount<T>, place: object, accountId: string, none: () => T): T {
  const accounts = all.get(place) ?? new Map<string, T>();
  all.set(place, accounts);
  const found = accounts.get(accountId) ?? none();
  accounts.set(accountId, found);
  return found;
}

/** One resource's part in what the program declares. */
export interface Part {
  /**
   * Tells which account the resource is in. Its URLs may be known only much later, when a set that must be alone there
   * has removed what it stands for.
   *
   * @param accountId empty where only the provider process knows it
   * @param removes whether it is a set that removes what it does not declare
   */
  joins(accountId: string, removes?: boolean): void;
  /** Tells what the resource is to have. @returns what check needs to know of the program */
  wants(accountId: string, wanted: readonly Wanted[]): Promise<Surroundings | undefined>;
}

/**
 * Counts a resource at once, and holds its URLs against everything else that the program declares in the same account
 * when they are known. Only the program knows the names of its resources; what comes of a conflict is said by the
 * provider's check, as for any bad input.
 *
 * @param name the resource's name
 * @param provider the explicit provider that the resource goes by, if it has one
 */
export function joinProgram(name: string, provider: pulumi.ProviderResource | undefined): Part {
  const run = currentRun();
  const by = provider ?? defaultProvider;
  const declarations = declarationsBy(run, by);
  declarations.resources++;
  // An account is one and the same by whichever provider, as far as can be told here. Only one with a base URL of its
  // own may have another account behind the same id; but what a set removes there is not worth the guess.
  const membersOf = (accountId: string) =>
    ofAccount(run.members, accountId === "" ? by : run, accountId, () => new Set<Member>());
  const urlsOf = (accountId: string) =>
    ofAccount(run.urls, accountId === "" || leadsElsewhere(by) ? by : run, accountId, () => new Map());
  return {
    joins: (accountId, removes = false) => {
      membersOf(accountId).add({ name, removes });
    },
    wants: async (accountId, wanted) => {
      const urls = urlsOf(accountId);
      for (const { name, url } of wanted) urls.set(url, [...(urls.get(url) ?? []), name]);

      // All that the program declares without waiting for anything is declared before its next turn: so each message
      // can name all that is involved, whichever comes first. With a turn each, resources reach the engine in the order
      // in which they are declared, which mostly keeps those of one account together, and so saves lists.
      declarations.turn = declarations.turn.then(nextTurn);
      await declarations.turn;

      const conflict = conflictOf(urls, membersOf(accountId), wanted);
      const { resources } = declarations;
      const isNews = resources > declarations.told;
      declarations.told = resources;
      // Whatever is said leaves a trace in state, beside the properties: so mostly there is nothing.
      if (!isNews && conflict === undefined) return undefined;
      const parallel = parallelism();
      return {
        ...(isNews
          ? {
              resources,
              preview: pulumi.runtime.isDryRun(),
              ...(parallel === undefined ? {} : { parallel }),
            }
          : {}),
        ...(conflict === undefined ? {} : { conflict }),
      };
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function conflictOf(
  urls: ReadonlyMap<string, readonly string[]>,
  members: ReadonlySet<Member>,
  wanted: readonly Wanted[],
): DeclaredConflict | undefined {
  for (const { url } of wanted) {
    const names = urls.get(url) ?? [];
    if (names.length > 1) return { kind: "same-url", url, names };
  }
  const remover = [...members].find(({ removes }) => removes);
  const rival = [...members].find((member) => member !== remover);
  if (remover !== undefined && rival !== undefined)
    return { kind: "not-alone", owner: remover.name, rival: rival.name };
  return urls.size > LIMIT ? { kind: "limit", declared: urls.size } : undefined;
}
