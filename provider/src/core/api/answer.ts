import { oneLine } from "../messages/shown.js";
import type { ApiError, Failure } from "./errors.js";
import type { Method } from "./method.js";
import { isTurnedAway } from "./retry.js";
import { apiError, type Data, envelope, MOST_SHOWN, methods } from "./schemas.js";

/** What came back, as it came. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  /** The `Retry-After` header. */
  readonly retryAfter: string | undefined;
  /** The `Link` header. */
  readonly link?: string | undefined;
  /** The body, or its beginning. */
  readonly text: string;
  /** False if the body goes on where `text` ends. */
  readonly isWhole: boolean;
}

export type Answer<M extends Method> =
  | { readonly ok: true; readonly data: Data<M>; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly failure: Failure };

/**
 * Reads what came back: the only place that decides what counts as an answer. What denies itself is none: a success
 * that names errors, an error with the status of a success, a list that says that there is more of it.
 *
 * @param hide hides credentials: a server can send back what it was sent
 */
export function interpret<M extends Method>(
  method: M,
  { status, contentType, retryAfter, link, text, isWhole }: Reply,
  hide: (text: string) => string,
): Answer<M> {
  const show = (words: string, most?: number) => oneLine(hide(words.slice(0, LONGEST)), most);
  const json = isWhole ? parseJson(text) : undefined;
  const { meta, data, errors: given } = envelope.parse(json);
  const traceId = () => (meta.trace_id === undefined ? {} : { traceId: show(meta.trace_id, 100) });
  const isSuccess =
    status === 200 && (meta.status === undefined || meta.status === "SUCCESS") && !deniesItself(json);
  const errors = errorsOf(given, show);
  const [first, ...others] = errors ?? [];

  if (isSuccess && first === undefined && errors !== undefined) {
    const parsed = methods[method].data.safeParse(data);
    const isPart =
      parsed.success &&
      method === "webhook.config.list" &&
      (/\bnext\b/i.test(link ?? "") ||
        hasMore(json, (parsed.data as Data<"webhook.config.list">).configs.length));
    if (isPart) return { ok: false, failure: { kind: "incomplete", status, ...traceId() } };
    if (parsed.success) {
      const warnings = meta.warnings.map(({ code, message }) => `${show(code, 100)}: ${show(message)}`);
      return { ok: true, data: parsed.data as Data<M>, warnings };
    }
  }
  const isRefusal = status >= 300 && !isTurnedAway(status) && meta.status !== "SUCCESS";
  if (first !== undefined && isRefusal)
    return { ok: false, failure: { kind: "refused", status, errors: [first, ...others], ...traceId() } };
  return {
    ok: false,
    failure: {
      kind: "unreadable",
      status,
      contentType: show(/^[\w.+-]+\/[\w.+-]+/.exec(contentType)?.[0] ?? "", 80),
      ...(method === "webhook.key.create"
        ? {}
        : { excerpt: show(text.slice(0, LONGEST).replaceAll(/\s+/g, " ").trim(), 80) }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(first === undefined ? {} : { errors: [first, ...others] }),
      ...traceId(),
    },
  };
}

/**
 * Whether an answer says elsewhere than the documentation has it that it is no success. Nobody knows then what it is
 * about: least of all can it prove that something is gone.
 */
function deniesItself(json: unknown): boolean {
  if (!isObject(json)) return false;
  const { status, code, data, meta } = json;
  const isOdd = (key: string) => !NAMES.includes(key) && NAMES.includes(key.toLowerCase());
  return (
    Object.keys(json).some(isOdd) ||
    isFailure(status) ||
    isFailure(code) ||
    says(json) ||
    [data, meta].some((part) => isObject(part) && (says(part) || isFull(part["errors"])))
  );
}

const NAMES = ["meta", "data", "errors"];

function says(part: Readonly<Record<string, unknown>>): boolean {
  return isFull(part["error"]) || part["success"] === false || part["ok"] === false;
}

function isFailure(given: unknown): boolean {
  if (typeof given === "number") return given >= 300;
  return typeof given === "string" && !/^(success|ok|200)?$/i.test(given);
}

function isFull(given: unknown): boolean {
  return isObject(given) || Array.isArray(given) ? Object.keys(given).length > 0 : Boolean(given);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** More of a server's text is not even looked at to be shown. */
const LONGEST = 4_000;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @returns none if the answer names no error; undefined if what it names cannot be read as errors */
function errorsOf(
  given: unknown,
  show: (words: string, most?: number) => string,
): readonly ApiError[] | undefined {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) return undefined;
  const errors = given.slice(0, MOST_SHOWN).map((each) => apiError.safeParse(each));
  if (!errors.every(({ success }) => success)) return undefined;
  return errors.flatMap(({ data }) =>
    data === undefined
      ? []
      : [
          {
            code: show(data.code, 100),
            ...(data.sub_code ? { subCode: show(data.sub_code, 100) } : {}),
            message: show(data.message),
            details: data.details.map(({ field, message }) => ({
              field: show(field, 100),
              message: show(message),
            })),
          },
        ],
  );
}

const MORE =
  /^(has)?(next|more)(cursor|page|(page)?(token|url|link)|uri|href|offset|marker|key|results|items)?$|cursor|continuation|truncated|incomplete|partial/;
const TOTAL = /^(count|total(count|items|results|records|configs)?)$/;
const PAGES = /^((total|last)?pages?|pagecount)$/;

/** Deeper than `data.paging.pages.links[0].rel` nobody puts it. */
const DEPTH = 6;

/**
 * Whether a list says that it is only a part. Paging is not documented, so any usual sign of it counts: a part that is
 * taken for the whole makes endpoints look deleted.
 */
function hasMore(part: unknown, count: number, depth = DEPTH): boolean {
  if (typeof part !== "object" || part === null || depth === 0) return false;
  if (Array.isArray(part)) return part.some((each) => hasMore(each, count, depth - 1));
  return Object.entries(part).some(([key, value]) => {
    const name = key.replaceAll(/[_-]/g, "").toLowerCase();
    return (
      (MORE.test(name) && Boolean(value) && value !== "false") ||
      (TOTAL.test(name) && Number(value) > count) ||
      (PAGES.test(name) && Number(value) > 1) ||
      (name === "rel" && value === "next") ||
      (name !== "configs" && hasMore(value, count, depth - 1))
    );
  });
}
