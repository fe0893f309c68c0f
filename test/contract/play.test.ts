import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { play, playWithProcesses } from "./play.js";
import type { Recording } from "./recording.js";

const folder = new URL("recordings/dynamic/", import.meta.url);
const recordings = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Recording,
);

describe.each(recordings)("$scenario", ({ runs }) => {
  test.each(runs.map((run) => [run.run, run] as const))("%s", async (_, run) => {
    const { calls, after } = await play(run);
    expect(calls).toEqual(run.calls);
    expect(after).toEqual(run.after);
  });
});

test("processes answer as the shell does: two of one run, with secrets in their settings", async () => {
  const runs = recordings.find(({ scenario }) => scenario === "providers")?.runs ?? [];
  const run = runs.find(({ run }) => run === "up: both changed");
  if (run === undefined) throw new Error("there is no such recording");
  const { calls, after } = await playWithProcesses(run);
  expect(calls).toEqual(run.calls);
  expect(after).toEqual(run.after);
});
