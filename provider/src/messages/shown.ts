/** What may be shown of a text that others have written: on one line, with nothing that a terminal acts on. */

/** Controls, formats (zero-width and bidi characters among them), halves of characters, and what breaks a line. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Shows a text of a server on one line: what could not be seen, or would be acted on, becomes a visible escape.
 *
 * @param most how many characters are shown; `…` stands for the rest
 * @example
 * oneLine("a\n::error::b"); // a\n::error::b
 */
export function oneLine(text: string, most = 500): string {
  // A character can have two places in a text.
  const beginning = [...text.slice(0, 2 * most + 1)];
  const line = beginning.slice(0, most).join("").replace(UNSEEN, escaped);
  return noCommand(beginning.length > most ? `${line}…` : line);
}

/** A URL as messages show it: on one line, and without the user and password that it may carry. */
export function shownUrl(url: string): string {
  // Browsers and Node.js read any number of slashes here, of either kind.
  return oneLine(url.replace(/^(\w+:[\\/]*)[^\\/?#]*@/, "$1…@"));
}

/** Shows a message of several lines of our own, whatever has got into them. */
export function withoutControls(message: string): string {
  return noCommand(
    message.replace(UNSEEN, (character) => (character === "\n" ? character : escaped(character))),
  );
}

/**
 * Leaves nothing in a text that a pipeline reads as a command: to GitHub that is a line that begins with `::`, behind
 * blanks too, and `##[` anywhere in one; to Azure `##vso[`.
 *
 * @see https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function noCommand(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, "$1\\u{3a}").replace(/##(?=\[|vso\[)/g, "#\\u{23}");
}

function escaped(character: string): string {
  return NAMED[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** JavaScript reads a time out of many a text that is none. */
const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** How many whole days ago a time was; undefined for what is no time, or one that has not come. */
export function daysSince(time: string, now: number): number | undefined {
  const days = ISO_8601.test(time) ? Math.floor((now - Date.parse(time)) / 86_400_000) : Number.NaN;
  // Two clocks never agree wholly, so a time of today may be one of tomorrow.
  return days >= -1 ? Math.max(0, days) : undefined;
}
