import { z } from "zod";
import { hider } from "../messages/hide.js";
import { sign } from "./signature.js";

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

/** `kompliant:…` keys of the stack config, or of an explicit provider's own inputs. */
export type ConfigReader = (key: string) => string | undefined;

/** The input key by which an explicit provider makes itself known; its value is the provider's name. */
export const PROVIDER_NAME_KEY = "provider";

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

const credentials = [
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

/** What an explicit provider may say of itself; it copies the rest from the stack config. */
const OWN_TO_PROVIDERS: readonly string[] = ["accountId", "baseUrl"];

/** Why something cannot be the id of an account, or nothing if it can. */
export function accountProblem(accountId: unknown): string | undefined {
  if (typeof accountId === "string" && /^\S+$/.test(accountId)) return undefined;
  return `${JSON.stringify(accountId)} is not an account's id`;
}

/** Whether a URL's `hostname` is this very machine. */
export function isLoopback(hostname: string): boolean {
  return /^127\.\d+\.\d+\.\d+$|^\[::1\]$|^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\]$|^(.*\.)?localhost\.?$/.test(
    hostname,
  );
}

/**
 * Puts the settings together from their sources. Reports everything that is missing or malformed at once, each with
 * what mends it, and never shows a credential's value.
 */
export function resolveSettings(
  config: ConfigReader,
  env: Readonly<Record<string, string | undefined>>,
): ResolvedSettings {
  const problems: string[] = [];
  const providerName = config(PROVIDER_NAME_KEY);
  const inConfig = providerName === undefined ? "the stack config" : `the provider "${providerName}"`;

  const setting = (
    key: string,
    variable: string | undefined,
  ): { value: string; from: string; mend: string } | undefined => {
    const configured = config(key);
    if (configured !== undefined && configured !== "") {
      const own = providerName !== undefined && OWN_TO_PROVIDERS.includes(key);
      const command = `\`pulumi config set kompliant:${key} …\``;
      return {
        value: configured,
        from: `kompliant:${key} of ${own ? inConfig : "the stack config"}`,
        mend: own
          ? `correct \`${key}\` in new Provider("${providerName}", …), or, if it is not given there, ${command}`
          : command,
      };
    }
    const value = variable === undefined ? undefined : env[variable];
    return value === undefined || value === ""
      ? undefined
      : { value, from: `${variable} of the environment`, mend: `correct ${variable}` };
  };
  const read = <T>(
    key: string,
    variable: string | undefined,
    schema: z.ZodType<T>,
    rule: string,
  ): T | undefined => {
    const found = setting(key, variable);
    if (found === undefined) return undefined;
    const parsed = schema.safeParse(found.value);
    if (parsed.success) return parsed.data;
    // A base URL can carry a password.
    const shown = found.value.includes("@") ? "malformed" : JSON.stringify(found.value);
    problems.push(`${found.from} is ${shown}: ${rule}; ${found.mend}`);
    return undefined;
  };

  // The environment only counts as a whole: half of a rotated set together with half of the old one authenticates
  // nowhere and would be hard to see through.
  const fromEnv =
    providerName === undefined && credentials.every(({ variable }) => (env[variable] ?? "") !== "");
  const credentialSource = fromEnv ? "the environment" : inConfig;
  const mendCredential = (key: string, variable: string, missing: boolean): string => {
    if (fromEnv) return `correct ${variable}`;
    if (providerName !== undefined)
      return `${missing ? `pass \`${key}\` to` : `correct \`${key}\` in`} new Provider("${providerName}", …)`;
    return `\`pulumi config set --secret kompliant:${key} …\` (or all three of KOMPLIANT_API_KEY, KOMPLIANT_SECRET_KEY and KOMPLIANT_AUTH_TOKEN in the environment)`;
  };
  const values = new Map<string, string>();
  for (const { key, variable, ok, form } of credentials) {
    const value = (fromEnv ? env[variable] : config(key)) ?? "";
    const mend = mendCredential(key, variable, value === "");
    if (value === "") problems.push(`kompliant:${key} is missing in ${credentialSource}: ${mend}`);
    else if (!ok(value))
      problems.push(
        `${fromEnv ? variable : `kompliant:${key}`} from ${credentialSource} is malformed, it must be ${form}: ${mend}`,
      );
    values.set(key, value);
  }

  const settings = {
    accountId: read(
      "accountId",
      "KOMPLIANT_ACCOUNT_ID",
      accountId,
      "it must be an account's id, without blanks",
    ),
    baseUrl:
      read(
        "baseUrl",
        "KOMPLIANT_BASE_URL",
        z.string().refine(isBaseUrl),
        "it must be an https URL without query, fragment or credentials; plain http is for loopback hosts only",
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
    return { ok: false, problems, accountId: setting("accountId", "KOMPLIANT_ACCOUNT_ID")?.value };

  const apiKey = values.get("apiKey") ?? "";
  const secretKey = values.get("secretKey") ?? "";
  const authToken = values.get("authToken") ?? "";
  const signature = sign(apiKey, secretKey);
  return {
    ok: true,
    settings: {
      ...settings,
      baseUrl: settings.baseUrl.replace(/\/+$/, ""),
      credentialSource,
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

function isBaseUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(value);
  if (username !== "" || password !== "" || search !== "" || hash !== "") return false;
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/** All problems of the settings as one text. */
export function describeProblems(problems: readonly string[]): string {
  return `the Kompliant provider is not configured:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`;
}
