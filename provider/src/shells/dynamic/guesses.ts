/**
 * What Pulumi's dynamic runtime does not tell a provider. It passes neither names nor which call is about which
 * resource, and not what kind of run this is. Check hears a resource's name, since its class passes it as an input; in
 * later calls the resource is recognised by its inputs, which differ from those of all others.
 */

/** A resource of the program, as check has seen it. */
export interface Guessed {
  readonly key: string;
  readonly label: string | undefined;
  /** Check prepares a replacement of it. */
  readonly isReplaced: boolean;
}

export interface Guesses {
  /**
   * Which resource check is asked about: each check is about another one, unless it prepares a replacement.
   *
   * @param name absent where an older copy of the class, or no class at all, has passed the inputs
   * @param inputs what recognises a resource without a name
   */
  checked(type: string, name: string | undefined, inputs: string, isNew: boolean): Guessed;
  /** Remembers that the diff of a resource asks for a replacement: then check comes once more. */
  replaces(resource: Guessed): void;
  /**
   * Remembers by which inputs a resource is recognised from now on.
   *
   * @param differs whether they are not those of its state
   */
  recognises(inputs: string, resource: Guessed, differs: boolean): void;
  /** The resource with these inputs. */
  withInputs(inputs: string): Guessed;
  /**
   * The resource with these inputs, if its diff is asked for by the program: that comes once after each check. A refresh
   * asks for diffs too, of what has the inputs that its state has.
   */
  ofDiff(inputs: string, differs: boolean): Guessed | undefined;
}

export function createGuesses(): Guesses {
  let last:
    | {
        readonly type: string;
        readonly name: string | undefined;
        readonly inputs: string;
        readonly key: string;
        readonly isReplaced: boolean;
      }
    | undefined;
  let checks = 0;
  const byInputs = new Map<
    string,
    { readonly resource: Guessed; readonly differs: boolean; isDiffDue: boolean }
  >();
  return {
    checked: (type, name, inputs, isNew) => {
      // The engine asks for one check at a time: with old inputs, and then without, for a resource that it replaces.
      const isNamed = name !== undefined;
      // Under another parent another resource may have the same name, but no other has the same inputs.
      const isSame = last?.type === type && last.name === name && (last.isReplaced || last.inputs === inputs);
      const isReplaced = isNew && isSame;
      const key = isReplaced && last !== undefined ? last.key : isNamed ? `${type} ${++checks}` : inputs;
      last = isNew ? undefined : { type, name, inputs, key, isReplaced: false };
      return { key, label: name, isReplaced };
    },
    replaces: ({ key }) => {
      if (last?.key === key) last = { ...last, isReplaced: true };
    },
    recognises: (inputs, resource, differs) => {
      byInputs.set(inputs, { resource, differs, isDiffDue: true });
    },
    withInputs: (inputs) =>
      byInputs.get(inputs)?.resource ?? { key: inputs, label: undefined, isReplaced: false },
    ofDiff: (inputs, differs) => {
      const found = byInputs.get(inputs);
      if (found === undefined || !found.isDiffDue || (found.differs && !differs)) return undefined;
      found.isDiffDue = false;
      return found.resource;
    },
  };
}
