import fc from "fast-check";
import type { Credentials } from "../../provider/src/emulator/rules.js";
import type { Change, Reaction, Turn } from "./hostileServer.js";

const alphanumeric = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"];

/** Credentials of every form that the settings take. */
export const anyCredentials: fc.Arbitrary<Credentials> = fc.record({
  apiKey: fc
    .string({ unit: fc.constantFrom(...alphanumeric), minLength: 22, maxLength: 22 })
    .map((key) => `sb_${key}`),
  secretKey: fc
    .uint8Array({ minLength: 33, maxLength: 33 })
    .map((key) => Buffer.from(key).toString("base64")),
  authToken: fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 16,
    maxLength: 60,
  }),
});

const hex = (code: number, width = 2) => code.toString(16).padStart(width, "0");

/** How servers, pages and serializers write a character that they have been sent. */
const writings: readonly ((character: string, code: number) => string)[] = [
  (character) => character,
  (character) => character.toUpperCase(),
  encodeURIComponent,
  (_, code) => `%${hex(code)}`,
  (_, code) => `%25${hex(code).toUpperCase()}`,
  (_, code) => `&#${code};`,
  (_, code) => `&#x${hex(code)};`,
  (_, code) => `&amp;#${code};`,
  (_, code) => `\\u${hex(code, 4)}`,
  (_, code) => `\\\\u${hex(code, 4)}`,
  (_, code) => `\\x${hex(code)}`,
  (character) => `${character}\u200b`,
  (character) => `${character}\n`,
  (character) => JSON.stringify(character).slice(1, -1),
];

/** A secret that comes back: whole or a piece, in one writing or another. */
function echo(secrets: readonly string[]): fc.Arbitrary<string> {
  const piece = fc
    .record({
      secret: fc.constantFrom(...secrets),
      from: fc.nat(20),
      length: fc.integer({ min: 8, max: 80 }),
    })
    .map(({ secret, from, length }) => (length > 40 ? secret : secret.slice(from, from + length)));
  return fc.oneof(
    fc
      .record({ piece, write: fc.constantFrom(...writings) })
      .map(({ piece, write }) => [...piece].map((each) => write(each, each.charCodeAt(0))).join("")),
    fc
      .record({ piece: fc.constantFrom(...secrets), before: fc.constantFrom("", "a", "ab") })
      .map(({ piece, before }) => Buffer.from(`${before}${piece}`).toString("base64")),
    piece.map((each) => Buffer.from(each).toString("base64url")),
    piece.map((each) => Buffer.from(each).toString("hex")),
  );
}

const forgeries = [
  "\n::error::forged",
  "::warning file=index.ts::forged",
  "a ##[error]forged",
  "##vso[task.setvariable variable=x]forged",
  "\u001b[2J\u001b]0;forged\u0007",
  "\u202egnirts\u2066",
  "\u2028::error::forged",
  "\r\n\r\nforged\u0000\u0085\u009b31m",
  "`|</td>[forged](https://example.com)",
  '"); require("node:fs");//',
  "\ud800",
] as const;

/** What stands in a place where words are expected. */
export function words(secrets: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    fc
      .array(
        fc.oneof(fc.constantFrom(...forgeries), echo(secrets), fc.string({ unit: "binary", maxLength: 9 })),
        {
          minLength: 1,
          maxLength: 3,
        },
      )
      .map((parts) => parts.join(" ")),
    fc.constantFrom(...forgeries),
    echo(secrets),
    fc.constantFrom("", " ", "x".repeat(9_000)),
  );
}

/** True answers with something else in one place, or in a few. */
function changes(secrets: readonly string[]): fc.Arbitrary<readonly Change[]> {
  const text = words(secrets);
  const wrong = fc.constantFrom<unknown>(null, 5, true, "x", [], {}, [null], [[]]);
  const error = fc.record(
    {
      code: fc.oneof(
        fc.constantFrom<unknown>(500, "", "BAD_REQUEST", "ENTITY_NOT_FOUND", "AUTH_INVALID_API_KEY"),
        text,
      ),
      sub_code: fc.oneof(fc.constantFrom("URL_ALREADY_EXISTS", "MAX_WEBHOOK_URL_LIMIT"), text),
      message: fc.oneof(text, wrong),
      details: fc.oneof(wrong, fc.array(fc.record({ field: text, message: text }), { maxLength: 2 })),
    },
    { requiredKeys: [] },
  );
  const id = fc.oneof(
    fc.constantFrom<unknown>(
      'whc_1\nrequire("node:fs")',
      "whc_",
      "whc_a b",
      "WHC_1",
      "whc_\u0661",
      "whc_1\n",
      7,
      "whc_forged",
    ),
    text.map((each) => `whc_${each}`),
  );
  const url = fc.oneof(
    text.map((each) => `https://example.com/${each}`),
    text,
    wrong,
  );
  const time = fc.oneof(
    fc.constantFrom<unknown>("garbage", "+275761-01-01", "9999-99-99T99:99:99Z", 0),
    text,
  );
  const sign = fc.constantFrom<readonly [string, unknown]>(
    ["has_more", true],
    ["has_more", false],
    ["hasMore", "true"],
    ["next_cursor", "b3BhcXVl"],
    ["next_cursor", null],
    ["nextPageToken", "b3BhcXVl"],
    ["next", { page: 2 }],
    ["next_page_url", "https://example.com/2"],
    ["page_info", { has_next_page: true }],
    ["continuation_token", "b3BhcXVl"],
    ["pagination", { cursor: "b3BhcXVl" }],
    ["total", 25],
    ["total_count", 0],
    ["paging", { total_pages: 2 }],
    ["truncated", true],
  );
  const item = (key: string) => fc.nat(2).map((i) => `data.configs.${i}${key}`);
  const change = fc.oneof(
    {
      weight: 3,
      arbitrary: set(
        "meta.status",
        fc.oneof(fc.constantFrom<unknown>("ERROR", "PARTIAL", "success"), text, wrong),
      ),
    },
    {
      weight: 3,
      arbitrary: set("errors", fc.oneof(wrong, fc.array(error, { minLength: 1, maxLength: 3 }), error)),
    },
    { weight: 3, arbitrary: set("data", wrong) },
    { weight: 4, arbitrary: set("data.configs", wrong) },
    { weight: 1, arbitrary: set("meta", wrong) },
    { weight: 1, arbitrary: set("meta.trace_id", fc.oneof(text, wrong)) },
    {
      weight: 2,
      arbitrary: set(
        "meta.warnings",
        fc.oneof(wrong, fc.array(fc.record({ code: text, message: text }), { maxLength: 3 })),
      ),
    },
    { weight: 2, arbitrary: set("data.config_id", id) },
    { weight: 3, arbitrary: setAt(item(".config_id"), id) },
    { weight: 3, arbitrary: setAt(item(".url"), url) },
    { weight: 1, arbitrary: setAt(fc.oneof(item(".created_at"), item(".updated_at")), time) },
    {
      weight: 4,
      arbitrary: fc.record({
        at: item(""),
        how: fc.constantFrom("remove" as const, "remove" as const, "repeat" as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Change>({ at: "meta", how: "remove" }, { at: "data", how: "remove" }),
    },
    {
      weight: 4,
      arbitrary: fc
        .record({ sign, holder: fc.constantFrom("", "data.", "meta.") })
        .map(({ sign: [key, to], holder }): Change => ({ at: `${holder}${key}`, how: "set", to })),
    },
  );
  return fc.array(change, { maxLength: 3 });
}

function set(at: string, to: fc.Arbitrary<unknown>): fc.Arbitrary<Change> {
  return to.map((value) => ({ at, how: "set", to: value }));
}

function setAt(at: fc.Arbitrary<string>, to: fc.Arbitrary<unknown>): fc.Arbitrary<Change> {
  return fc.record({ at, to }).map((change) => ({ ...change, how: "set" }));
}

const status = fc.oneof(
  fc.constantFrom(200, 204, 302, 400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504),
  fc.integer({ min: 200, max: 599 }),
);

/** All that a server may do with one call. */
function anyTurn(secrets: readonly string[]): fc.Arbitrary<Turn> {
  const text = words(secrets);
  // HTTP itself forbids the rest.
  const header = text.map((each) => each.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, " ").slice(0, 8_000));
  const headers = fc.record(
    {
      "content-type": fc.oneof(fc.constantFrom("text/html", "text/html; charset=utf-8"), header),
      "retry-after": fc.oneof(
        fc.constantFrom("0", "1", "999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "-1", "1e9"),
        header,
      ),
      "x-request-id": header,
    },
    { requiredKeys: [] },
  );
  const answer = (
    body: fc.Arbitrary<string | readonly Change[]>,
    at: fc.Arbitrary<number>,
    cut?: fc.Arbitrary<number>,
  ) =>
    fc.record({
      kind: fc.constant("answer" as const),
      status: at,
      headers,
      body,
      cut: cut ?? fc.constant(undefined),
    });
  const reaction: fc.Arbitrary<Reaction> = fc.oneof(
    { weight: 12, arbitrary: answer(changes(secrets), fc.constant(200)) },
    { weight: 6, arbitrary: answer(changes(secrets), status) },
    { weight: 2, arbitrary: answer(fc.json(), fc.oneof(fc.constant(200), status)) },
    {
      weight: 2,
      arbitrary: answer(
        text.map((each) => `<html>${each}</html>`),
        status,
      ),
    },
    { weight: 1, arbitrary: answer(text, status) },
    { weight: 2, arbitrary: answer(changes(secrets), fc.constant(200), fc.nat(300)) },
    { weight: 1, arbitrary: text.map((bytes): Reaction => ({ kind: "raw", bytes })) },
    {
      weight: 3,
      arbitrary: fc.constantFrom<Reaction>({ kind: "close" }, { kind: "reset" }, { kind: "never" }),
    },
  );
  return fc.record({ commits: fc.boolean(), reaction });
}

/** What becomes of the calls of one run, one after another; undefined for the truth. */
export function anyTurns(secrets: readonly string[]): fc.Arbitrary<readonly (Turn | undefined)[]> {
  return fc.array(fc.option(anyTurn(secrets), { nil: undefined, freq: 4 }), { minLength: 1, maxLength: 5 });
}
