import * as pulumi from "@pulumi/pulumi";
import { type DeclaredConflict, LIMIT, type Surroundings } from "../lifecycle/contract.js";
import { parallelism } from "./parallelism.js";
import { leadsElsewhere } from "./provider.js";

/** What one account is to have. */
interface Declared {
  /** URL to the names of the resources that ask for it. */
  readonly names: Map<string, string[]>;
  /** The sets that remove what they do not declare. */
  readonly owners: Set<string>;
  /** All resources that ask for anything. */
  readonly resources: Set<string>;
}

/** A URL that a resource asks for, and the name to call it by in messages. */
export interface Wanted {
  readonly name: string;
  readonly url: string;
}

/** What goes by one provider. */
interface Declarations {
  resources: number;
  /** How many the provider has been told of. */
  told: number;
  /** When the last of them goes to the engine. */
  turn: Promise<void>;
}

/** What one program has declared. */
interface Run {
  readonly providers: Map<object, Declarations>;
  /** By where an account is, and by its id, which is empty where only the provider process knows it. */
  readonly accounts: Map<object, Map<string, Declared>>;
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
  const run = runs.get(stack) ?? { providers: new Map(), accounts: new Map() };
  runs.set(stack, run);
  return run;
}

function declarationsBy({ providers }: Run, provider: object): Declarations {
  const declarations = providers.get(provider) ?? { resources: 0, told: 0, turn: Promise.resolve() };
  providers.set(provider, declarations);
  return declarations;
}

function declaredIn(run: Run, provider: object, accountId: string): Declared {
  // An account is one and the same by whichever provider, as far as can be told here.
  const place = accountId === "" || leadsElsewhere(provider) ? provider : run;
  const accounts = run.accounts.get(place) ?? new Map<string, Declared>();
  run.accounts.set(place, accounts);
  const declared = accounts.get(accountId) ?? {
    names: new Map<string, string[]>(),
    owners: new Set<string>(),
    resources: new Set<string>(),
  };
  accounts.set(accountId, declared);
  return declared;
}

/** Tells what a resource is to have, once that is known. */
export type Declare = (
  /** Empty where only the provider process knows it. */
  accountId: string,
  wanted: readonly Wanted[],
  /** The name of a set that removes what it does not declare. */
  owner?: string,
) => Promise<Surroundings | undefined>;

/**
 * Counts a resource at once, and holds its URLs against everything else that the program declares in the same account
 * when they are known. Only the program knows the names of its resources; what comes of a conflict is said by the
 * provider's check, as for any bad input.
 *
 * @param provider the explicit provider that the resource goes by, if it has one
 */
export function joinProgram(provider: pulumi.ProviderResource | undefined): Declare {
  const run = currentRun();
  const by = provider ?? defaultProvider;
  const declarations = declarationsBy(run, by);
  declarations.resources++;
  return async (accountId, wanted, owner) => {
    const declared = declaredIn(run, by, accountId);
    for (const { name, url } of wanted) declared.names.set(url, [...(declared.names.get(url) ?? []), name]);
    if (owner !== undefined) declared.owners.add(owner);
    for (const name of owner === undefined ? wanted.map((each) => each.name) : [owner])
      declared.resources.add(name);

    // All that the program declares without waiting for anything is declared before its next turn: so each message
    // can name all that is involved, whichever comes first. With a turn each, resources reach the engine in the order
    // in which they are declared, which mostly keeps those of one account together, and so saves lists.
    declarations.turn = declarations.turn.then(nextTurn);
    await declarations.turn;

    const conflict = conflictOf(declared, wanted);
    const { resources } = declarations;
    const isNews = resources > declarations.told;
    declarations.told = resources;
    // Whatever is said leaves a trace in state, beside the properties: so mostly there is nothing.
    if (!isNews && conflict === undefined) return undefined;
    const parallel = parallelism();
    return {
      ...(isNews ? { resources, ...(parallel === undefined ? {} : { parallel }) } : {}),
      ...(conflict === undefined ? {} : { conflict }),
    };
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function conflictOf(
  { names, owners, resources }: Declared,
  wanted: readonly Wanted[],
): DeclaredConflict | undefined {
  for (const { url } of wanted) {
    const rivals = names.get(url) ?? [];
    if (rivals.length > 1) return { kind: "same-url", url, names: rivals };
  }
  const [remover] = owners;
  const rival = [...resources].find((name) => name !== remover);
  if (remover !== undefined && rival !== undefined) return { kind: "not-alone", owner: remover, rival };
  return names.size > LIMIT ? { kind: "limit", declared: names.size } : undefined;
}
