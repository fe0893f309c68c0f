import { oneLine } from "../core/messages/shown.js";

/** What a text has to become before it is put into something that is read by more than people. */

/** What JSON leaves as it is, and terminals and editors act on. */
const ACTED_ON = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A value in JSON, in which a text is also a string literal of a program. What is acted on elsewhere is escaped, which
 * makes it no other value; so is what GitHub and Azure take for a command wherever it stands in a line (`##[`, `##vso[`).
 */
export function asJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent).replace(/##(?=\[|vso\[)/g, "#\\u0023");
  return text.replace(ACTED_ON, (character) =>
    character === "\n" ? character : character.split("").map(unit).join(""),
  );
}

function unit(half: string): string {
  return `\\u${half.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * A text on one line as code in Markdown, in a table's cell too. What would end it, or the cell, becomes what
 * stands for it in a URL.
 */
export function code(text: string): string {
  const kept = oneLine(text)
    .replaceAll("`", "%60")
    .replace(/\\+(?=\|)/g, (before) => "%5C".repeat(before.length))
    .replaceAll("|", "\\|");
  return `\`${kept === "" ? " " : kept}\``;
}

/** Whether a shell, of whatever kind, takes a text for one word that stands for itself, and no option. */
export function isPlainWord(text: string): boolean {
  return /^\w[\w.-]*$/.test(text);
}

/** One word of the shells of Unix. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
