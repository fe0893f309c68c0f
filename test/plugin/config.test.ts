import { describe, expect, test } from "vitest";
import { resolveSettings } from "../../provider/src/core/api/settings.js";
import { UNKNOWN } from "../../provider/src/core/call.js";
import { configFailures } from "../../provider/src/shells/plugin/config.js";
import { pluginConfig } from "../../provider/src/shells/pluginState.js";
import { sample } from "../support/printed.js";

const { apiKey, secretKey, authToken } = sample;
const env = { KOMPLIANT_API_KEY: apiKey, KOMPLIANT_SECRET_KEY: secretKey, KOMPLIANT_AUTH_TOKEN: authToken };
const own = { ...sample };

function problemsOf(given: object, name: string, variables: NodeJS.ProcessEnv): string {
  return configFailures({ ...given }, name, variables)
    .map(({ property, reason }) => `${property}: ${reason}`)
    .join("\n");
}

function settingsOf(given: object, name: string, variables: NodeJS.ProcessEnv) {
  const resolved = resolveSettings(pluginConfig({ ...given }, name, variables), variables);
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  return resolved.settings;
}

describe("the credentials come from", () => {
  test.each<[string, object, string, NodeJS.ProcessEnv, string]>([
    ["an explicit provider, although the environment has them", own, "eu", env, 'the provider "eu"'],
    ["the environment, for an explicit provider with none of its own", {}, "eu", env, "the environment"],
    ["the environment, before the stack config", own, "default_0_1_0", env, "the environment"],
    ["the stack config", own, "default_0_1_0", {}, "the stack config"],
    ["the stack config, of a provider without a version", own, "default", {}, "the stack config"],
    [
      "the stack config, of a version that is no release",
      own,
      "default_1_2_3-alpha.1+x",
      {},
      "the stack config",
    ],
    [
      "an explicit provider whose name only looks like it",
      own,
      "default_eu",
      {},
      'the provider "default_eu"',
    ],
  ])("%s", (_, given, name, variables, source) => {
    expect(settingsOf(given, name, variables).credentialSource).toBe(source);
  });
});

test.each<[string, object, NodeJS.ProcessEnv, readonly string[]]>([
  [
    "part of its own are not completed from the environment",
    { apiKey },
    env,
    ["secretKey is missing", "authToken is missing", 'in the provider "eu"'],
  ],
  [
    "none anywhere",
    {},
    { KOMPLIANT_API_KEY: apiKey },
    ['apiKey is missing in the provider "eu"', 'pass `apiKey` to the provider "eu"'],
  ],
  [
    "all that is wrong is one list",
    { ...own, authToken: "", accountId: "a b", baseUrl: "http://example.com", operationTimeoutSeconds: -1 },
    {},
    [
      'kompliant:authToken is empty in the provider "eu"',
      'kompliant:accountId of the provider "eu" is "a b"',
      'kompliant:baseUrl of the provider "eu" is "http://example.com"',
      'kompliant:operationTimeoutSeconds of the provider "eu" is "-1"',
      'correct `operationTimeoutSeconds` in the provider "eu"',
    ],
  ],
])("a provider that cannot work says what is wrong, with its name: %s", (_, given, variables, said) => {
  const problem = problemsOf(given, "eu", variables);
  expect(problem).toMatch(/^: the Kompliant provider is not configured:\n {2}- /);
  for (const part of said) expect(problem).toContain(part);
});

test("a provider with the environment's credentials is told of its own settings, and of no stack config", () => {
  const problem = problemsOf({ accountId: "a b", baseUrl: "" }, "eu", env);
  expect(problem).toContain('kompliant:accountId of the provider "eu" is "a b"');
  expect(problem).toContain('kompliant:baseUrl of the provider "eu" is empty');
  expect(problem).toContain('correct `baseUrl` in the provider "eu", or leave it out');
  const empty = problemsOf({}, "eu", { ...env, KOMPLIANT_AUTH_TOKEN: "" });
  expect(empty).toContain('give it a value, or pass all three credentials to the provider "eu"');
  expect(problem + empty).not.toMatch(/stack config|pulumi config/);
});

test("numbers may be numbers or text", () => {
  for (const seconds of [5, "5"])
    expect(settingsOf({ ...own, operationTimeoutSeconds: seconds }, "eu", {}).operationTimeoutMs).toBe(5_000);
  expect(problemsOf({ ...own, operationTimeoutSeconds: "soon" }, "eu", {})).toContain('is "soon"');
});

test("what is null is not given", () => {
  expect(settingsOf({ ...own, baseUrl: null, accountId: null }, "eu", {})).toMatchObject({
    baseUrl: "https://api.kompliant.com",
    accountId: undefined,
  });
});

test("what is not known yet is not judged, nor what stands beside it", () => {
  expect(configFailures({ apiKey: UNKNOWN }, "eu", {})).toEqual([]);
  expect(configFailures({ ...own, accountId: UNKNOWN, baseUrl: "nowhere" }, "eu", {})).toEqual([]);
});

test("a setting that no provider has is refused by name, known or not, but not what the stack config has for others", () => {
  for (const acountId of ["lv_two", UNKNOWN])
    expect(problemsOf({ ...own, acountId }, "eu", {})).toMatch(
      /^acountId: there is no such input: it has apiKey, .*accountId/,
    );
  expect(configFailures({ ...own, acountId: "lv_two" }, "default_0_1_0", {})).toEqual([]);
});
