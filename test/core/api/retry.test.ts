import { expect, test } from "vitest";
import type { Failure } from "../../../provider/src/core/api/errors.js";
import { backoff, decide, retryAfterMs } from "../../../provider/src/core/api/retry.js";

const unreadable = (status: number): Failure => ({
  kind: "unreadable",
  status,
  contentType: "text/html",
  excerpt: "",
});
const refused = (code: string): Failure => ({
  kind: "refused",
  status: 400,
  errors: [{ code, message: "", details: [] }],
});

/** What follows, for list and get / for delete / for create and update. */
const table: readonly [string, Failure, string, string, string][] = [
  ["BAD_REQUEST", refused("BAD_REQUEST"), "fail", "fail", "fail"],
  ["ENTITY_NOT_FOUND", refused("ENTITY_NOT_FOUND"), "fail", "fail", "fail"],
  ["SYSTEM_RULE_VIOLATION", refused("SYSTEM_RULE_VIOLATION"), "fail", "fail", "fail"],
  ["AUTH_SIGNATURE_MISMATCH", refused("AUTH_SIGNATURE_MISMATCH"), "fail", "fail", "fail"],
  ["no connection", { kind: "unreachable", reason: "", permanent: false }, "retry", "retry", "retry"],
  ["a bad certificate", { kind: "unreachable", reason: "", permanent: true }, "fail", "fail", "fail"],
  ["no answer", { kind: "unanswered", reason: "" }, "retry", "retry", "settle"],
  ["a cut answer", unreadable(200), "retry", "retry", "settle"],
  ["408", unreadable(408), "retry", "retry", "settle"],
  ["429", unreadable(429), "retry", "retry", "retry"],
  ["500", unreadable(500), "retry", "retry", "settle"],
  ["502", unreadable(502), "retry", "retry", "settle"],
  ["503", unreadable(503), "retry", "retry", "settle"],
  ["504", unreadable(504), "retry", "retry", "settle"],
  ["a bare 404", unreadable(404), "fail", "fail", "confirm"],
  ["a bare 401", unreadable(401), "fail", "fail", "confirm"],
  ["a bare 403", unreadable(403), "fail", "fail", "confirm"],
  ["413", unreadable(413), "fail", "fail", "confirm"],
  ["415", unreadable(415), "fail", "fail", "confirm"],
];

test.each(table)("after %s", (_, failure, read, remove, write) => {
  expect(decide("webhook.config.list", failure).next).toBe(read);
  expect(decide("webhook.config.get", failure).next).toBe(read);
  expect(decide("webhook.config.delete", failure).next).toBe(remove);
  expect(decide("webhook.config.create", failure).next).toBe(write);
  expect(decide("webhook.config.update", failure).next).toBe(write);
  expect(decide("webhook.key.get", failure).next).toBe(read);
  expect(decide("webhook.key.activate", failure).next).toBe(write);
  // A key more does no harm, so a create is repeated like a delete.
  expect(decide("webhook.key.create", failure).next).toBe(remove);
  expect(decide("webhook.key.create", failure).mayHaveActed).toBe(["settle", "confirm"].includes(write));
  // A row that sends a write back to look at the account is one where the write may have happened, and no other.
  expect(decide("webhook.config.create", failure).mayHaveActed).toBe(["settle", "confirm"].includes(write));
  expect(decide("webhook.config.list", failure).mayHaveActed).toBe(false);
  expect(decide("webhook.config.list", failure).because).not.toBe("");
});

test("backs off with full jitter, doubling up to a cap", () => {
  const most = (attempt: number) => backoff(attempt, () => 0.999_999);
  expect([1, 2, 3, 4, 5, 6, 30].map((attempt) => Math.round(most(attempt)))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000,
  ]);
  expect(backoff(5, () => 0)).toBe(0);
});

// Away from Greenwich, so that a date without a zone tells whether it is read as RFC 9110 has it.
process.env["TZ"] = "Asia/Tokyo";
const now = Date.parse("2026-01-01T00:00:00Z");
test.each([
  ["0", undefined],
  ["2", 2_000],
  [" 120 ", 120_000],
  ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
  ["Thursday, 01-Jan-26 00:00:30 GMT", 30_000],
  ["Thu Jan  1 00:00:30 2026", 30_000],
  ["Thu, 01 Jan 2020 00:00:30 GMT", undefined],
  ["-1", undefined],
  ["1.5", undefined],
  ["soon", undefined],
  ["", undefined],
  ["2026", 2_026_000],
  ["99999999999999", undefined],
  ["2026-01-01", undefined],
  [undefined, undefined],
])("Retry-After %j means %j ms", (header, expected) => {
  expect(retryAfterMs(header, now)).toBe(expected);
});
