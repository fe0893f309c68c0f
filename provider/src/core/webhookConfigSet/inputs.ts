/** What a set does about configurations of its account that nothing in the program declares: leave or delete them. */
export type Foreign = "keep" | "remove";

export type ByName = Readonly<Record<string, string>>;

/** What state keeps as inputs. */
export interface Inputs {
  readonly accountId: string;
  readonly urls: ByName;
  readonly foreign: Foreign;
}

/** What state keeps as outputs. */
export interface Outputs extends Inputs {
  /** Name to config_id. A name whose configuration is gone has none. */
  readonly ids: ByName;
  /** Configurations of the account that nothing in the program stands for, as the set last saw them: id to URL. */
  readonly others: ByName;
}

/** What the set stood for before. */
export type Before = Pick<Outputs, "ids" | "urls">;

/** What stands at a name. A name such as `constructor` stands at every object, unless only its own count. */
export function ownValue(byName: ByName, name: string): string | undefined {
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

export function isByName(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether two sets of URLs say the same, in whichever order. */
export function isSame(one: ByName, other: ByName): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => ownValue(other, name) === ownValue(one, name))
  );
}
