/**
 * Whether a configuration is meant by one of the patterns: a `whc_` id, or a part of a URL in which `*` stands for
 * anything. No pattern at all means all of them.
 */
export function matches(
  patterns: readonly string[] | undefined,
  { id, url }: { readonly id: string; readonly url: string },
): boolean {
  return patterns === undefined || patterns.some((pattern) => pattern === id || asPart(pattern).test(url));
}

function asPart(pattern: string): RegExp {
  return new RegExp(pattern.split("*").map(literal).join(".*"));
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
