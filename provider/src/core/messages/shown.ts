/** What may be shown of a text that others have written: on one line, with nothing that a terminal acts on. */

/**
 * Controls, formats (zero-width and bidi characters among them), other characters without a look of their own, halves
 * of characters, and what breaks a line.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The characters of a text that nobody could see in it, as they are shown; `\u{200b}` for a zero-width space. */
export function unseenIn(text: string): readonly string[] {
  return [...new Set(text.match(UNSEEN))].map(escaped);
}

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
  const { protocol = "", username = "", password = "" } = URL.canParse(url) ? new URL(url) : {};
  const isWeb = /^https?:$/.test(protocol);
  if (isWeb && username === "" && password === "") return oneLine(url);
  // Browsers and Node.js read any number of slashes here, of either kind.
  const shown = isWeb ? url.replace(/^(\w+:[\\/]*)[^\\/?#]*@/, "$1…@") : url;
  // Where it is no URL, nobody can tell where a password ends.
  return oneLine(shown === url ? url.replace(/^(\w+:[\\/]*)?.*@/s, "$1…@") : shown);
}

/** Any value as a message about it shows it, on one line. */
export function shownValue(value: unknown): string {
  return typeof value === "string" ? `"${oneLine(value)}"` : oneLine(String(JSON.stringify(value)));
}

/** Shows a message of several lines of our own, whatever has got into them; no URL in it keeps its user and password. */
export function withoutControls(message: string): string {
  return noCommand(
    message
      .replace(/(https?:[\\/]+)[^\s\\/?#]*@/gi, "$1…@")
      .replace(UNSEEN, (character) => (character === "\n" ? character : escaped(character))),
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
