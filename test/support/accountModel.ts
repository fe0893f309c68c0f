import fc from "fast-check";
import type { Emulator } from "pulumi-kompliant/emulator";
import { expect } from "vitest";

/** What a program declares: name to account and URL. */
export type Declared = ReadonlyMap<string, { readonly accountId: string; readonly url: string }>;

/** Something that deploys declarations: a play of the engine, or the engine itself. */
export interface Deployer {
  /** Refreshes and deploys, in a provider process of its own. */
  deploy(declared: Declared, parallel: number): Promise<{ readonly ok: boolean; readonly said: string }>;
  /** What state holds: name to the configuration's id and URL. */
  state(): Promise<ReadonlyMap<string, { readonly id: string; readonly url: string }>>;
}

/** A change that somebody makes behind Pulumi's back; `which` and `url` choose among what there is. */
interface Outside {
  readonly kind: "register" | "change" | "delete";
  readonly account: number;
  readonly which: number;
  readonly url: number;
}

/** One declaration after another, for 20 endpoints in two accounts, and what happens outside before each. */
export interface Story {
  readonly steps: readonly {
    /** For each endpoint the number of its URL, or nothing where it is not declared. */
    readonly urls: readonly (number | null)[];
    readonly outside: readonly Outside[];
    readonly parallel: number;
  }[];
}

const ENDPOINTS = 20;
/** A few more than the endpoints of one account, so that many are wanted again and some are free. */
const URLS = 13;
const at = (place: number | string) => `https://host-${place}.example.com/hook`;

export const story: fc.Arbitrary<Story> = fc.record({
  steps: fc.array(
    fc.record({
      urls: fc.array(fc.option(fc.nat(URLS - 1), { freq: 4 }), {
        minLength: ENDPOINTS,
        maxLength: ENDPOINTS,
      }),
      outside: fc.array(
        fc.record({
          kind: fc.constantFrom("register" as const, "change" as const, "delete" as const),
          account: fc.nat(1),
          which: fc.nat(),
          url: fc.nat(URLS + 3),
        }),
        { maxLength: 3 },
      ),
      parallel: fc.constantFrom(1, 2, 8, 20, 20),
    }),
    { minLength: 2, maxLength: 3 },
  ),
});

/** Plays a story and holds the accounts against what was declared after every step. */
export async function playStory(
  { steps }: Story,
  accounts: readonly [string, string],
  emulator: Emulator,
  deployer: Deployer,
): Promise<void> {
  /** Configurations that are nobody's, by id. */
  const foreign = new Map<string, { readonly accountId: string; readonly url: string }>();
  const live = (accountId: string) =>
    new Map(emulator.configs(accountId).map(({ config_id, url }) => [config_id, url]));
  const everything = () => new Map(accounts.flatMap((accountId) => [...live(accountId)]));

  for (const { urls, outside, parallel } of steps) {
    for (const change of outside) happen(change);
    const declared = declaredBy(urls, accounts);
    const before = everything();
    const known = await deployer.state();
    emulator.clearRequests();

    // What Pulumi deletes last cannot make room in the same deployment, and errors say so.
    const removed = [...known].filter(([name]) => !declared.has(name)).map(([, { id }]) => before.get(id));
    if ([...declared.values()].some(({ url }) => removed.includes(url))) {
      const kept: [string, { accountId: string; url: string }][] = [...known].flatMap(([name, { id }]) => {
        const wanted = declared.get(name);
        const url = before.get(id);
        return wanted === undefined || url === undefined
          ? []
          : [[name, { accountId: wanted.accountId, url }]];
      });
      expect(await deployer.deploy(new Map(kept), 20)).toMatchObject({ ok: true });
    }

    const holders = [...foreign].filter(([, { accountId, url }]) =>
      [...declared.values()].some((wanted) => wanted.accountId === accountId && wanted.url === url),
    );
    let run = await deployer.deploy(declared, parallel);
    if (holders.length > 0) {
      expect(run.ok, "a foreign configuration has a declared URL").toBe(false);
      for (const [id, { accountId }] of holders) {
        emulator.remove(id, accountId);
        foreign.delete(id);
        before.delete(id);
      }
      run = await deployer.deploy(declared, 20);
    } else if (!run.ok && parallel < ENDPOINTS) {
      expect(run.said).toMatch(/--parallel \d+/);
      run = await deployer.deploy(declared, 20);
    }
    expect(run, run.said).toMatchObject({ ok: true });

    const state = await deployer.state();
    expect(new Map([...state].map(([name, { url }]) => [name, url]))).toEqual(
      new Map([...declared].map(([name, { url }]) => [name, url])),
    );
    for (const accountId of accounts) {
      const wanted = [...declared.values(), ...foreign.values()].filter(
        (each) => each.accountId === accountId,
      );
      expect([...live(accountId).values()].sort()).toEqual(wanted.map(({ url }) => url).sort());
    }
    for (const [name, { id, url }] of state) {
      expect(everything().get(id), name).toBe(url);
      const earlier = known.get(name)?.id;
      if (earlier !== undefined && before.has(earlier)) expect(id, `${name} has kept its id`).toBe(earlier);
    }
    for (const [id, { url }] of foreign) expect(everything().get(id), "a foreign configuration").toBe(url);
    expectParkedAtHome(before);
  }

  function happen({ kind, account, which, url: number }: Outside): void {
    const accountId = accounts[account] as string;
    const present = live(accountId);
    const url = number < URLS ? at(number) : at(`elsewhere-${number}`);
    const own = [...present.keys()].filter((id) => !foreign.has(id)).sort();
    const id = own[which % Math.max(1, own.length)];
    if (kind === "delete" && id !== undefined) emulator.remove(id, accountId);
    if ([...present.values()].includes(url)) return;
    if (kind === "change" && id !== undefined) emulator.change(id, url, accountId);
    if (kind === "register") foreign.set(emulator.put(url, { accountId }), { accountId, url });
  }

  /** No request may ever have sent an endpoint's payloads to another host than its own or its new one. */
  function expectParkedAtHome(before: ReadonlyMap<string, string>): void {
    const present = new Map(before);
    for (const { configId, url, committed } of emulator.requests) {
      if (configId === undefined || url === undefined) continue;
      const from = present.get(configId);
      if (url.includes("kompliant-parked") && from !== undefined)
        expect(new URL(url).host).toBe(new URL(from).host);
      if (committed) present.set(configId, url);
    }
  }
}

/** Endpoints alternate between the accounts; one whose URL another has already gets the next that is free. */
function declaredBy(urls: readonly (number | null)[], accounts: readonly [string, string]): Declared {
  const declared = new Map<string, { accountId: string; url: string }>();
  const taken = new Set<string>();
  for (const [i, wanted] of urls.entries()) {
    if (wanted === null) continue;
    const account = i % 2;
    let number = wanted;
    while (taken.has(`${account} ${number}`)) number = (number + 1) % URLS;
    taken.add(`${account} ${number}`);
    declared.set(`hook-${i}`, { accountId: accounts[account] as string, url: at(number) });
  }
  return declared;
}
