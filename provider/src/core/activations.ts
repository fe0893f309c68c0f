/** What the program says of one `WebhookKeyActivation`. */
export interface Activation {
  /** The resource's. */
  readonly key: string;
  /** The resource's name, where it is known. */
  readonly label: string | undefined;
  /** Absent where a preview cannot know it, because the key is yet to be made. */
  readonly keyId: string | undefined;
}

/** What a run has seen of webhook keys, and of who activates them. */
export interface KeysSeen {
  /** The account of a key, by its id. */
  readonly accounts: Map<string, string>;
  /** The account of each `WebhookKey` of the program, by the resource's key; absent where it is not known yet. */
  readonly declared: Map<string, string | undefined>;
  /** By the resource's key. */
  readonly activations: Map<string, Activation>;
}

export function noKeysSeen(): KeysSeen {
  return { accounts: new Map(), declared: new Map(), activations: new Map() };
}

/**
 * Why an activation cannot stand beside the others of the program: an account has one active key, so that the last of two
 * would win, and which one is the last is chance. Keys that are yet to be made have no ids. So those are counted: each is
 * of an account for which the program declares a key.
 */
export function rivalry(own: Activation, { accounts, declared, activations }: KeysSeen): string | undefined {
  const others = [...activations.values()].filter(({ key }) => key !== own.key);
  const accountOf = ({ keyId }: Activation) => (keyId === undefined ? undefined : accounts.get(keyId));
  const account = accountOf(own);
  const rival = others.find(
    (other) =>
      own.keyId !== undefined &&
      (other.keyId === own.keyId || (account !== undefined && accountOf(other) === account)),
  );
  if (rival !== undefined)
    return `${named([own, rival])} both activate a key of ${account === undefined ? "the same account" : `account ${account}`}: an account has one active key, and the last of them would win. Remove one of the two.`;

  const isCounted = (each: Activation) => each.keyId === undefined || accountOf(each) !== undefined;
  const counted = [own, ...others].filter(isCounted);
  const known = new Set(
    [...declared.values(), ...counted.map(accountOf)].filter((each) => each !== undefined),
  );
  const isCountable = isCounted(own) && declared.size > 0 && ![...declared.values()].includes(undefined);
  if (!isCountable || counted.length <= known.size) return undefined;
  const [first, ...more] = [...known];
  const where = more.length === 0 ? `of account ${first} alone` : `of ${known.size} accounts alone`;
  return `${named(counted)} activate keys, and the program declares keys ${where}: an account has one active key, and the last of two would win. Keep one \`WebhookKeyActivation\` for each account. If a key has a \`provider\` of its own, its activation needs the same one.`;
}

function named(activations: readonly Activation[]): string {
  return activations
    .map(({ label }) => (label === undefined ? "another resource" : `"${label}"`))
    .join(" and ");
}
