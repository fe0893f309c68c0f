import fc from "fast-check";
import { test } from "vitest";
import { type Deployer, playStory, story } from "../support/accountModel.js";
import { modelWorld } from "../support/engineModel.js";
import { seed } from "../support/seed.js";

const STORIES = 300;

test(`${STORIES} stories of two accounts with the model of the engine, seed ${seed}`, async () => {
  const accounts = ["lv_4K8mPxR9N2jL7hS5TdWfY1", "lv_9Q2rSxT4V7kM1nB8CdFgH3"] as const;
  await fc.assert(
    fc.asyncProperty(story, fc.nat(), fc.boolean(), async (steps, worldSeed, shuffled) => {
      const { network, stack: stackOf } = modelWorld(worldSeed, { accountIds: accounts });
      const stack = stackOf({});
      const deployer: Deployer = {
        deploy: async (declared, parallel) => {
          stack.program = Object.fromEntries(declared);
          const { ok, output } = await stack.up({ parallel, refresh: true, shuffled });
          return { ok, said: output };
        },
        state: async () =>
          new Map(
            stack.resources().map(({ name, id, outputs }) => [name, { id, url: String(outputs["url"]) }]),
          ),
      };
      await playStory(steps, accounts, network, deployer);
    }),
    { seed, numRuns: STORIES, endOnFailure: false },
  );
});
