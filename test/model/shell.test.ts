import fc from "fast-check";
import { test } from "vitest";
import { type Deployer, playStory, story } from "../support/accountModel.js";
import { refresh, type State, up } from "../support/grpcStack.js";
import { cases, seed } from "../support/seed.js";
import { type World, worldOf } from "../support/world.js";

const ACCOUNTS = ["lv_4K8mPxR9N2jL7hS5TdWfY1", "lv_9Q2rSxT4V7kM1nB8CdFgH3"] as const;
const STORIES = cases(40, 200);

test(`${STORIES} stories of two accounts, seed ${seed}`, async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const world = worldOf(0, { accountIds: ACCOUNTS });
      await world.until(playStory(steps, ACCOUNTS, world.emulator, deployerIn(world)));
    }),
    { seed, numRuns: STORIES },
  );
});

/** Deploys each time with a provider process of its own. */
function deployerIn({ process }: World): Deployer {
  const state: State = new Map();
  return {
    deploy: async (declared, parallel) => {
      const { single: provider } = await process();
      const failures = [...(await refresh(provider, state)).failures];
      if (failures.length === 0) failures.push(...(await up(provider, state, declared, parallel)).failures);
      return { ok: failures.length === 0, said: failures.map(({ message }) => message).join("\n") };
    },
    state: async () =>
      new Map([...state].map(([name, { id, outputs }]) => [name, { id, url: String(outputs["url"]) }])),
  };
}
