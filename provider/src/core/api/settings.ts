import * as z from "zod";
import { hider } from "../messages/hide.js";
import { shownUrl, shownValue, unseenIn } from "../messages/shown.js";
import type { ProviderConfig } from "./providerConfig.js";
import { sign } from "./signature.js";
import { webUrlProblem } from "./webUrl.js";

/** Everything the provider is told from outside. */
export interface Settings {
  /** The account of resources that name none. */
  readonly accountId: string | undefined;
  readonly baseUrl: string;
  /** `YYYY-MM-DD`, sent as `X-API-Version`. */
  readonly apiVersion: string;
  /** One attempt, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** All attempts of one operation, in milliseconds. */
  readonly operationTimeoutMs: number;
  /** Calls under way at a time to one account. */
  readonly maxConcurrentCalls: number;
  /** Where the three credentials come from, in words: `the environment`, `the stack config`, `the provider "eu"`. */
  readonly credentialSource: string;
  /** The three authentication headers. A function, so that no inspection or serialization can show them. */
  readonly authentication: () => Record<string, string>;
  /** Hides the credentials, and what is signed with them, in a text that is to be shown. */
  readonly hide: (text: string) => string;
}

export type ResolvedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | {
      readonly ok: false;
      readonly problems: readonly string[];
      /** The account of resources that name none; as it was found, where it is among the problems. */
      readonly accountId: string | undefined;
    };

/** @see kompliant documentation, "Authentication": a prefix for the environment and 22 alphanumerics */
const API_KEY = /^(sb|lv)_[A-Za-z0-9]{22}$/;
/** 33 bytes in Base64 make 44 characters without padding. */
const SECRET_KEY = /^[A-Za-z0-9+/]{44}$/;

/** The credentials, and where each is in the environment. */
export const credentials = [
  {
    key: "apiKey",
    variable: "KOMPLIANT_API_KEY",
    ok: (value: string) => API_KEY.test(value),
    form: "sb_ or lv_ followed by 22 letters and digits",
  },
  {
    key: "secretKey",
    variable: "KOMPLIANT_SECRET_KEY",
    ok: (value: string) => SECRET_KEY.test(value),
    form: "33 bytes in standard Base64, 44 characters",
  },
  {
    key: "authToken",
    variable: "KOMPLIANT_AUTH_TOKEN",
    // An HTTP header must be able to carry it. A shorter one could not be hidden without hiding words.
    ok: (value: string) => /^[\x21-\x7e]{9,}$/.test(value),
    form: "more than 8 printable characters without blanks",
  },
] as const;

const accountId = z.string().refine((value) => accountProblem(value) === undefined);
const seconds = z.coerce.number().positive().max(86_400);
const SECONDS = "it must be a positive number of seconds, at most 86400";
const ACCOUNT_ID = "it must be an account's id, without blanks and without characters that cannot be seen";
const BASE_URL =
  "it must be an https URL without query, fragment or credentials; plain http is for loopback hosts only";

/** What the program may pass to a provider that copies the rest from the stack config. */
const OWN_TO_PROVIDERS: readonly string[] = ["accountId", "baseUrl"];

/** Why something cannot be the id of an account, or nothing if it can. */
export function accountProblem(accountId: unknown): string | undefined {
  if (typeof accountId === "string" && /^\S+$/.test(accountId) && unseenIn(accountId).length === 0)
    return undefined;
  return `${shownValue(accountId)} is not an account's id: ${ACCOUNT_ID}`;
}

/** Whether a URL's `hostname` is this very machine. */
export function isLoopback(hostname: string): boolean {
  return /^127\.\d+\.\d+\.\d+$|^\[::1\]$|^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\]$|^(.*\.)?localhost\.?$/.test(
    hostname,
  );
}

/** What was found of one setting. */
interface Found {
  readonly value: string;
  /** Where, in words. */
  readonly from: string;
  /** What corrects it there. */
  readonly mend: string;
  /** What removes it there. */
  readonly drop: string;
}

interface Sources {
  readonly config: ProviderConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
}

function find({ config, env }: Sources, key: string, variable: string | undefined): Found | undefined {
  const { provider } = config;
  const configured = config.get(key);
  if (configured !== undefined) {
    const command = `\`pulumi config set kompliant:${key} …\``;
    const remove = `\`pulumi config rm kompliant:${key}\``;
    const value = configured;
    if (provider === undefined || (provider.copiesStackConfig && !OWN_TO_PROVIDERS.includes(key)))
      return { value, from: `kompliant:${key} of the stack config`, mend: command, drop: remove };
    const from = `kompliant:${key} of the provider "${provider.name}"`;
    const mend = `correct \`${key}\` in ${provider.declaration}`;
    if (!provider.copiesStackConfig) return { value, from, mend, drop: "leave it out" };
    return {
      value,
      from,
      mend: `${mend}, or, if it is not given there, ${command}`,
      drop: `leave it out, or ${remove}`,
    };
  }
  const value = variable === undefined ? undefined : env[variable];
  if (variable === undefined || value === undefined) return undefined;
  const from = `${variable} of the environment`;
  return { value, from, mend: `correct ${variable}`, drop: `unset ${variable}` };
}

/** The three credentials, and where they come from. */
interface Credentials {
  readonly source: string;
  readonly values: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

function findCredentials({ config, env }: Sources): Credentials {
  const { provider } = config;
  // The environment only counts as a whole: half of a rotated set together with half of the old one authenticates
  // nowhere and would be hard to see through.
  const inEnv = credentials.map(({ variable }) => (provider?.hasCredentials ? undefined : env[variable]));
  const variables = credentials.map(({ variable }) => variable);
  const empty = variables.filter((_, i) => inEnv[i] === "");
  if (empty.length > 0)
    return {
      source: "the environment",
      values: new Map(),
      problems: empty.map(
        (variable) =>
          `${variable} of the environment is empty, as a pipeline makes it of a secret that it does not have: give it a value, or ${provider === undefined ? `unset ${variables.join(", ")} to use the stack config` : `pass all three credentials to ${provider.declaration}`}`,
      ),
    };
  const fromEnv = inEnv.every((value) => value !== undefined);
  const source = fromEnv
    ? "the environment"
    : provider === undefined
      ? "the stack config"
      : `the provider "${provider.name}"`;
  const mend = (key: string, variable: string, missing: boolean): string => {
    if (fromEnv) return `correct ${variable}`;
    if (provider !== undefined)
      return `${missing ? `pass \`${key}\` to` : `correct \`${key}\` in`} ${provider.declaration}`;
    return `\`pulumi config set --secret kompliant:${key} …\` (or all three of KOMPLIANT_API_KEY, KOMPLIANT_SECRET_KEY and KOMPLIANT_AUTH_TOKEN in the environment)`;
  };
  const values = new Map<string, string>();
  const problems = [];
  for (const { key, variable, ok, form } of credentials) {
    const value = fromEnv ? env[variable] : config.get(key);
    if (value === undefined)
      problems.push(`kompliant:${key} is missing in ${source}: ${mend(key, variable, true)}`);
    else if (value === "")
      problems.push(`kompliant:${key} is empty in ${source}: ${mend(key, variable, true)}`);
    else if (!ok(value))
      problems.push(
        `${fromEnv ? variable : `kompliant:${key}`} from ${source} is malformed, it must be ${form}: ${mend(key, variable, false)}`,
      );
    values.set(key, value ?? "");
  }
  return { source, values, problems };
}

/**
 * Puts the settings together from their sources. Reports everything that is missing, empty or malformed at once, each
 * with what mends it, and never shows a credential's value.
 */
export function resolveSettings(
  config: ProviderConfig,
  env: Readonly<Record<string, string | undefined>>,
): ResolvedSettings {
  const sources = { config, env };
  const { source, values, problems: ofCredentials } = findCredentials(sources);
  const problems = [...ofCredentials];
  const read = <T>(
    key: string,
    variable: string | undefined,
    schema: z.ZodType<T>,
    rule: string | ((value: string) => string),
  ): T | undefined => {
    const found = find(sources, key, variable);
    if (found === undefined) return undefined;
    const { value, from, mend, drop } = found;
    if (value === "") {
      problems.push(`${from} is empty, which does not stand for a default: ${mend}, or ${drop}`);
      return undefined;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    problems.push(
      `${from} is "${shownUrl(value)}": ${typeof rule === "string" ? rule : rule(value)}; ${mend}`,
    );
    return undefined;
  };

  const settings = {
    accountId: read("accountId", "KOMPLIANT_ACCOUNT_ID", accountId, ACCOUNT_ID),
    baseUrl:
      read(
        "baseUrl",
        "KOMPLIANT_BASE_URL",
        z.string().refine((value) => baseUrlProblem(value) === undefined),
        (value) => baseUrlProblem(value) ?? "",
      ) ?? "https://api.kompliant.com",
    apiVersion:
      read("apiVersion", "KOMPLIANT_API_VERSION", z.iso.date(), "it must be a date, YYYY-MM-DD") ??
      "2025-03-24",
    requestTimeoutMs: (read("requestTimeoutSeconds", undefined, seconds, SECONDS) ?? 30) * 1_000,
    operationTimeoutMs: (read("operationTimeoutSeconds", undefined, seconds, SECONDS) ?? 120) * 1_000,
    maxConcurrentCalls:
      read(
        "maxConcurrentCalls",
        undefined,
        z.coerce.number().int().min(1).max(100),
        "it must be a whole number from 1 to 100",
      ) ?? 5,
  };
  problems.push(...proxyProblems(env));
  if (problems.length > 0)
    return { ok: false, problems, accountId: find(sources, "accountId", "KOMPLIANT_ACCOUNT_ID")?.value };

  const [apiKey = "", secretKey = "", authToken = ""] = credentials.map(({ key }) => values.get(key));
  const signature = sign(apiKey, secretKey);
  return {
    ok: true,
    settings: {
      ...settings,
      baseUrl: settings.baseUrl.replace(/\/+$/, ""),
      credentialSource: source,
      authentication: () => ({
        authorization: `KSig1-HMAC-SHA256 ${signature}`,
        "x-api-key": apiKey,
        "x-api-auth-token": authToken,
      }),
      hide: hider([apiKey, secretKey, authToken, signature]),
    },
  };
}

function proxyProblems(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  // undici's precedence: a lower case name counts even where it is empty.
  return ["HTTP_PROXY", "HTTPS_PROXY"]
    .map((name) => (env[name.toLowerCase()] === undefined ? name : name.toLowerCase()))
    .filter((name) => (env[name] ?? "") !== "" && !isProxy(env[name] ?? ""))
    .map(
      (name) =>
        `${name} of the environment is malformed: it must be the proxy's URL, http://, https:// or socks5://, without path, query or fragment; correct ${name}`,
    );
}

/** Whether undici accepts it: its own refusal is an exception that can show a password. */
function isProxy(value: string): boolean {
  try {
    const { protocol, hostname, pathname, search, hash, username, password } = new URL(value);
    decodeURIComponent(`${username} ${password}`);
    const rest = `${pathname}${search}${hash}`;
    return /^(https?|socks5?):$/.test(protocol) && hostname !== "" && (rest === "/" || rest === "");
  } catch {
    return false;
  }
}

function baseUrlProblem(value: string): string | undefined {
  if (!/^https?:/i.test(value)) return BASE_URL;
  const problem = webUrlProblem(value);
  if (problem !== undefined) return `it ${problem}`;
  const { protocol, hostname, username, password } = new URL(value);
  // A lone ? or # is neither query nor fragment to a parser, and would cut off every path behind it.
  if (username !== "" || password !== "" || /[?#]/.test(value)) return BASE_URL;
  return protocol === "https:" || isLoopback(hostname) ? undefined : BASE_URL;
}

/** All problems of the settings as one text. */
export function describeProblems(problems: readonly string[]): string {
  return `the Kompliant provider is not configured:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`;
}
