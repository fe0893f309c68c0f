import { expect, test } from "vitest";
import { systemRuntime } from "../../provider/src/core/api/runtime.js";
import { checkAccount } from "../../provider/src/core/inputs.js";
import { alone } from "../../provider/src/core/peers.js";
import { createRun } from "../../provider/src/core/run.js";

const good: Record<string, string> = {
  accountId: "lv_1",
  apiKey: `sb_${"a".repeat(22)}`,
  secretKey: "A".repeat(44),
  authToken: "token-of-the-stack",
};

function check(config: Record<string, string>, given?: unknown, env: Record<string, string> = {}) {
  const run = createRun(systemRuntime, env, { get: (key) => config[key] }, () => alone);
  const { accountId, failures } = checkAccount(run, given);
  const lines = failures.flatMap(({ property, reason }) =>
    property === "" ? reason.split("\n").slice(1) : [`${property}: ${reason}`],
  );
  return { accountId, lines };
}

const { accountId: _, ...noAccount } = good;

test.each([
  ["a malformed setting", { ...good, apiVersion: "yesterday" }, {}, "kompliant:apiVersion"],
  ["a missing credential", { ...good, apiKey: "" }, {}, "kompliant:apiKey"],
  [
    "an account that the environment names",
    { ...noAccount, apiVersion: "yesterday" },
    { KOMPLIANT_ACCOUNT_ID: "lv_1" },
    "kompliant:apiVersion",
  ],
])("%s does not make an account that is named a missing one", (_, config, env, about) => {
  const { accountId, lines } = check(config, undefined, env);
  expect(accountId).toBe("lv_1");
  expect(lines).toEqual([expect.stringContaining(about)]);
});

test("an account's id that is malformed is said to be so once, and not to be missing", () => {
  const { lines } = check({ ...good, accountId: "a b" });
  expect(lines).toEqual([expect.stringContaining('is "a b": it must be an account\'s id')]);
});

test("an account's id that is empty is said to be so once, and not to be missing", () => {
  const { lines } = check({ ...good, accountId: "" }, undefined, { KOMPLIANT_ACCOUNT_ID: "lv_1" });
  expect(lines).toEqual([expect.stringContaining("kompliant:accountId of the stack config is empty")]);
});

test("what is missing is said to be", () => {
  expect(check(noAccount).lines).toEqual([expect.stringContaining("kompliant:accountId is missing")]);
  expect(check({}).lines).toHaveLength(4);
});

test("a resource's own account is looked at beside the settings", () => {
  expect(check(noAccount, "lv_2")).toEqual({ accountId: "lv_2", lines: [] });
  expect(check(good, "a b").lines).toEqual([
    expect.stringMatching(/^accountId: "a b" is not an account's id: it must be /),
  ]);
});
