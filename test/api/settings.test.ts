import { inspect } from "node:util";
import { expect, test } from "vitest";
import { resolveSettings } from "../../provider/src/api/settings.js";

const stack: Record<string, string> = {
  accountId: "lv_stack",
  apiKey: `sb_${"a".repeat(22)}`,
  secretKey: "A".repeat(44),
  authToken: "token-of-the-stack",
};
const environment = {
  KOMPLIANT_ACCOUNT_ID: "lv_environment",
  KOMPLIANT_API_KEY: `lv_${"b".repeat(22)}`,
  KOMPLIANT_SECRET_KEY: "B".repeat(44),
  KOMPLIANT_AUTH_TOKEN: "token-of-the-environment",
};
const reader = (values: Record<string, string>) => (key: string) => values[key];

function settings(values: Record<string, string>, env: Record<string, string> = {}) {
  const resolved = resolveSettings(reader(values), env);
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  return resolved.settings;
}
function problems(values: Record<string, string>, env: Record<string, string> = {}): readonly string[] {
  const resolved = resolveSettings(reader(values), env);
  return resolved.ok ? [] : resolved.problems;
}

test("takes the credentials from the environment when it has all three, other settings from the stack first", () => {
  const { credentialSource, authentication, accountId } = settings(stack, environment);
  expect(credentialSource).toBe("the environment");
  expect(authentication()["x-api-key"]).toBe(environment.KOMPLIANT_API_KEY);
  expect(accountId).toBe("lv_stack");
});

test("never mixes credentials: two of three in the environment do not count", () => {
  const { KOMPLIANT_AUTH_TOKEN: _, ...two } = environment;
  const { credentialSource, authentication } = settings(stack, two);
  expect(credentialSource).toBe("the stack config");
  expect(authentication()["x-api-key"]).toBe(stack["apiKey"]);
});

test("an explicit provider's own credentials go before the environment's", () => {
  const { credentialSource, authentication } = settings({ ...stack, provider: "eu" }, environment);
  expect(credentialSource).toBe('the provider "eu"');
  expect(authentication()["x-api-key"]).toBe(stack["apiKey"]);
});

test("has the documented defaults", () => {
  const { authentication: _, ...rest } = settings(stack);
  expect(rest).toEqual({
    accountId: "lv_stack",
    baseUrl: "https://api.kompliant.com",
    apiVersion: "2025-03-24",
    requestTimeoutMs: 30_000,
    operationTimeoutMs: 120_000,
    maxConcurrentCalls: 5,
    credentialSource: "the stack config",
  });
});

test("lists everything that is wrong at once, with the command that mends it, and shows no credential", () => {
  const found = problems({
    apiKey: "sb_tooshort-secret",
    secretKey: "not-base64-secret",
    baseUrl: "http://api.example.com",
    apiVersion: "yesterday",
    requestTimeoutSeconds: "-1",
    operationTimeoutSeconds: "soon",
    maxConcurrentCalls: "0",
  });
  expect(found).toHaveLength(8);
  const text = found.join("\n");
  for (const key of ["apiKey", "secretKey", "authToken"])
    expect(text).toContain(`pulumi config set --secret kompliant:${key}`);
  expect(text).toContain("pulumi config set kompliant:baseUrl");
  expect(text).not.toContain("tooshort");
  expect(text).not.toContain("not-base64");
});

test.each([
  ["https://api.example.com", true],
  ["https://proxy.example.com/kompliant/", true],
  ["http://127.0.0.1:8080", true],
  ["http://localhost:8080", true],
  ["http://[::1]:8080", true],
  ["http://127.0.0.1.example.com", false],
  ["http://10.0.0.1", false],
  ["https://user:hunter2@api.example.com", false],
  ["ftp://api.example.com", false],
  ["api.example.com", false],
])("base URL %s is usable: %s", (baseUrl, usable) => {
  const found = problems({ ...stack, baseUrl });
  expect(found.length === 0).toBe(usable);
  expect(found.join()).not.toContain("hunter2");
});

test("credentials show in no inspection and no serialization", () => {
  const shown = inspect(settings(stack), { depth: 9, showHidden: true }) + JSON.stringify(settings(stack));
  for (const key of ["apiKey", "secretKey", "authToken"]) expect(shown).not.toContain(stack[key]);
});
