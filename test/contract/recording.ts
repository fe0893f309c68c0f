import type { FaultPlan } from "pulumi-kompliant/emulator";
import { WEBHOOK_CONFIG_SET_TEXT, WEBHOOK_CONFIG_TEXT } from "../../provider/src/shells/dynamic/text.js";
import { sample } from "../support/printed.js";
import { type HeardCall, labelOf, nameOf } from "./listener.js";

export type Fields = Record<string, unknown>;

/** What the engine asks of provider processes in one scenario: the content of a file in `recordings`. */
export interface Recording {
  readonly scenario: string;
  readonly runs: readonly RecordedRun[];
}

export interface RecordedRun {
  readonly run: string;
  /** Whether the engine calls it a success. */
  readonly ok: boolean;
  readonly before: Live;
  /** What goes wrong at the API. */
  readonly faults?: FaultPlan;
  readonly calls: readonly RecordedCall[];
  readonly after: Live;
}

/** What is live at the API: account to id to URL. */
export type Live = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface RecordedCall {
  readonly call: string;
  /** The resource's name. */
  readonly of?: string;
  /** The resource's type, unless it is a `WebhookConfig`. */
  readonly type?: string;
  /** Which of the run's provider processes is asked, unless it is the first. */
  readonly process?: number;
  /** The calls that have no answer yet when this one begins; all others before it have theirs. */
  readonly during?: readonly string[];
  readonly asked: Fields;
  /** Absent if the process was killed before. */
  readonly answered?: Fields;
}

/** The emulator's time, when recording and when playing. */
export const TIME = new Date("2026-01-02T03:04:05.678Z");

/** What has another value in each run, or must not be read by chance, and the name that it has in a recording. */
const NAMED = {
  "<apiKey>": sample.apiKey,
  "<secretKey>": sample.secretKey,
  "<authToken>": sample.authToken,
  "<time>": TIME.toISOString(),
  "<unknown>": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
};
/** How the protocol marks a secret, the value beside it. */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const [SECRET_KEY = ""] = Object.keys(SECRET);
export function isSecret(value: unknown): value is { readonly value: unknown } {
  return typeof value === "object" && value !== null && SECRET_KEY in value;
}
/** The types of providers, by the last part: of the dynamic provider, and of the plugin. */
const PROVIDERS: readonly unknown[] = ["pulumi-nodejs", "kompliant"];
export const TEXTS = { WebhookConfig: WEBHOOK_CONFIG_TEXT, WebhookConfigSet: WEBHOOK_CONFIG_SET_TEXT };
export type TypeName = keyof typeof TEXTS;

/** What only starts a process: features and addresses of the engine, and the version of the SDK. */
const STARTS = ["handshake", "getPluginInfo"];

/** What of a request says no more than `of` and `type` do, or has another value in each run. */
const LEFT_OUT = ["urn", "name", "type", "randomseed", "resourceStatusAddress", "resourceStatusToken"];

/**
 * @param baseUrl of the emulated API
 * @returns the calls of a run as a recording keeps them, but for ids
 */
export function recorded(heard: readonly HeardCall[], baseUrl: string): RecordedCall[] {
  const processes = processesOf(heard);
  return inOneOrder(
    heard.filter(({ method }) => !STARTS.includes(method)),
    processes,
  ).map((call) => {
    const { method, request, answer } = call;
    const [name, type, process] = [nameOf(call), typeOf(call), processes.get(call.process) ?? 0];
    const during = PROVIDERS.includes(typeOf(call)) || method === "cancel" ? [] : call.during.map(labelOf);
    const asked = Object.fromEntries(Object.entries(request).filter(([key]) => !LEFT_OUT.includes(key)));
    if (method === "configure") asked["id"] = "<provider>";
    return {
      call: method,
      ...(name === undefined ? {} : { of: name }),
      ...(type === undefined || type === "WebhookConfig" ? {} : { type }),
      ...(process === 1 ? {} : { process }),
      ...(during.length === 0 ? {} : { during }),
      asked: readable(asked, baseUrl) as Fields,
      ...(answer === undefined ? {} : { answered: answered(method, answer, baseUrl) }),
    };
  });
}

/** Processes count from 1: the default provider's first, then by name; the order in which they start is by chance. */
function processesOf(heard: readonly HeardCall[]): ReadonlyMap<number, number> {
  const names = new Map(heard.map(({ process }) => [process, "~"]));
  for (const call of heard)
    if (PROVIDERS.includes(typeOf(call)))
      names.set(call.process, nameOf(call)?.startsWith("default") ? "" : `${nameOf(call)}`);
  const inOrder = [...names].sort(([a, one], [b, other]) => (one === other ? a - b : one < other ? -1 : 1));
  return new Map(inOrder.map(([process], i) => [process, i + 1]));
}

/** An answer as a recording keeps it, but for ids. */
export function answered(method: string, answer: Fields, baseUrl: string): Fields {
  const { changes = 0 } = answer as { changes?: number | string };
  const name = typeof changes === "number" ? ["unknown", "none", "some"][changes] : changes;
  const named = method === "diff" ? { ...answer, changes: name } : answer;
  return readable(named, baseUrl) as Fields;
}

function typeOf({ request }: HeardCall): string | undefined {
  return (request["urn"] as string | undefined)?.split("::").at(-2)?.split(":").at(-1);
}

/**
 * Where the engine begins calls of one method without waiting for one of them, their order is that of its threads: they
 * are put in the order of names. Calls about a provider stand first, and the cancel with which the engine closes a
 * process last: they come beside the others, sooner or later. All other calls have the order that the program or the
 * engine gives them.
 */
function inOneOrder(heard: readonly HeardCall[], processes: ReadonlyMap<number, number>): HeardCall[] {
  const placeOf = ({ process }: HeardCall) => processes.get(process) ?? 0;
  const byProcess = (calls: HeardCall[]) => calls.sort((a, b) => placeOf(a) - placeOf(b));
  const opening = byProcess(heard.filter((call) => PROVIDERS.includes(typeOf(call))));
  const closing = byProcess(heard.filter(({ method }) => method === "cancel"));
  const groups: HeardCall[][] = [];
  for (const call of heard.filter((each) => !opening.includes(each) && !closing.includes(each))) {
    const group = groups.at(-1);
    if (group?.every((other) => other.method === call.method && call.during.includes(other)))
      group.push(call);
    else groups.push([call]);
  }
  for (const group of groups) group.sort((a, b) => ((nameOf(a) ?? "") < (nameOf(b) ?? "") ? -1 : 1));
  const order = groups.flat();
  const byPlace = (a: HeardCall, b: HeardCall) => order.indexOf(a) - order.indexOf(b);
  const ordered = groups.flatMap((group) => {
    // What was open when the first of them began.
    const before = group
      .map(({ during }) => during.filter((call) => order.includes(call)))
      .reduce((least, each) => (each.length < least.length ? each : least));
    return group.map((call, i) => ({ ...call, during: [...before.sort(byPlace), ...group.slice(0, i)] }));
  });
  return [...opening, ...ordered, ...closing];
}

/** Constant texts are left out, and markers have names. */
function readable(value: unknown, baseUrl: string): unknown {
  if (typeof value === "string")
    return Object.entries({ ...NAMED, "<baseUrl>": baseUrl }).reduce(
      (text, [name, named]) => text.replaceAll(named, name),
      value.replaceAll(/trc_\w+/g, "trc_1"),
    );
  if (Array.isArray(value)) return value.map((each) => readable(each, baseUrl));
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return { "<secret>": readable(value.value, baseUrl) };
  const texts: unknown[] = Object.values(TEXTS);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, field]) => key !== "__provider" || !texts.includes(field))
      .map(([key, field]) => [key, readable(field, baseUrl)]),
  );
}

/** The opposite, for what is to be sent. */
export function sendable(value: unknown): unknown {
  if (typeof value === "string")
    return Object.entries(NAMED).reduce((text, [name, named]) => text.replaceAll(name, named), value);
  if (Array.isArray(value)) return value.map(sendable);
  if (typeof value !== "object" || value === null) return value;
  if ("<secret>" in value) return { ...SECRET, value: sendable(value["<secret>"]) };
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, sendable(field)]));
}

/** A recording as the text of its file: ids count from 1 in the order in which they appear. */
export function textOf({ scenario, runs }: Recording): string {
  const ids = new Map<string, string>();
  const lines = runs.map(({ calls, after, ...run }) => {
    const head = Object.entries(run).map(([key, value]) => `      ${quoted(key)}: ${quoted(value)},\n`);
    const each = calls.map(({ asked, answered, ...what }) => {
      const parts = [quoted(what).slice(1, -1).trim(), `"asked": ${quoted(asked)}`];
      if (answered !== undefined) parts.push(`"answered": ${quoted(answered)}`);
      return `        { ${parts.join(",\n          ")} }`;
    });
    return `    {\n${head.join("")}      "calls": [\n${each.join(",\n")}\n      ],\n      "after": ${quoted(after)}\n    }`;
  });
  const text = `{\n  "scenario": ${quoted(scenario)},\n  "runs": [\n${lines.join(",\n")}\n  ]\n}\n`;
  return text.replaceAll(/whc_[A-Za-z0-9]{22}/g, (id) => {
    const name = ids.get(id) ?? `whc_${ids.size + 1}`;
    ids.set(id, name);
    return name;
  });
}

function quoted(value: unknown): string {
  return JSON.stringify(value, undefined, 1).replaceAll(/\n */g, " ");
}
