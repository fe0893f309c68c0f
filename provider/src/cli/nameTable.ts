import { createHash } from "node:crypto";

/** Words that say of a URL only what is true of all of them. */
const GENERIC = new Set(
  "api callback callbacks endpoint endpoints event events hook hooks http https kompliant notification notifications receiver webhook webhooks www".split(
    " ",
  ),
);

/** What TypeScript does not take as the name of a module's constant. */
const RESERVED = new Set(
  "abstract arguments as async await boolean break case catch class const continue debugger default delete do else enum eval export exports extends false finally for from function get if implements import in infinity instanceof interface let module new null number object of package private protected public require return set static string super switch symbol this throw true try type typeof undefined var void while with yield".split(
    " ",
  ),
);

/** The names that a URL can get, from the one that reads best to the one that nobody else can have. */
const CANDIDATES: readonly ((url: string) => string)[] = [
  (url) => {
    const { host, path } = wordsOf(url);
    const telling = path.filter((word) => !isGeneric(word));
    // The last label is `com` or the like.
    const labels = host.slice(0, -1).filter((word) => !isGeneric(word));
    return slug(telling.length > 0 ? telling : labels);
  },
  (url) => {
    const { host, path } = wordsOf(url);
    return slug([...host, ...path]);
  },
  (url) => slug([...wordsOf(url).host, hash(url).slice(0, 8)]),
  (url) => `hook-${hash(url)}`,
];

/**
 * A name for each URL: unique, and so is what `identifierOf` makes of it. A name depends on nothing but its own URL
 * as long as no other URL asks for the same; of those that do, each gets a longer one, whatever their order. Queries
 * never show in a name, since they may be confidential.
 *
 * @param urls all different
 * @param taken identifiers that something else has already
 * @example
 * nameTable(["https://example.com/kompliant/orders"]); // Map { "https://example.com/kompliant/orders" => "orders" }
 */
export function nameTable(
  urls: readonly string[],
  taken: readonly string[] = [],
): ReadonlyMap<string, string> {
  const levels = new Map(urls.map((url) => [url, 0]));
  const nameOf = (url: string) => CANDIDATES[levels.get(url) ?? 0]?.(url) ?? "";
  for (;;) {
    const rivals = new Map<string, string[]>();
    for (const url of levels.keys()) {
      const identifier = identifierOf(nameOf(url));
      rivals.set(identifier, [...(rivals.get(identifier) ?? []), url]);
    }
    const unhappy = [...rivals].flatMap(([identifier, asking]) => {
      const usable =
        identifier !== "" && !RESERVED.has(identifier.toLowerCase()) && !taken.includes(identifier);
      return usable && asking.length === 1 ? [] : asking;
    });
    const movable = unhappy.filter((url) => (levels.get(url) ?? 0) < CANDIDATES.length - 1);
    if (movable.length === 0) return new Map(urls.map((url) => [url, nameOf(url)]));
    for (const url of movable) levels.set(url, (levels.get(url) ?? 0) + 1);
  }
}

/** The name of a constant: `eu-orders` becomes `euOrders`. */
export function identifierOf(name: string): string {
  return name.replace(/[^A-Za-z0-9]+(.?)/g, (_, next: string) => next.toUpperCase());
}

function wordsOf(url: string): { readonly host: readonly string[]; readonly path: readonly string[] } {
  // Kompliant asks for `https://` at the beginning and nothing more.
  if (!URL.canParse(url)) return { host: [], path: [] };
  const { hostname, pathname } = new URL(url);
  return {
    host: hostname.split(".").flatMap(split),
    path: pathname.split("/").flatMap((segment) => split(decoded(segment))),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Words in lower case, where accents, punctuation and capitals inside do not count. */
function split(text: string): string[] {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

function isGeneric(word: string): boolean {
  return GENERIC.has(word) || /^v\d+$/.test(word);
}

function slug(words: readonly string[]): string {
  const joined = words.join("-");
  return joined === "" || /^[a-z]/.test(joined) ? joined : `hook-${joined}`;
}

function hash(url: string): string {
  return createHash("sha256").update(url).digest("hex");
}
