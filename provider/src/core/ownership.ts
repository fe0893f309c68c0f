import type { Config } from "./api/schemas.js";
import type { Call } from "./call.js";
import type { Peers, Word } from "./peers.js";

/** A resource of the program that a configuration belongs to. */
export interface Owner {
  readonly key: string;
  /** Its name, where that is known. */
  readonly label: string | undefined;
  /** It has had the configuration before this run, took it over or made it in it, or is going to take it over. */
  readonly by: "state" | "takeover" | "create" | "import" | "adopt";
  /** What it wants of the configuration; absent if a process of another provider handles it. */
  readonly config?: Config;
}

/**
 * Which resource a configuration belongs to: at most one. A delete spares the configuration of another resource. A
 * takeover is refused if the configuration belongs to another resource or is being deleted.
 */
export interface Ownership {
  ownerOf(id: string): Owner | undefined;
  /** The resource that stands for a configuration, if it is another one than the call's. */
  otherOwner(call: Call, id: string): Owner | undefined;
  /** Notes that the call's resource stands for a configuration. */
  owns(call: Call, id: string, by: Owner["by"], config: Config): void;
  /** Forgets what the call's resource stands for. */
  forget(call: Call): void;
  /**
   * Takes a configuration over, unless another resource stands for it or it is being deleted.
   *
   * @param by whether it is done now, or is only going to be done
   * @returns what stands in the way
   * @throws UserError if another process of the run does not answer
   */
  take(
    call: Call,
    id: string,
    config: Config,
    by: "takeover" | "import" | "adopt",
  ): Promise<Owner | "deleting" | undefined>;
  /**
   * Gives a configuration up, so that it can be deleted, unless another resource stands for it.
   *
   * @returns who stands for it
   * @throws UserError if another process of the run does not answer
   */
  giveUp(call: Call, id: string): Promise<Owner | undefined>;
  /** A configuration that another resource has left to the call's resource, and has no longer in its own state. */
  givenUpTo(call: Call): string | undefined;
  /**
   * The resource of another provider that stands for a configuration, as it may have come before the call's own.
   *
   * @throws UserError if another process of the run does not answer
   */
  ownerElsewhere(id: string): Promise<Owner | undefined>;
  isDeleting(id: string): boolean;
  /** Notes that a configuration could not be deleted. */
  keeps(id: string): void;
  /** Whether other processes of the run can ask this one. */
  isHeard(): boolean;
}

/** A resource of another provider, in a process of its own. */
const OF_ANOTHER_PROVIDER: Owner = { key: "", label: undefined, by: "state" };

/** @param peersOf finds the other provider processes of the run, which ask this one for its word by the function given */
export function createOwnership(peersOf: (wordOf: (id: string) => Word) => Peers): Ownership {
  const owners = new Map<string, Owner>();
  const deleting = new Set<string>();
  const givenUp = new Set<string>();
  const peers = peersOf((id) => (deleting.has(id) ? "delete" : owners.has(id) ? "keep" : "nothing"));

  function otherOwner({ key }: Call, id: string): Owner | undefined {
    const owner = owners.get(id);
    // A configuration that this process has created is in the state of its own resource alone. So a call that names it is
    // that resource's.
    return owner === undefined || owner.key === key || owner.by === "create" ? undefined : owner;
  }

  function owns({ key, label }: Call, id: string, by: Owner["by"], config: Config): void {
    const isMade = owners.get(id)?.by === "create";
    owners.set(id, { key, label, by: isMade ? "create" : by, config });
  }

  return {
    ownerOf: (id) => owners.get(id),
    otherOwner,
    owns,
    forget: ({ key }) => {
      for (const [id, owner] of owners) if (owner.key === key) owners.delete(id);
    },
    take: async (call, id, config, by) => {
      const other = otherOwner(call, id);
      if (other !== undefined) return other;
      if (deleting.has(id)) return "deleting";
      // Before the others are asked: of two processes that decide at the same moment, one at least hears the other.
      owns(call, id, by, config);
      const word = await peers.ask(id);
      if (word === "nothing") return undefined;
      owners.delete(id);
      return word === "keep" ? OF_ANOTHER_PROVIDER : "deleting";
    },
    giveUp: async (call, id) => {
      const other = otherOwner(call, id);
      if (other !== undefined) {
        givenUp.add(id);
        return other;
      }
      deleting.add(id);
      owners.delete(id);
      const word = await peers.ask(id).catch((error) => {
        deleting.delete(id);
        throw error;
      });
      if (word !== "keep") return undefined;
      deleting.delete(id);
      return OF_ANOTHER_PROVIDER;
    },
    givenUpTo: ({ key }) => [...givenUp].find((id) => owners.get(id)?.key === key),
    ownerElsewhere: async (id) => ((await peers.ask(id)) === "keep" ? OF_ANOTHER_PROVIDER : undefined),
    isDeleting: (id) => deleting.has(id),
    keeps: (id) => {
      deleting.delete(id);
    },
    isHeard: () => peers.isHeard,
  };
}

/** Why a resource cannot take a configuration over. */
export function hasAnother(id: string, owner: Owner): string {
  const does = isNoted(owner) ? "takes it over too" : "stands for it already";
  return `cannot take over ${id}: ${named(owner)} ${does}.\n  Remove one of the two, or use \`aliases\` if the resource was renamed.`;
}

/** The same, seen from the resource that stands for it. */
export function standsAlready(id: string, url: string, owner: Owner): string {
  const does = isNoted(owner) ? "is to take it over" : "stands for it too";
  return `${id} belongs to the resource with ${url}, and ${named(owner)} ${does}.\n  Remove one of the two from the program: the other one keeps ${id}.`;
}

/** It has not taken anything over yet. */
function isNoted({ by }: Owner): boolean {
  return by === "import" || by === "adopt";
}

function named({ label, config }: Owner): string {
  const which = label === undefined ? "another resource" : `"${label}"`;
  return `${which} of this program${config === undefined ? "" : ` with ${config.url}`}`;
}
