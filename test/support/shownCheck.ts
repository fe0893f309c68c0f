import { expect } from "vitest";

/** Longer than any of our messages has a reason to be. */
const LONGEST = 20_000;

/** What a terminal, an editor or a log acts on, but for the ends of lines. */
const ACTED_ON = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\p{Cs}/u;

/**
 * Holds a text that people see against what may be in it.
 *
 * @param pieces what `piecesOf` makes of what must not show
 */
export function expectShowable(text: string, pieces: ReadonlySet<string>): void {
  expect(
    ACTED_ON.exec(text)?.[0],
    `a control character in ${JSON.stringify(text.slice(0, 2_000))}`,
  ).toBeUndefined();
  // A pipeline's log reads such a line as a command, whatever blanks are before it, and the older form anywhere.
  expect(
    text.split("\n").filter((line) => /^\s*::|##\[|##vso\[/.test(line)),
    "a command to a pipeline",
  ).toEqual([]);
  expect(text.length, `the length of ${text.slice(0, 300)}`).toBeLessThanOrEqual(LONGEST);
  const plain = decoded(text);
  for (const length of [8, 12, 16])
    for (let i = 0; i + length <= plain.length; i++)
      if (pieces.has(plain.slice(i, i + length)))
        expect.fail(`a piece of a credential, ${plain.slice(i, i + length)}, in ${text.slice(0, 2_000)}`);
}

/** Eight characters of a secret in a row, as they are or in Base64 or hexadecimal. */
export function piecesOf(secrets: readonly string[]): ReadonlySet<string> {
  const windows = (text: string, length: number) =>
    Array.from({ length: Math.max(0, text.length - length + 1) }, (_, i) => text.slice(i, i + length));
  return new Set(
    secrets.flatMap((secret) => [
      ...windows(decoded(secret), 8),
      ...[0, 1, 2].flatMap((offset) =>
        windows(
          decoded(
            Buffer.from(secret.slice(offset, secret.length - ((secret.length - offset) % 3))).toString(
              "base64",
            ),
          ),
          12,
        ),
      ),
      ...windows(Buffer.from(secret).toString("hex"), 16),
    ]),
  );
}

/** What somebody reads who undoes every escape. */
function decoded(text: string): string {
  let plain = text;
  for (let before = ""; before !== plain; ) {
    before = plain;
    plain = plain
      .replaceAll(/%([0-9a-f]{2})/gi, (_, hex) => character(hex, 16))
      .replaceAll(/&#x([0-9a-f]+);/gi, (_, hex) => character(hex, 16))
      .replaceAll(/&#(\d+);/g, (_, decimal) => character(decimal, 10))
      .replaceAll("&amp;", "&")
      .replaceAll(/\\u\{([0-9a-f]+)\}|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, a, b, c) =>
        character(a ?? b ?? c, 16),
      )
      .replaceAll(/\\n|\\r|\\t/g, "")
      .replaceAll(/\\(?=["'/\\])/g, "")
      .replaceAll(/[\p{Cc}\p{Cf}]/gu, "");
  }
  return plain.toLowerCase().replaceAll("-", "+").replaceAll("_", "/");
}

function character(digits: string, base: number): string {
  const code = Number.parseInt(digits, base);
  return code > 0x10_ff_ff ? "" : String.fromCodePoint(code);
}
