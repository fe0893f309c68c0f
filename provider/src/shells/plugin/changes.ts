import type { Props } from "../../core/call.js";
import { isByName } from "../../core/webhookConfigSet/inputs.js";

/** What becomes of a property. */
export interface Change {
  readonly kind: "ADD" | "UPDATE" | "DELETE";
  /** Only a new resource can have it. */
  readonly replaces: boolean;
}

/** The places in which properties change, as paths of Pulumi's: `url`, `urls.orders`, `urls["my orders"]`. */
export function changesOf(
  changed: readonly string[],
  replaces: readonly string[],
  olds: Props,
  news: Props,
): ReadonlyMap<string, Change> {
  const names = [...new Set([...changed, ...replaces])];
  return new Map(
    names.flatMap((name) => {
      const replaced = replaces.includes(name);
      const places = placesOf(name, olds[name], news[name]);
      // A resource can be replaced although nothing of it differs.
      const all = places.length === 0 ? [[name, "UPDATE"] as const] : places;
      return all.map(([path, kind]): [string, Change] => [path, { kind, replaces: replaced }]);
    }),
  );
}

function placesOf(
  path: string,
  old: unknown,
  value: unknown,
): (readonly [path: string, kind: Change["kind"]])[] {
  if (isByName(old) && isByName(value)) {
    const [before, after] = [new Map(Object.entries(old)), new Map(Object.entries(value))];
    const names = [...new Set([...before.keys(), ...after.keys()])];
    return names.flatMap((name) => placesOf(`${path}${step(name)}`, before.get(name), after.get(name)));
  }
  if (old === value) return [];
  return [[path, old === undefined ? "ADD" : value === undefined ? "DELETE" : "UPDATE"]];
}

/** @see https://www.pulumi.com/docs/iac/concepts/miscellaneous/property-paths/ */
function step(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
