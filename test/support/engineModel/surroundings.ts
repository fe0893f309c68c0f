import { type DeclaredConflict, LIMIT, type Surroundings } from "../../../provider/src/core/contract.js";
import { type Declared, nameOf, type Program } from "./program.js";

/** What the program's side works out of all that it declares, where nothing has to be waited for. */
export function surroundingsIn(
  program: Program,
  accountOf: (provider: string | undefined) => string,
  run: { readonly parallel: number; readonly preview: boolean },
): (key: string) => Surroundings | undefined {
  const entries = Object.entries(program);
  const told = new Set<string | undefined>();
  const account = ({ accountId, provider }: Declared) =>
    typeof accountId === "string" ? accountId : accountOf(provider);
  const wanted = ([key, declared]: readonly [string, Declared]): readonly (readonly [string, string])[] => {
    const { url, urls } = declared;
    const name = nameOf(key, declared);
    if (typeof url === "string") return [[name, url]];
    if (urls === undefined || "of" in urls) return [];
    return Object.entries(urls).map(([each, its]) => [`${name}.${each}`, String(its)] as const);
  };

  function conflictOf(key: string, declared: Declared): DeclaredConflict | undefined {
    const peers = entries.filter(([, other]) => account(other) === account(declared));
    const all = peers.flatMap(wanted);
    for (const [, url] of wanted([key, declared])) {
      const names = all.filter(([, other]) => other === url).map(([name]) => name);
      if (names.length > 1) return { kind: "same-url", url, names };
    }
    const remover = peers.find(([, { foreign }]) => foreign === "remove");
    const rival = peers.find((peer) => peer !== remover);
    if (remover !== undefined && rival !== undefined)
      return { kind: "not-alone", owner: nameOf(...remover), rival: nameOf(...rival) };
    const count = new Set(all.map(([, url]) => url)).size;
    return count > LIMIT ? { kind: "limit", declared: count } : undefined;
  }

  return (key) => {
    const declared = program[key] as Declared;
    const conflict = conflictOf(key, declared);
    const isNews = !told.has(declared.provider);
    told.add(declared.provider);
    if (!isNews && conflict === undefined) return undefined;
    const resources = entries.filter(([, { provider }]) => provider === declared.provider).length;
    return { ...(isNews ? { resources, ...run } : {}), ...(conflict === undefined ? {} : { conflict }) };
  };
}
