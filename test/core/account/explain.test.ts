import { expect, test } from "vitest";
import { AccountConflict } from "../../../provider/src/core/account/conflicts.js";
import { type Context, explain } from "../../../provider/src/core/account/explain.js";
import { type ApiError, type Failure, KompliantError } from "../../../provider/src/core/api/errors.js";
import { startOperation } from "../../../provider/src/core/api/operation.js";
import { systemRuntime } from "../../../provider/src/core/api/runtime.js";

const baseUrl = "https://api.example.com/somewhere";
const context: Context = {
  op: startOperation(systemRuntime, systemRuntime, "lv_1", "delete whc_1", 1_000),
  settings: {
    accountId: "lv_1",
    baseUrl,
    apiVersion: "2025-03-24",
    requestTimeoutMs: 1_000,
    operationTimeoutMs: 1_000,
    maxConcurrentCalls: 5,
    credentialSource: "the stack config",
    authentication: () => ({}),
    hide: (text) => text,
  },
  active: undefined,
  now: 0,
};
const said = (failure: Failure) =>
  explain(
    new KompliantError({ method: "webhook.config.delete", accountId: "lv_1" }, failure, baseUrl),
    context,
  );
const error = (code: string, message: string, more: Partial<ApiError> = {}): ApiError => ({
  code,
  message,
  details: [],
  ...more,
});
const refused = (...errors: [ApiError, ...ApiError[]]): Failure => ({
  kind: "refused",
  status: 400,
  errors,
  traceId: "trc_1",
});

test("every error of a refusal is shown, with its details", () => {
  const details = (field: string) => ({ details: [{ field, message: "no good" }] });
  const text = said(
    refused(
      error("SYSTEM_RULE_VIOLATION", "first", { subCode: "NEW_RULE", ...details("config.url") }),
      error("ACCOUNT_CONFIGURATION_VIOLATION", "second", details("account_id")),
    ),
  );
  expect(text.split("\n").slice(0, 2)).toEqual([
    "cannot delete whc_1 in account lv_1: SYSTEM_RULE_VIOLATION / NEW_RULE: first; config.url: no good",
    "  ACCOUNT_CONFIGURATION_VIOLATION: second; account_id: no good",
  ]);
});

test.each(["ACCOUNT_CONFIGURATION_VIOLATION", "SYSTEM_RULE_VIOLATION", "NEVER_HEARD_OF"])(
  "a refusal with %s says what to do next",
  (code) => {
    const text = said(refused(error(code, "no")));
    expect(text).toContain("\n  Correct what these words name. ");
    expect(text).toContain("ask Kompliant's support, and quote the trace id.");
    expect(text).toContain("trace id: trc_1");
  },
);

test("a bad request names the base URL too: a wrong path in it is answered so", () => {
  expect(said(refused(error("BAD_REQUEST", "no")))).toContain(`now ${baseUrl}) is answered so too.`);
});

test.each([408, 429, 503])("a %d in the API's words shows them, and says to come back", (status) => {
  const text = said({
    kind: "unreadable",
    status,
    contentType: "application/json",
    excerpt: "{",
    errors: [error("TOO_BUSY", "wait", { subCode: "NIGHT" }), error("SLOW", "really")],
  });
  expect(text.split("\n").slice(0, 2)).toEqual([
    `cannot delete whc_1 in account lv_1: ${baseUrl} answered with HTTP ${status}: TOO_BUSY / NIGHT: wait; SLOW: really`,
    "  Nothing is wrong with the program: run the same command again later.",
  ]);
});

test("who waits for another resource cannot trade places with it, and is told so", () => {
  const url = "https://example.com/a";
  const taken = new AccountConflict({ kind: "url-taken", url, holder: "whc_2", parallel: 7 }, "lv_1");
  expect(explain(taken, context)).toMatch(/`pulumi up --parallel 7`.*no `dependsOn` between the two/);
});

test("who is refused a URL is told first that another stack may manage the endpoint that has it", () => {
  const url = "https://example.com/a";
  const taken = new AccountConflict({ kind: "url-taken", url, holder: "whc_2", parallel: 7 }, "lv_1");
  expect(explain(taken, context)).toMatch(
    /another stack manages it: let that stack give it up first\..*\n.*nothing else manages it: take it over with the option `import: "whc_2"`/,
  );
});
