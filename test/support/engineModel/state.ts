import type { Props, TypeName } from "./program.js";

/** A resource as the engine keeps it in state. */
export interface Stated {
  readonly name: string;
  readonly type: TypeName;
  readonly provider: string | undefined;
  readonly id: string;
  readonly inputs: Props;
  readonly outputs: Props;
  /** An earlier operation did not end well: the next deployment updates it even if nothing differs. */
  readonly incomplete?: boolean;
  readonly tainted?: boolean;
  /** There is a new one in its place, so it is to be deleted. */
  readonly replaced?: boolean;
  readonly protect?: boolean;
  readonly retain?: boolean;
  /** Input to the URN of the resource whose outputs it is made of. */
  readonly uses: Readonly<Record<string, string>>;
  /** URNs of all that it depends on. */
  readonly needs: readonly string[];
}

/** URN to resource, in the order in which they were created. */
export type State = Map<string, Stated>;

export function sameProps(one: Props, other: Props): boolean {
  return changedKeys(one, other).length === 0;
}

export function changedKeys(one: Props, other: Props): readonly string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].filter((key) => JSON.stringify(sorted(one[key])) !== JSON.stringify(sorted(other[key])));
}

/** With its keys in one order, at all depths. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, sorted(each)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
