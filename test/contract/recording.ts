import type { FaultPlan } from "pulumi-kompliant/emulator";
import { WEBHOOK_CONFIG_SET_TEXT, WEBHOOK_CONFIG_TEXT } from "../../provider/src/lifecycle/text.js";
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
  /** What is live before the run: account to id to URL. */
  readonly accounts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What goes wrong at the API. */
  readonly faults?: FaultPlan;
  readonly calls: readonly RecordedCall[];
}

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
const SECRET = { key: "4dabf18193072939515e22adb298388d", value: "1b47061264138c4ac30d75fd1eb44270" };
export const TEXTS = { WebhookConfig: WEBHOOK_CONFIG_TEXT, WebhookConfigSet: WEBHOOK_CONFIG_SET_TEXT };
export type TypeName = keyof typeof TEXTS;

/** What only starts a process: features and addresses of the engine, and the version of the SDK. */
const STARTS = ["handshake", "getPluginInfo"];

/** What of a request says no more than `of` and `type` do, or has another value in each run. */
const LEFT_OUT = ["urn", "name", "type", "randomseed", "resourceStatusAddress", "resourceStatusToken"];

/** @returns the calls of a run as a recording keeps them, but for ids */
export function recorded(heard: readonly HeardCall[]): RecordedCall[] {
  return inOneOrder(heard.filter(({ method }) => !STARTS.includes(method))).map((call) => {
    const { method, process, request, answer } = call;
    const [name, type, during] = [nameOf(call), typeOf(call), call.during.map(labelOf)];
    const asked = Object.fromEntries(Object.entries(request).filter(([key]) => !LEFT_OUT.includes(key)));
    if (method === "configure") asked["id"] = "<provider>";
    return {
      call: method,
      ...(name === undefined ? {} : { of: name }),
      ...(type === undefined || type === "WebhookConfig" ? {} : { type }),
      ...(process === 0 ? {} : { process: process + 1 }),
      ...(during.length === 0 ? {} : { during }),
      asked: readable(asked) as Fields,
      ...(answer === undefined ? {} : { answered: answered(method, answer) }),
    };
  });
}

/** An answer as a recording keeps it, but for ids. */
export function answered(method: string, answer: Fields): Fields {
  const { changes = 0 } = answer as { changes?: number };
  const named = method === "diff" ? { ...answer, changes: ["unknown", "none", "some"][changes] } : answer;
  return readable(named) as Fields;
}

function typeOf({ request }: HeardCall): string | undefined {
  return (request["urn"] as string | undefined)?.split("::").at(-2)?.split(":").at(-1);
}

/**
 * Where the engine begins calls of one method without waiting for one of them, their order is that of its threads: they
 * are put in the order of names. All other calls have the order that the program or the engine gives them.
 */
function inOneOrder(heard: readonly HeardCall[]): HeardCall[] {
  const groups: HeardCall[][] = [];
  for (const call of heard) {
    const group = groups.at(-1);
    if (group?.every((other) => other.method === call.method && call.during.includes(other)))
      group.push(call);
    else groups.push([call]);
  }
  const place = new Map<HeardCall, number>();
  const order = groups
    .flatMap((group) => group.sort((a, b) => ((nameOf(a) ?? "") < (nameOf(b) ?? "") ? -1 : 1)))
    .map((call, i) => {
      place.set(call, i);
      return call;
    });
  const byPlace = (a: HeardCall, b: HeardCall) => (place.get(a) ?? 0) - (place.get(b) ?? 0);
  return groups.flatMap((group) => {
    // What was open when the first of them began: it is in no other's way.
    const before = group
      .map(({ during }) => during)
      .reduce((least, each) => (each.length < least.length ? each : least));
    return group.map((call, i) => ({
      ...call,
      during: [...[...before].sort(byPlace), ...group.slice(0, i)],
    }));
  });
}

/** Constant texts are left out, and markers have names. */
function readable(value: unknown): unknown {
  if (typeof value === "string")
    return Object.entries(NAMED).reduce((text, [name, named]) => text.replaceAll(named, name), value);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Fields;
  if (fields[SECRET.key] === SECRET.value) return { "<secret>": readable(fields["value"]) };
  const texts: unknown[] = Object.values(TEXTS);
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([key, field]) => key !== "__provider" || !texts.includes(field))
      .map(([key, field]) => [key, readable(field)]),
  );
}

/** The opposite of what makes a recording readable, for a resource of this type. */
export function sendable(value: unknown): unknown {
  if (typeof value === "string")
    return Object.entries(NAMED).reduce((text, [name, named]) => text.replaceAll(name, named), value);
  if (Array.isArray(value)) return value.map(sendable);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Fields;
  if ("<secret>" in fields) return { [SECRET.key]: SECRET.value, value: sendable(fields["<secret>"]) };
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, sendable(field)]));
}

/** A recording as the text of its file: ids count from 1 in the order in which they appear. */
export function textOf({ scenario, runs }: Recording): string {
  const ids = new Map<string, string>();
  const lines = runs.map(({ calls, ...run }) => {
    const head = Object.entries(run).map(([key, value]) => `      ${quoted(key)}: ${quoted(value)},\n`);
    const each = calls.map(({ asked, answered, ...what }) => {
      const parts = [quoted(what).slice(1, -1).trim(), `"asked": ${quoted(asked)}`];
      if (answered !== undefined) parts.push(`"answered": ${quoted(answered)}`);
      return `        { ${parts.join(",\n          ")} }`;
    });
    return `    {\n${head.join("")}      "calls": [\n${each.join(",\n")}\n      ]\n    }`;
  });
  const text = `{\n  "scenario": ${quoted(scenario)},\n  "runs": [\n${lines.join(",\n")}\n  ]\n}\n`;
  return text
    .replaceAll(/whc_[A-Za-z0-9]{22}/g, (id) => {
      const name = ids.get(id) ?? `whc_${ids.size + 1}`;
      ids.set(id, name);
      return name;
    })
    .replaceAll(/trc_[A-Za-z0-9]+/g, "trc_1");
}

function quoted(value: unknown): string {
  return JSON.stringify(value, undefined, 1).replaceAll(/\n */g, " ");
}
