import { type Fault, startEmulator } from "pulumi-kompliant/emulator";
import { describe, expect, test } from "vitest";
import { engineStack, kompliant } from "../support/engine.js";
import { killDuring, victims } from "../support/kill.js";

const { WebhookConfig } = kompliant;
const at = (place: number | string) => `https://example.com/kompliant/${place}`;
const never = (method: Fault["method"], nth: number, commit: boolean): Fault => ({
  method,
  nth,
  effect: "never",
  commit,
});

/** What the program declares, as it changes in a test: name to URL. */
type Declared = Map<string, string>;

interface Scenario {
  readonly name: string;
  /** At which call the process is killed: the one that never gets an answer. */
  readonly moments: readonly { readonly name: string; readonly fault: Fault }[];
  /** Changes the program, the `i`th time. */
  change(declared: Declared, i: number): void;
}

/** What other moments leave behind is played without an engine. */
const scenarios: readonly Scenario[] = [
  {
    name: "a create",
    moments: [{ name: "when it has taken effect", fault: never("create", 1, true) }],
    change: (declared, i) => declared.set(`new-${i}`, at(`new-${i}`)),
  },
  {
    name: "a cycle of three",
    moments: [{ name: "when one is parked and one has moved", fault: never("update", 2, true) }],
    change: (declared) => {
      const urls = [0, 1, 2].map((i) => declared.get(`hook-${i}`) ?? "");
      for (const i of [0, 1, 2]) declared.set(`hook-${i}`, urls[(i + 1) % 3] ?? "");
    },
  },
];

// The processes are found with `ps`.
describe.skipIf(process.platform === "win32").each(Object.entries(victims))("%s is killed", (_, victim) => {
  test.each(scenarios)("in $name: the next deployment puts everything right", async (scenario) => {
    let reached = () => {};
    await using emulator = await startEmulator({
      onRequest: ({ fault }) => {
        if (fault === "never") reached();
      },
    });
    const foreign = emulator.put(at("foreign"));
    const declared: Declared = new Map([0, 1, 2].map((i) => [`hook-${i}`, at(i)]));
    const adopted = new Set<string>();
    await using stack = await engineStack({
      env: emulator.env,
      program: async () => {
        for (const [name, url] of declared)
          new WebhookConfig(name, { url, adoptExisting: adopted.has(name) });
      },
    });
    expect(await stack.up()).toMatchObject({ ok: true });
    const idAt = (url: string) => emulator.configs().find((config) => config.url === url)?.config_id;
    const ids = new Map([...declared].map(([name, url]) => [name, idAt(url)]));

    for (const [i, { name, fault }] of scenario.moments.entries()) {
      scenario.change(declared, i);
      emulator.setFaults([fault]);
      const moment = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const killed = await killDuring(stack, moment, victim);
      expect(killed.ok, name).toBe(false);
      emulator.setFaults([]);
      // Where the engine has ended by itself, nothing is locked.
      await stack.stack.cancel().catch(() => {});

      let next = await stack.up();
      if (!next.ok) {
        const orphan = [...declared].find(([created]) => created === `new-${i}`);
        expect(orphan, next.output).toBeDefined();
        const [created = "", url = ""] = orphan ?? [];
        expect(next.output).toContain(`import: "${idAt(url)}"`);
        expect(next.output).toContain("`adoptExisting: true`");
        adopted.add(created);
        next = await stack.up();
      }
      expect(next.ok, `${name}\n${next.output}`).toBe(true);
      const live = new Map(emulator.configs().map(({ config_id, url }) => [config_id, url]));
      expect([...live.values()].sort(), name).toEqual([...declared.values(), at("foreign")].sort());
      expect(live.get(foreign)).toBe(at("foreign"));
      for (const [kept, id = ""] of ids)
        if (declared.has(kept)) expect(live.get(id), `${name}: ${kept}`).toBe(declared.get(kept));
      const states = (await stack.resources()).map(({ id = "", outputs }) => [id, outputs["url"]]);
      live.delete(foreign);
      expect(new Map(states as [string, string][]), name).toEqual(live);
    }
    expect(await stack.up()).toMatchObject({ ok: true, changes: { same: declared.size + 1 } });
  });
});
