import type { Said } from "./hostileServer.js";

/**
 * What Kompliant's documentation alone says of answers, in its own words and not in those of the package: which ones
 * nobody could tell from the truth.
 */

/** A configuration as a list shows it. */
export interface Listed {
  readonly config_id: string;
  readonly url: string;
  readonly created_at: string;
}

/** Whatever is said on more than this nobody has to read. */
const MOST_BYTES = 1024 * 1024;

/** The `data` of an answer that nobody can tell from a true success; undefined for any other. */
// biome-ignore lint/suspicious/noExplicitAny: as a server has it
function successOf({ method, status, text, isWhole }: Said): any {
  if (status !== 200 || !isWhole || Buffer.byteLength(text) > MOST_BYTES) return undefined;
  const body = parse(text);
  if (!isObject(body) || !isObject(body["data"])) return undefined;
  const { meta, errors, data } = body;
  if (meta !== undefined && meta !== null && !isObject(meta)) return undefined;
  const saysStatus = isObject(meta) ? (meta["status"] ?? "SUCCESS") : "SUCCESS";
  if (saysStatus !== "SUCCESS") return undefined;
  if (errors !== undefined && errors !== null && !(Array.isArray(errors) && errors.length === 0))
    return undefined;
  if (method === "create") return isId(data["config_id"]) ? data : undefined;
  if (method !== "list") return data;
  const { configs } = data;
  if (!Array.isArray(configs) || !configs.every(isListed)) return undefined;
  if (new Set(configs.map(({ config_id }) => config_id)).size < configs.length) return undefined;
  return isPart(body, configs.length) ? undefined : data;
}

/** The lists that had to be believed. */
export function lists(said: readonly Said[]): readonly (readonly Listed[])[] {
  return said.flatMap((each) => {
    const data = each.method === "list" ? successOf(each) : undefined;
    return data === undefined ? [] : [data.configs];
  });
}

/** The ids that creates had to be believed to have made. */
export function createdIds(said: readonly Said[]): readonly string[] {
  return said.flatMap((each) => {
    const data = each.method === "create" ? successOf(each) : undefined;
    return data === undefined ? [] : [data.config_id];
  });
}

/** Whether an update or a delete had to be believed to be done. */
export function isSaidDone(
  said: readonly Said[],
  method: "update" | "delete",
  configId: string,
  url?: string,
): boolean {
  return said.some(
    (each) =>
      each.method === method &&
      each.configId === configId &&
      (url === undefined || each.url === url) &&
      successOf(each) !== undefined,
  );
}

/** Whether something was said that is not so and had to be believed. */
export function isDeceived(said: readonly Said[]): boolean {
  return said.some((each) => !each.isTrue && (successOf(each) !== undefined || isRefusal(each)));
}

/** Whether an answer cannot be told from a true refusal: Kompliant's own, with a code. */
function isRefusal({ status, text, isWhole }: Said): boolean {
  if (status < 300 || status >= 500 || status === 408 || status === 429 || !isWhole) return false;
  const body = parse(text);
  if (!isObject(body) || !Array.isArray(body["errors"])) return false;
  const [first] = body["errors"];
  return isObject(first) && typeof first["code"] === "string" && first["code"] !== "";
}

/** Any of the usual signs that a list goes on, wherever it stands outside the list's own items. */
function isPart(value: unknown, count: number): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, part]) => {
    const name = key.replaceAll(/[_-]/g, "").toLowerCase();
    if (["hasmore", "hasnext", "hasnextpage", "more", "truncated", "istruncated"].includes(name))
      return part === true || part === "true";
    if (["total", "totalcount"].includes(name)) return typeof part === "number" && part > count;
    if (["totalpages"].includes(name)) return typeof part === "number" && part > 1;
    if (
      [
        "next",
        "cursor",
        "nextcursor",
        "nextpage",
        "nexttoken",
        "nextpagetoken",
        "nextpageurl",
        "endcursor",
      ].includes(name) ||
      ["continuationtoken", "nextoffset"].includes(name)
    )
      return Boolean(part);
    return isPart(part, count);
  });
}

function isListed(item: unknown): item is Listed {
  return (
    isObject(item) &&
    isId(item["config_id"]) &&
    typeof item["url"] === "string" &&
    typeof item["created_at"] === "string"
  );
}

function isId(id: unknown): boolean {
  return (
    typeof id === "string" && id.startsWith("whc_") && /^[a-z0-9]+$/i.test(id.slice(4)) && !id.includes("\n")
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
