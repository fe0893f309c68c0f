/** A shorter piece of a credential is no use to anybody, and could be a word of a sentence. */
export const SHORTEST = 8;

/**
 * Makes what hides credentials in a text that is about to be shown: whole or cut, as they are or as a server, a page or
 * a URL would write them.
 *
 * @param secrets none shorter than `SHORTEST`
 * @returns the text with `[hidden]` for each piece of a secret of `SHORTEST` characters or more
 */
export function hider(secrets: readonly string[]): (text: string) => string {
  const pieces = new Set(secrets.flatMap(formsOf).flatMap((form) => piecesOf(plain(form).text)));
  return (text) => {
    const { text: read, at } = plain(text);
    let shown = "";
    let shownUntil = 0;
    for (let i = 0; i + SHORTEST <= read.length; i++) {
      if (!pieces.has(read.slice(i, i + SHORTEST))) continue;
      const begin = at[i] ?? 0;
      const end = at[i + SHORTEST] ?? text.length;
      if (begin > shownUntil || shown === "") shown += `${text.slice(shownUntil, begin)}[hidden]`;
      shownUntil = Math.max(shownUntil, end);
    }
    return shown + text.slice(shownUntil);
  };
}

/** A secret itself, and how it looks in Base64 at each place in a group of three, and in hexadecimal. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].map((offset) =>
    // What stands before and behind it in its group decides over the characters at both ends.
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .slice(offset === 0 ? 0 : offset + 1, -4),
  );
  return [secret, ...inBase64, bytes.toString("hex")];
}

function piecesOf(text: string): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - SHORTEST + 1) }, (_, i) =>
    text.slice(i, i + SHORTEST),
  );
}

/**
 * Escapes of URLs (also escaped again), of HTML, and of JSON and programs; then any one character. Backslashes alone are
 * nothing, as many as there are: each escaping doubles them.
 */
const CHARACTER =
  /%(?:25)*([0-9a-f]{2})|&(?:amp;)*(?:#x0*([0-9a-f]{1,6});?|#0*(\d{1,7});?|(plus|sol|equals|lowbar|hyphen|dash);)|\\+(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2}))?|[\s\S]/giu;
const NAMES: Readonly<Record<string, string>> = {
  plus: "+",
  sol: "/",
  equals: "=",
  lowbar: "_",
  hyphen: "-",
  dash: "-",
};
/** The two alphabets of Base64 are one here. */
const SAME: Readonly<Record<string, string>> = { "-": "+", _: "/" };

/** A text without escapes, in lower case, and where in the original each of its characters begins. */
function plain(original: string): { readonly text: string; readonly at: readonly number[] } {
  const at: number[] = [];
  let text = "";
  for (const match of original.matchAll(CHARACTER)) {
    const [whole, percent, hex, decimal, name, unicode, point, byte] = match;
    const code = percent ?? hex ?? unicode ?? point ?? byte;
    const read =
      name !== undefined
        ? (NAMES[name.toLowerCase()] ?? "")
        : code !== undefined
          ? characterOf(Number.parseInt(code, 16))
          : decimal !== undefined
            ? characterOf(Number(decimal))
            : /^\\/.test(whole)
              ? ""
              : whole;
    // What cannot be seen does not make a secret another text.
    if (read === "" || /[\p{Cc}\p{Cf}]/u.test(read)) continue;
    for (const unit of read.toLowerCase().split("")) {
      at.push(match.index);
      text += SAME[unit] ?? unit;
    }
  }
  return { text, at };
}

function characterOf(code: number): string {
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : "";
}
