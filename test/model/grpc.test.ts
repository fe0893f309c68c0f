import fc from "fast-check";
import { startEmulator } from "pulumi-kompliant/emulator";
import { test } from "vitest";
import { type Deployer, playStory, story } from "../support/accountModel.js";
import { refresh, type State, up } from "../support/grpcStack.js";
import { type ProviderProcess, startProvider } from "../support/providerProcess.js";
import { seed } from "../support/seed.js";

/** Played side by side, since most of a story is waiting. */
const LANES = 4;
const STORIES = 20;

test.concurrent.each(Array.from({ length: LANES }, (_, lane) => seed + lane))(
  `${STORIES} stories of two accounts through the provider server, seed %i`,
  async (laneSeed) => {
    // Every story has accounts of its own, so a process that is used again is as good as new.
    const accountIds = Array.from({ length: 4_000 }, (_, i) => `lv_story${i}`);
    await using emulator = await startEmulator({ accountIds });
    const processes: ProviderProcess[] = [];
    let played = 0;
    try {
      await fc.assert(
        fc.asyncProperty(story, async (steps) => {
          const accounts = [accountIds[2 * played] ?? "", accountIds[2 * played + 1] ?? ""] as const;
          played++;
          await playStory(steps, accounts, emulator, deployer());
        }),
        { seed: laneSeed, numRuns: STORIES, endOnFailure: false },
      );
    } finally {
      for (const each of processes) await each.close();
    }

    function deployer(): Deployer {
      const state: State = new Map();
      let runs = 0;
      return {
        deploy: async (declared, parallel) => {
          const provider = processes[runs] ?? (await startProvider({}, { ...emulator.env }));
          processes[runs++] = provider;
          const read = await refresh(provider, state);
          const failures = [...read.failures];
          if (failures.length === 0)
            failures.push(...(await up(provider, state, declared, parallel)).failures);
          return { ok: failures.length === 0, said: failures.map(({ message }) => message).join("\n") };
        },
        state: async () =>
          new Map([...state].map(([name, { id, outputs }]) => [name, { id, url: String(outputs["url"]) }])),
      };
    }
  },
  400_000,
);
