import type { Fault } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import type { Program } from "../support/engineModel.js";
import { at, sceneOf, settled, succeeded } from "../support/modelScene.js";
import { shellUnderTest } from "../support/shellUnderTest.js";

const never = (method: Fault["method"], nth: number, commit: boolean): Fault => ({
  method,
  nth,
  effect: "never",
  commit,
});
const three: Program = { a: { url: at("a") }, b: { url: at("b") }, c: { url: at("c") } };
const { c: _, ...two } = three;

interface Moment {
  readonly what: string;
  readonly next: Program;
  /** The call that never gets an answer: the engine and its processes are killed there. */
  readonly fault: Fault;
}

const created: Program = { ...three, d: { url: at("d") } };
const moved: Program = { ...three, a: { url: at("moved") } };
const rotated: Program = { a: { url: at("b") }, b: { url: at("c") }, c: { url: at("a") } };

const moments: readonly Moment[] = [
  { what: "a create before it takes effect", next: created, fault: never("create", 1, false) },
  { what: "a create when it has taken effect", next: created, fault: never("create", 1, true) },
  { what: "a create when it is read back", next: created, fault: never("list", 2, true) },
  { what: "an update before it takes effect", next: moved, fault: never("update", 1, false) },
  { what: "an update when it has taken effect", next: moved, fault: never("update", 1, true) },
  {
    what: "an update when it is read back",
    next: moved,
    fault: never("list", shellUnderTest === "plugin" ? 1 : 2, true),
  },
  ...[1, 2, 3, 4].flatMap((nth) =>
    [false, true].map((commit) => ({
      what: `a cycle of three at move ${nth}, ${commit ? "done" : "not done"}`,
      next: rotated,
      fault: never("update", nth, commit),
    })),
  ),
  { what: "a delete before it takes effect", next: two, fault: never("delete", 1, false) },
  { what: "a delete when it has taken effect", next: two, fault: never("delete", 1, true) },
];

test.each(moments)("killed in $what: the next deployment puts everything right", async ({ next, fault }) => {
  const it = sceneOf(three);
  const foreign = it.network.put(at("foreign"));
  succeeded(await it.stack.up());
  const ids = it.state();
  it.stack.program = next;
  it.network.setFaults([fault]);
  const killed = await it.stack.killed(() =>
    it.network.requests.some((request) => request.fault === "never"),
  );
  expect(killed.ok).toBe(false);
  it.network.setFaults([]);

  let again = await it.stack.up();
  if (!again.ok) {
    // A create that nobody has recorded has taken effect: the error says how to take it over.
    const orphan = it.account()[at("d")];
    expect(again.output).toContain(`import: "${orphan}"`);
    expect(again.output).toContain("`adoptExisting: true`");
    it.stack.program = { ...created, d: { url: at("d"), adoptExisting: true } };
    again = await it.stack.up();
  }
  succeeded(again);
  const { [at("foreign")]: kept, ...own } = it.account();
  expect(kept).toBe(foreign);
  expect(Object.keys(own).sort()).toEqual(
    Object.values(next)
      .map(({ url }) => url)
      .sort(),
  );
  for (const [name, [id, url]] of Object.entries(it.state())) {
    expect(own[url], name).toBe(id);
    if (ids[name] !== undefined) expect(id, name).toBe(ids[name][0]);
  }
  await settled(it);
});
