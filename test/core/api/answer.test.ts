import { describe, expect, test } from "vitest";
import { interpret, type Reply } from "../../../provider/src/core/api/answer.js";
import type { Method } from "../../../provider/src/core/api/method.js";

const said = (method: Method, body: unknown, reply: Partial<Reply> = {}) =>
  interpret(
    method,
    {
      status: 200,
      contentType: "application/json",
      retryAfter: undefined,
      text: typeof body === "string" ? body : JSON.stringify(body),
      isWhole: true,
      ...reply,
    },
    (text) => text,
  );

const meta = { status: "SUCCESS", trace_id: "trc_1", version: "2025-03-24" };
const TIME = "2025-10-21T15:42:33.109Z";
const one = { config_id: "whc_1", url: "https://a.example", created_at: TIME };
const error = { code: "BAD_REQUEST", message: "no" };
const datas: readonly (readonly [Method, object])[] = [
  ["webhook.config.create", { config_id: "whc_1" }],
  ["webhook.config.get", one],
  ["webhook.config.list", { configs: [one] }],
  ["webhook.config.list", { configs: [] }],
  ["webhook.config.update", {}],
  ["webhook.config.delete", {}],
  ["webhook.key.create", { key_id: "whk_20260101_01", shared_secret: "c2VjcmV0", created_at: TIME }],
  ["webhook.key.activate", { key_id: "whk_20260101_01", status: "ACTIVE", activated_at: TIME }],
  ["webhook.key.get", { key_id: "whk_20260101_01", status: "INACTIVE", created_at: TIME }],
  ["webhook.key.get", { key_id: "whk_20260101_01", status: "ACTIVE", created_at: TIME, activated_at: TIME }],
];

describe.each(datas)("%s %j", (method, data) => {
  test.each([
    ["as documented", { meta, data }],
    ["without meta", { data }],
    ["with a meta that is null", { meta: null, data }],
    ["with no errors in its list of them", { meta, data, errors: [] }],
    ["with errors that are null", { meta, data, errors: null }],
    [
      "with fields that nobody knows yet",
      { meta: { ...meta, more_info: "x" }, data: { ...data, region: "eu" }, x: 1 },
    ],
    [
      "that says once more that it is one",
      { meta, data, success: true, status: "ok", code: 200, error: null },
    ],
    ["with warnings that cannot be read", { meta: { ...meta, warnings: [5] }, data }],
    ["with a trace id that is none", { meta: { ...meta, trace_id: 5 }, data }],
  ])("is believed %s", (_, body) => {
    expect(said(method, body)).toEqual({ ok: true, data, warnings: [] });
  });

  test.each<readonly [string, unknown]>([
    ["errors beside it", { meta, data, errors: [error] }],
    ["errors without a readable code", { data, errors: [{ code: 500, message: "internal" }] }],
    ["an error without a message", { data, errors: [{ code: "INTERNAL", message: null }] }],
    ["an error that is null", { data, errors: [null] }],
    ["errors that are an object", { data, errors: { code: "INTERNAL", message: "no" } }],
    ["errors that are an empty object", { data, errors: {} }],
    ["errors that are a text", { data, errors: "internal" }],
    ["errors that are true", { data, errors: true }],
    ["the status of an error", { meta: { status: "ERROR" }, data }],
    ["another status", { meta: { status: "PARTIAL" }, data }],
    ["a status in other letters", { meta: { status: "success" }, data }],
    ["a status that is no text", { meta: { status: 200 }, data }],
    ["a status that is null", { meta: { status: null }, data }],
    ["an error at its side", { meta, data, error: { code: "INTERNAL" } }],
    ["an error in words at its side", { data, error: "internal" }],
    ["errors in its data", { meta, data: { ...data, errors: [error] } }],
    ["errors in its meta", { meta: { ...meta, errors: [error] }, data }],
    ["no success", { meta, data, success: false }],
    ["a status of its own", { data, status: "ERROR" }],
    ["a code of its own", { data, code: 500 }],
    ["names in other letters", { Meta: { Status: "ERROR" }, data }],
    ["a meta that is a text", { meta: "ERROR", data }],
    ["a meta that is a list", { meta: [], data }],
    ["no data", { meta }],
    ["data that is null", { meta, data: null }],
    ["data that is a list", { meta, data: [data] }],
    ["itself in a list", [{ meta, data }]],
    ["itself as a text", JSON.stringify(JSON.stringify({ meta, data }))],
    ["nothing", ""],
    ["half of it", JSON.stringify({ meta, data }).slice(0, -1)],
    ["something behind it", `${JSON.stringify({ meta, data })}}`],
  ])("is not believed with %s", (_, body) => {
    expect(said(method, body)).toMatchObject({ ok: false, failure: { kind: "unreadable", status: 200 } });
  });

  test.each([201, 202, 203, 204, 206, 226, 302, 400, 404, 409, 429, 500, 503])(
    "is not believed with HTTP %d",
    (status) => {
      expect(said(method, { meta, data }, { status })).toMatchObject({
        ok: false,
        failure: { kind: "unreadable", status },
      });
    },
  );

  test("is not believed if its body goes on beyond what is read", () => {
    expect(said(method, { meta, data }, { isWhole: false })).toMatchObject({
      ok: false,
      failure: { kind: "unreadable" },
    });
  });
});

test.each([
  ["HTTP 200", 200, { errors: [error] }],
  ["the status of a success", 400, { meta, errors: [error] }],
  ["HTTP 201", 201, { meta: { status: "ERROR" }, errors: [error] }],
  ["no errors", 404, { meta: { status: "ERROR" }, errors: [] }],
  ["no code", 404, { errors: [{ message: "no" }] }],
  ["an empty code", 404, { errors: [{ code: "", message: "no" }] }],
  ["errors that are an object", 404, { errors: { code: "ENTITY_NOT_FOUND", message: "no" } }],
  ["a second error that is none", 404, { errors: [error, null] }],
])("a refusal with %s is none", (_, status, body) => {
  expect(said("webhook.config.delete", body, { status })).toMatchObject({
    ok: false,
    failure: { kind: "unreadable", status },
  });
});

test("a refusal may have no message: its code decides", () => {
  const body = {
    meta: { status: "ERROR" },
    errors: [{ code: "ENTITY_NOT_FOUND", message: null, details: 5 }],
  };
  const errors = [{ code: "ENTITY_NOT_FOUND", message: "", details: [] }];
  expect(said("webhook.config.delete", body, { status: 404 })).toEqual({
    ok: false,
    failure: { kind: "refused", status: 404, errors },
  });
});

describe("a list that is only a part proves nothing absent", () => {
  const signs: readonly object[] = [
    { next_cursor: "b3BhcXVl" },
    { nextCursor: "b3BhcXVl" },
    { cursor: "b3BhcXVl" },
    { end_cursor: "b3BhcXVl" },
    { cursors: { after: "b3BhcXVl", next: "x" } },
    { has_more: true },
    { hasMore: "true" },
    { has_next: 1 },
    { hasNextPage: true },
    { more: true },
    { next: { page: 2 } },
    { next_page: 2 },
    { nextPageToken: "b3BhcXVl" },
    { next_page_url: "https://api.example/2" },
    { next_link: "https://api.example/2" },
    { nextToken: "b3BhcXVl" },
    { next_marker: "whc_1" },
    { next_offset: 20 },
    { continuation_token: "b3BhcXVl" },
    { truncated: true },
    { IsTruncated: true },
    { incomplete_results: true },
    { partial: true },
    { total: 2 },
    { total_count: "2" },
    { count: 2 },
    { total_pages: 2 },
    { page: 2 },
    { links: [{ rel: "self" }, { rel: "next", href: "https://api.example/2" }] },
  ];
  const places: readonly ((sign: object) => object)[] = [
    (sign) => ({ ...sign, data: { configs: [one] } }),
    (sign) => ({ meta: { ...meta, ...sign }, data: { configs: [one] } }),
    (sign) => ({ data: { configs: [one], ...sign } }),
    (sign) => ({ data: { configs: [one], paging: { list: sign } } }),
  ];
  test.each(signs)("%j", (sign) => {
    for (const place of places)
      expect(said("webhook.config.list", place(sign)), JSON.stringify(place(sign))).toMatchObject({
        ok: false,
        failure: { kind: "incomplete", status: 200 },
      });
  });

  test.each<object>([
    { next_cursor: null },
    { next_cursor: "" },
    { has_more: false },
    { has_more: "false" },
    { next: null },
    { total: 1 },
    { count: 0 },
    { page: 1, pages: 1, per_page: 50, limit: 50 },
    { links: [{ rel: "self" }] },
    { links: {} },
    { version: "2025-03-24", region: "eu" },
  ])("one that is whole says so too: %j", (sign) => {
    for (const place of places) expect(said("webhook.config.list", place(sign))).toMatchObject({ ok: true });
  });

  test("a field of a configuration is no sign of it", () => {
    expect(
      said("webhook.config.list", { data: { configs: [{ ...one, next: "x", total: 5 }] } }),
    ).toMatchObject({
      ok: true,
    });
  });
});

test.each([
  "",
  "1",
  "whc_",
  "WHC_1",
  "whc_1 ",
  " whc_1",
  "whc_a b",
  "whc_a-b",
  "whc_1\n",
  'whc_1\nrequire("node:fs")',
  "whc_$(id)",
  "whc_\u0661",
  "whc_\u202e1",
  `whc_${"a".repeat(101)}`,
  5,
  null,
])("%j is no id, wherever it stands", (config_id) => {
  const unreadable = { ok: false, failure: { kind: "unreadable" } };
  expect(said("webhook.config.create", { meta, data: { config_id } })).toMatchObject(unreadable);
  expect(said("webhook.config.get", { meta, data: { ...one, config_id } })).toMatchObject(unreadable);
  expect(
    said("webhook.config.list", { meta, data: { configs: [one, { ...one, config_id }] } }),
  ).toMatchObject(unreadable);
});

test.each([
  ["one that is listed twice", [one, { ...one, url: "https://b.example" }]],
  ["one without a URL", [{ ...one, url: undefined }]],
  ["a URL that is none", [{ ...one, url: 5 }]],
  ["no time", [{ ...one, created_at: null }]],
  ["null", [null]],
  ["more than any account has", Array.from({ length: 1_001 }, (_, i) => ({ ...one, config_id: `whc_${i}` }))],
  ["no list", {}],
])("a list with %s is not read in part", (_, configs) => {
  expect(said("webhook.config.list", { meta, data: { configs } })).toMatchObject({
    ok: false,
    failure: { kind: "unreadable" },
  });
});

test("what a server gives as data stays as it is", () => {
  const odd = { ...one, url: "https://a.example/?t=%0a\u202e::x", created_at: "garbage" };
  expect(said("webhook.config.list", { meta, data: { configs: [odd] } })).toEqual({
    ok: true,
    data: { configs: [odd] },
    warnings: [],
  });
});

test("what a server says is shown on one line, and not all of it", () => {
  const long = `\n::error::x\u001b[2J${"y".repeat(9_000)}`;
  const errors = Array.from({ length: 9 }, () => ({
    code: long,
    sub_code: long,
    message: long,
    details: Array.from({ length: 9 }, () => ({ field: long, message: long })),
  }));
  const warnings = Array.from({ length: 9 }, () => ({ code: long, message: long }));
  const refused = said("webhook.config.list", { meta: { trace_id: long }, errors }, { status: 400 });
  const warned = said("webhook.config.list", { meta: { warnings }, data: { configs: [] } });
  expect(refused).toMatchObject({
    ok: false,
    failure: { errors: { length: 5, 0: { details: { length: 5 } } } },
  });
  expect(warned).toMatchObject({ ok: true, warnings: { length: 5 } });
  for (const text of [refused, warned].map((each) => JSON.stringify(each))) {
    expect(text).not.toMatch(/(?<!\\)\\n|\\u001b/);
    expect(text.length).toBeLessThan(25_000);
  }
});

test("a list whose `Link` header leads to a next one is only a part", () => {
  const link = '<https://api.example.com/webhook.config.list?page=2>; rel="next"';
  const answer = said("webhook.config.list", { meta, data: { configs: [] } }, { link });
  expect(answer).toMatchObject({ ok: false, failure: { kind: "incomplete" } });
});
