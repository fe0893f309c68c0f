/** Whoever has so much of a secret has no use for it, and chance puts less of it into any text. */
const PIECE = 8;

/** The pieces of a secret that a text shows. */
export function piecesIn(text: string, secret: string): readonly string[] {
  return Array.from({ length: secret.length - PIECE + 1 }, (_, i) => secret.slice(i, i + PIECE)).filter(
    (piece) => text.includes(piece),
  );
}
