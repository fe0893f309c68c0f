import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import { type Runtime, systemRuntime } from "../core/api/runtime.js";
import { noCommand, withoutControls } from "../core/messages/shown.js";

/** How to set off parts of a text. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
}

const FORMATS = ["bold", "dim", "red", "yellow", "green"] as const;

/** Colours on a terminal that has them and where `NO_COLOR` does not forbid them; elsewhere the bare text. */
export function styleFor(stream: Pick<WriteStream, "isTTY" | "hasColors">): Style {
  const coloured = stream.isTTY === true && stream.hasColors();
  const entries = FORMATS.map((format) => [
    format,
    (text: string) => (coloured ? styleText(format, text) : text),
  ]);
  return Object.fromEntries(entries) as Record<(typeof FORMATS)[number], (text: string) => string>;
}

/** Prints what a command is asked for. */
export function print(text: string): void {
  console.log(noCommand(text));
}

/** A command's output may be read by another program, so what it says besides goes to stderr. */
export function printBeside(text: string): void {
  console.error(withoutControls(text));
}

export const commandRuntime: Runtime = {
  ...systemRuntime,
  info: printBeside,
  warn: (message) => printBeside(`warning: ${message}`),
};
