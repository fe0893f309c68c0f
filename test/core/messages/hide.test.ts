import { describe, expect, test } from "vitest";
import { hider } from "../../../provider/src/core/messages/hide.js";
import { noCommand, oneLine, shownUrl, withoutControls } from "../../../provider/src/core/messages/shown.js";
import { sample } from "../../support/printed.js";

const signature = "iWEh4jjK9wfjTXd/3GzImPLL1swTZiCPpDbj62vFo2Q=";
const hide = hider([...Object.values(sample), signature]);

const escaping = (each: (code: number) => string) => (text: string) =>
  text.replaceAll(/[^A-Za-z0-9]/g, (character) => each(character.charCodeAt(0)));
const hex = (code: number) => code.toString(16).padStart(2, "0");

const writings: Readonly<Record<string, (secret: string) => string>> = {
  "as it is": (secret) => secret,
  "in a URL": encodeURIComponent,
  "in a URL, in lower case": escaping((code) => `%${hex(code)}`),
  "in a URL in a URL": (secret) => encodeURIComponent(encodeURIComponent(secret)),
  "in HTML, decimal": escaping((code) => `&#${code};`),
  "in HTML, hexadecimal": escaping((code) => `&#x${hex(code)};`),
  "in HTML in HTML": escaping((code) => `&amp;#${code};`),
  "in HTML, as a browser still reads it": escaping((code) => `&#x0000${hex(code)};`),
  "in JSON": escaping((code) => `\\u00${hex(code)}`),
  "in JSON in JSON": escaping((code) => `\\\\u00${hex(code)}`),
  "with every character escaped": (secret) =>
    [...secret].map((character) => `\\x${hex(character.charCodeAt(0))}`).join(""),
  "without padding": (secret) => secret.replace(/=+$/, ""),
  "in the URL's alphabet of Base64": (secret) => secret.replaceAll("+", "-").replaceAll("/", "_"),
  "in capitals": (secret) => secret.toUpperCase(),
  "cut at its end": (secret) => secret.slice(0, 12),
  "cut at its beginning": (secret) => secret.slice(-12),
  "with what cannot be seen between": (secret) => [...secret].join("\u200b"),
  "in Base64": (secret) => Buffer.from(secret).toString("base64"),
  "in Base64, behind a name": (secret) => Buffer.from(`user:${secret}`).toString("base64"),
  "in hexadecimal": (secret) => Buffer.from(secret).toString("hex"),
};

describe.each(Object.entries({ ...sample, signature }))("%s is hidden", (_, secret) => {
  test.each(Object.entries(writings))("%s", (_, write) => {
    const written = write(secret);
    const shown = hide(`before <${written}> behind`);
    expect(shown).toMatch(/^before <.{0,9}\[hidden\].{0,9}> behind$/);
    // Of what is left, no piece is long enough to be of use.
    for (let i = 0; i + 8 <= written.length; i++) expect(shown).not.toContain(written.slice(i, i + 8));
  });
});

test("what is no piece of a credential is left as it is, with its escapes", () => {
  const text = "a%2Fb &amp; c\\n \\u0041 https://example.com/hook?x=%41 whc_2K9mPxR7N4jL8hS6TdWfY3\n  - 🪝";
  expect(hide(text)).toBe(text);
});

test("a token with backslashes is hidden however often they are escaped", () => {
  const token = 'a\\bc\\\\def\\"ghijk\\u00e9lmn';
  for (let [text, i] = [token, 0]; i < 4; i++, text = JSON.stringify(text))
    expect(hider([token])(text)).toMatch(/^[\\"]*\[hidden\][\\"]*$/);
});

test("many escapes take no time", () => {
  for (const unit of ["\\", "&amp;", "%25", "\u200b", "&#0;"]) {
    const startedAt = performance.now();
    hide(unit.repeat(100_000));
    expect(performance.now() - startedAt, unit).toBeLessThan(3_000);
  }
});

test("two credentials in one text are hidden each for itself", () => {
  expect(hide(`${sample.apiKey} and ${sample.authToken}`)).toBe("[hidden] and [hidden]");
});

test("a text of a server becomes one line without controls", () => {
  expect(oneLine("a\n::error::b\r\t\u001b[31mred\u009b\u2028\u202ex\u200b\ud800")).toBe(
    "a\\n::error::b\\r\\t\\u{1b}[31mred\\u{9b}\\u{2028}\\u{202e}x\\u{200b}\\u{d800}",
  );
  expect(oneLine("é 漢 🪝")).toBe("é 漢 🪝");
});

test("a long text is cut, and never in the middle of a character", () => {
  expect(oneLine("🪝".repeat(300), 200)).toBe(`${"🪝".repeat(200)}…`);
  expect(oneLine("x".repeat(200), 200)).toBe("x".repeat(200));
});

test.each([
  ["https://u:hunter2@example.com/@me", "https://…@example.com/@me"],
  ["https://hunter2@example.com", "https://…@example.com"],
  ["https://example.com/@me?to=a@b#c@d", "https://example.com/@me?to=a@b#c@d"],
  ["https:\\/\\u:hunter2@example.com", "https:\\/\\…@example.com"],
  ["https://\tu:hunter2@example.com", "https://…@example.com"],
])("the URL %j is shown as %j, alone and in a message", (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
  if (!/\s/.test(url))
    expect(withoutControls(`cannot create ${url}\n  x`)).toBe(`cannot create ${shown}\n  x`);
});

test("a message keeps its lines and nothing else that a terminal acts on", () => {
  expect(withoutControls("a\n  b\u001b]0;x\u0007\u202e")).toBe("a\n  b\\u{1b}]0;x\\u{7}\\u{202e}");
});

test("no line is a command to a pipeline", () => {
  for (const shown of [noCommand, withoutControls]) {
    expect(shown("::error::x\n  ::set-output name=a::b\na::b : ::c")).toBe(
      "\\u{3a}:error::x\n  \\u{3a}:set-output name=a::b\na::b : ::c",
    );
    expect(shown("a ##[error]b ##vso[task] ###[c] ## [d]")).toBe(
      "a #\\u{23}[error]b #\\u{23}vso[task] ##\\u{23}[c] ## [d]",
    );
  }
  expect(oneLine("::error::a ##[error]b")).toBe("\\u{3a}:error::a #\\u{23}[error]b");
});
