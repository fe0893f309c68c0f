import { sign } from "../../provider/src/core/api/signature.js";

/**
 * Everything that was printed in a test file, by the programs it has run and by itself, is looked through in one place
 * when the file ends: see printedCheck.ts. What runs a program hands over here what the program has printed.
 */
const transcripts: Transcript[] = [];
const secrets = new Map<string, string>();

/** What one program prints, piece by piece: a secret may be in two of them. */
export interface Transcript {
  readonly text: string;
  add(piece: string): void;
}

export function transcript(): Transcript {
  let text = "";
  const made: Transcript = {
    get text() {
      return text;
    },
    add: (piece) => {
      text += piece;
    },
  };
  transcripts.push(made);
  return made;
}

/** Hands over all that a program has printed. @returns the same */
export function printed(text: string): string {
  transcript().add(text);
  return text;
}

/**
 * The lines by which `pulumi-kompliant emulator` says how to reach it. Showing its credentials, which are samples, is
 * what they are for; so they alone are no part of what is looked through.
 */
const EXPORT = /^export KOMPLIANT_(API_KEY|SECRET_KEY|AUTH_TOKEN)='.*'$/;

/** Hands over a line that the emulator's command has printed. @returns the same */
export function printedByEmulator(line: string): string {
  if (!EXPORT.test(line)) printed(line);
  return line;
}

/** The credentials of Kompliant's documentation, which the emulator accepts; not live. */
export const sample = {
  apiKey: "sb_3eY9UJuj09636NVPlgmhfa",
  secretKey: "xBeain5pFnPyQkl98qzA+BG+Cjzskpqq9fGKDbDoXNP5",
  authToken: "7F2Av26rUgtzJYgUG9IilG1W6ZMLnt7Dak3Gyht220KLpkBLSJRMOzhBYd",
} as const;

/** Says that a text must never be printed. @returns the same */
export function confidential<T extends string>(text: T, what = "a credential"): T {
  secrets.set(text, what);
  return text;
}

/** The same for credentials, and for what they sign with. */
export function confidentialAll(credentials: {
  readonly apiKey: string;
  readonly secretKey: string;
  readonly authToken: string;
}): void {
  for (const [name, value] of Object.entries(credentials)) confidential(value, name);
  confidential(sign(credentials.apiKey, credentials.secretKey), "a signature");
}

/** @returns what was printed that no user may see: what it is, and its line without it */
export function indiscretions(): readonly string[] {
  const lines = transcripts.flatMap(({ text }) => text.split("\n"));
  const forms = [...secrets].flatMap(([secret, what]) =>
    formsOf(secret).map((form) => [form, what] as const),
  );
  const shown = (line: string) =>
    forms.reduce((rest, [form]) => rest.replaceAll(form, "[HIDDEN]"), line.trim()).slice(0, 200);
  const found = forms.flatMap(([form, what]) => {
    const line = lines.find((each) => each.includes(form));
    return line === undefined ? [] : [`${what}: ${shown(line)}`];
  });
  const trace = /^\s+at .*[\\/]provider[\\/](dist|src)[\\/]|UnhandledPromise/;
  return [...found, ...lines.filter((line) => trace.test(line)).map((line) => `a trace: ${shown(line)}`)];
}

/** A secret as it is, in a URL, and as Base64 of its text. */
function formsOf(secret: string): readonly string[] {
  const encoded = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  return [...new Set([secret, encodeURIComponent(secret), encoded])];
}
