import fc from "fast-check";
import { startEmulator } from "pulumi-kompliant/emulator";
import { test } from "vitest";
import { type Declared, type Deployer, playStory, story } from "../support/accountModel.js";
import { engineStack, kompliant } from "../support/engine.js";
import { seed } from "../support/seed.js";

const STORIES = 1;

test(`${STORIES} stories of two accounts with the real engine, seed ${seed}`, async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const accounts = ["lv_4K8mPxR9N2jL7hS5TdWfY1", "lv_9Q2rSxT4V7kM1nB8CdFgH3"] as const;
      await using emulator = await startEmulator({ accountIds: accounts });
      let declared: Declared = new Map();
      await using stack = await engineStack({
        env: emulator.env,
        program: async () => {
          for (const [name, args] of declared) new kompliant.WebhookConfig(name, args);
        },
      });
      const deployer: Deployer = {
        deploy: async (next, parallel) => {
          declared = next;
          const { ok, output } = await stack.up({ parallel, refresh: true });
          return { ok, said: output };
        },
        state: async () =>
          new Map(
            (await stack.resources()).map(({ urn, id = "", outputs }) => [
              urn.split("::").at(-1) ?? "",
              { id, url: String(outputs["url"]) },
            ]),
          ),
      };
      await playStory(steps, accounts, emulator, deployer);
    }),
    // A shrunk story costs minutes here; the one that failed can be played by its seed and path.
    { seed, numRuns: STORIES, endOnFailure: true },
  );
});
