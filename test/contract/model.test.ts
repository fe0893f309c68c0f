import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sorted } from "../support/engineModel/state.js";
import type { ModelCall } from "../support/engineModel.js";
import { seed } from "../support/seed.js";
import { shellUnderTest } from "../support/shellUnderTest.js";
import { scenarios, sceneOf } from "./modelScenarios.js";
import { type Fields, type RecordedCall, type Recording, sendable } from "./recording.js";

const folder = new URL(`recordings/${shellUnderTest}/`, import.meta.url);
const recordings = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Recording,
);

/** What only starts and ends processes is not the model's, nor are `customTimeouts`, which the provider never sees. */
const isPlayed = ({ call, type }: RecordedCall) =>
  type !== "pulumi-nodejs" && type !== "kompliant" && call !== "cancel";
/** What the class adds to the inputs of the program. */
const ADDED = ["name"];

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

function asked(fields: Fields): Fields {
  const { news, ...rest } = without(fields, ["timeout"]);
  return news === undefined ? rest : { ...rest, news: without(news as Fields, ADDED) };
}

const ofRecording = ({ call, of = "", during = [], process = 1, asked: fields, answered }: RecordedCall) => ({
  call,
  of,
  during,
  isExplicit: process > 1,
  asked: asked(sendable(fields) as Fields),
  isAnswered: answered !== undefined,
});

const ofModel = ({ call, of, during, provider, asked: fields, answered }: ModelCall) => ({
  call,
  of,
  during: during.map((each) => `${each.call} ${each.of}`),
  isExplicit: provider !== undefined,
  asked: asked(fields),
  isAnswered: answered !== undefined,
});

/** Ids by the order in which they appear. */
function numbered<T>(value: T): T {
  const ids = new Map<string, string>();
  return JSON.parse(
    JSON.stringify(sorted(value)).replaceAll(/whc_\w+/g, (id) => {
      const name = ids.get(id) ?? `whc_${ids.size + 1}`;
      ids.set(id, name);
      return name;
    }),
  );
}

test("all scenarios are played", () => {
  expect(Object.keys(scenarios).sort()).toEqual(recordings.map(({ scenario }) => scenario).sort());
});

describe("the model asks as the engine does", () => {
  test.each(recordings.map((each) => [each.scenario, each] as const))("%s", async (scenario, { runs }) => {
    const played = (await scenarios[scenario]?.(sceneOf(seed))) ?? [];
    const recorded = runs.map(({ run, ok, calls }) => {
      const all = calls.filter(isPlayed).map(ofRecording);
      // Its two processes are one after the other.
      const isImport = run.startsWith("import");
      return { ok, calls: isImport ? all.map((call) => ({ ...call, isExplicit: false })) : all };
    });
    const seen = played.map(({ ok, calls }) => ({ ok, calls: calls.map(ofModel) }));
    expect(numbered(seen)).toEqual(numbered(recorded));
  });
});
