import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { createCalls } from "../../../provider/src/core/api/calls.js";
import { dynamicConfig } from "../../../provider/src/core/api/providerConfig.js";

import { systemRuntime } from "../../../provider/src/core/api/runtime.js";
import { accountProblem, resolveSettings } from "../../../provider/src/core/api/settings.js";

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
const CONFIG_SET = "pulumi config set";
const configWith = (values: Record<string, string>) => dynamicConfig((key) => values[key]);

function settings(values: Record<string, string>, env: Record<string, string> = {}) {
  const resolved = resolveSettings(configWith(values), env);
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  return resolved.settings;
}
function problems(values: Record<string, string>, env: Record<string, string> = {}): readonly string[] {
  const resolved = resolveSettings(configWith(values), env);
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
  const { authentication: _, hide: __, ...rest } = settings(stack);
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
  ["HTTPS://api.example.com", true],
  ["https://api.example.com#", false],
  ["https://api.example.com/kompliant?", false],
  ["https://api.example.com:0", false],
  ["https://undefined", false],
  ["https:////user:hunter2@api.example.com", false],
  ["https:////api.example.com", false],
  ["https://api.example.com\n", false],
  ["https://api.exam\u200bple.com", false],
  ["https:user:hunter2@api.example.com", false],
])("base URL %s is usable: %s", (baseUrl, usable) => {
  const found = problems({ ...stack, baseUrl });
  expect(found.length === 0).toBe(usable);
  expect(found.join()).not.toContain("hunter2");
});

test("a base URL is refused by the rule that it breaks", () => {
  const said = (baseUrl: string) => problems({ ...stack, baseUrl }).join();
  const from = "kompliant:baseUrl of the stack config is";
  expect(said("https://api.example.com#")).toContain(
    `${from} "https://api.example.com#": it must be an https`,
  );
  expect(said("https://x:0")).toContain(
    `${from} "https://x:0": it names port 0, on which nothing can listen; `,
  );
  expect(said("https://x\u200b.com")).toContain(`${from} "https://x\\u{200b}.com": it has \\u{200b} in it`);
});

test.each(["", "a b", " a", "a\u200b", "a\0", "\u202ea", "a\u001b[31m", 5, null])(
  "%j is not an account's id, and is shown so that it can be seen",
  (accountId) => {
    const problem = accountProblem(accountId) ?? "";
    expect(problem).toContain("is not an account's id: it must be");
    expect(problem).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  },
);

const OPTIONAL = [
  ["accountId", "KOMPLIANT_ACCOUNT_ID"],
  ["baseUrl", "KOMPLIANT_BASE_URL"],
  ["apiVersion", "KOMPLIANT_API_VERSION"],
  ["requestTimeoutSeconds", undefined],
  ["operationTimeoutSeconds", undefined],
  ["maxConcurrentCalls", undefined],
] as const;

test.each(OPTIONAL)(
  "an empty %s is an error, not a default, and the source behind it does not count",
  (key, variable) => {
    const env = variable === undefined ? {} : { [variable]: "2025-03-24" };
    expect(problems({ ...stack, [key]: "" }, env)).toEqual([
      `kompliant:${key} of the stack config is empty, which does not stand for a default: \`${CONFIG_SET} kompliant:${key} …\`, or \`pulumi config rm kompliant:${key}\``,
    ]);
    if (variable === undefined) return;
    const { [key as string]: _, ...rest } = stack;
    expect(problems(rest, { [variable]: "" })).toEqual([
      `${variable} of the environment is empty, which does not stand for a default: correct ${variable}, or unset ${variable}`,
    ]);
  },
);

test.each(["accountId", "baseUrl"])("an empty %s of an explicit provider is one too", (key) => {
  const [problem, ...others] = problems({ ...stack, [key]: "", provider: "eu" });
  expect(problem).toContain(`kompliant:${key} of the provider "eu" is empty`);
  expect(problem).toContain(`correct \`${key}\` in new Provider("eu", …)`);
  expect(others).toEqual([]);
});

test.each(["KOMPLIANT_API_KEY", "KOMPLIANT_SECRET_KEY", "KOMPLIANT_AUTH_TOKEN"])(
  "an empty %s, as a pipeline makes it of a secret that it does not have, does not stand for the stack config",
  (variable) => {
    const said = `${variable} of the environment is empty, as a pipeline makes it of a secret that it does not have: give it a value, or unset KOMPLIANT_API_KEY, KOMPLIANT_SECRET_KEY, KOMPLIANT_AUTH_TOKEN to use the stack config`;
    expect(problems(stack, { ...environment, [variable]: "" })).toEqual([said]);
    expect(problems(stack, { [variable]: "" })).toEqual([said]);
    expect(problems({ ...stack, provider: "eu" }, { [variable]: "" })).toEqual([]);
  },
);

test("an empty credential of the stack config or of a provider is told from a missing one", () => {
  expect(problems({ ...stack, apiKey: "" })[0]).toMatch(/^kompliant:apiKey is empty in the stack config: /);
  expect(problems({ ...stack, apiKey: "", provider: "eu" })[0]).toMatch(
    /^kompliant:apiKey is empty in the provider "eu": pass/,
  );
});

test("credentials show in no inspection and no serialization", () => {
  const shown = inspect(settings(stack), { depth: 9, showHidden: true }) + JSON.stringify(settings(stack));
  for (const key of ["apiKey", "secretKey", "authToken"]) expect(shown).not.toContain(stack[key]);
});

const wrong = { accountId: "a b", baseUrl: "api.example.com", apiVersion: "yesterday" };

test("what is wrong in the environment is to be corrected there, and nowhere else", () => {
  const found = problems(
    {},
    {
      ...environment,
      KOMPLIANT_API_KEY: "short",
      KOMPLIANT_ACCOUNT_ID: wrong.accountId,
      KOMPLIANT_BASE_URL: wrong.baseUrl,
      KOMPLIANT_API_VERSION: wrong.apiVersion,
    },
  );
  const names = ["API_KEY", "ACCOUNT_ID", "BASE_URL", "API_VERSION"];
  expect(found.map((problem) => /correct (\w+)$/.exec(problem)?.[1])).toEqual(
    names.map((name) => `KOMPLIANT_${name}`),
  );
  expect(found.join()).not.toContain(CONFIG_SET);
});

test("what is wrong with an explicit provider is to be corrected where it can come from", () => {
  const { authToken: _, ...given } = stack;
  const found = problems({ ...given, ...wrong, apiKey: "short", requestTimeoutSeconds: "0", provider: "eu" });
  const at = (key: string) => found.find((problem) => problem.includes(`kompliant:${key}`)) ?? "";
  expect(found).toHaveLength(6);
  expect(at("apiKey")).toContain('correct `apiKey` in new Provider("eu", …)');
  expect(at("authToken")).toContain('pass `authToken` to new Provider("eu", …)');
  for (const key of ["accountId", "baseUrl"]) {
    expect(at(key)).toContain(`correct \`${key}\` in new Provider("eu", …)`);
    expect(at(key)).toContain(`if it is not given there, \`${CONFIG_SET} kompliant:${key} …\``);
  }
  for (const key of ["apiVersion", "requestTimeoutSeconds"]) {
    expect(at(key)).toContain(`kompliant:${key} of the stack config is `);
    expect(at(key)).toContain(`\`${CONFIG_SET} kompliant:${key} …\``);
    expect(at(key)).not.toContain("Provider");
  }
});

test("a time limit that is too long names the longest", () => {
  expect(problems({ ...stack, operationTimeoutSeconds: "86401" })).toEqual([
    expect.stringContaining("at most 86400"),
  ]);
  expect(problems({ ...stack, operationTimeoutSeconds: "86400" })).toEqual([]);
});

test("settings that are not usable still say which account they name, well formed or not", () => {
  const { apiKey: _, ...rest } = stack;
  expect(resolveSettings(configWith(rest), {})).toMatchObject({ ok: false, accountId: "lv_stack" });
  expect(resolveSettings(configWith({ ...stack, accountId: "a b" }), {})).toMatchObject({ accountId: "a b" });
});

afterEach(() => {
  vi.unstubAllEnvs();
});
test.each([
  ["http://proxy.example.com:8080", true],
  ["https://proxy.example.com/", true],
  ["HTTP://user:hunter2@proxy.example.com:8080", true],
  ["http:proxy.example.com", true],
  ["socks5://user:hunter2@proxy.example.com", true],
  ["proxy.example.com:8080", false],
  ["proxy.example.com", false],
  ["user:hunter2@proxy.example.com:8080", false],
  ["//proxy.example.com", false],
  ["http://", false],
  ["socks5://user:hunter2%zz@proxy.example.com", false],
  ["ftp://user:hunter2@proxy.example.com", false],
  ["http://proxy.example.com/path", false],
  ["http://proxy.example.com/?query", false],
  ["http://proxy.example.com/#fragment", false],
  ["http://user:hunter2%zz@proxy.example.com", false],
])("the proxy %s is accepted: %s, and never shown", (proxy, accepted) => {
  const found = problems(stack, { HTTP_PROXY: proxy });
  expect(found).toHaveLength(accepted ? 0 : 1);
  expect(found.join()).not.toMatch(/hunter2|proxy\.example/);
  vi.stubEnv("http_proxy", proxy);
  const byProxy = () =>
    createCalls(settings({ ...stack, baseUrl: "https://api.example.com" }), "lv_stack", systemRuntime);
  if (accepted) expect(byProxy).not.toThrow();
});

test("each proxy is read from the name that undici reads, and is one problem among all others", () => {
  const broken = "proxy.example.com:8080";
  const named = (env: Record<string, string>) =>
    problems(stack, env).map((problem) => problem.split(" of the environment is malformed")[0]);
  expect(named({ HTTP_PROXY: broken, HTTPS_PROXY: broken })).toEqual(["HTTP_PROXY", "HTTPS_PROXY"]);
  expect(named({ http_proxy: broken, HTTP_PROXY: "http://proxy.example.com" })).toEqual(["http_proxy"]);
  expect(named({ http_proxy: "http://proxy.example.com", HTTP_PROXY: broken })).toEqual([]);
  expect(named({ https_proxy: "", HTTPS_PROXY: broken })).toEqual([]);
  expect(problems({}, { HTTPS_PROXY: broken })).toHaveLength(4);
});
