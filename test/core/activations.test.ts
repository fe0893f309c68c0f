import { expect, test } from "vitest";
import { type Activation, noKeysSeen, rivalry } from "../../provider/src/core/activations.js";

interface Seen {
  /** The account of each key that has an id. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** The accounts of the keys that the program declares; undefined for one that a preview cannot know. */
  readonly declared?: readonly (string | undefined)[];
  /** What the other activations of the program activate, by name; undefined for a key that is yet to be made. */
  readonly others?: Readonly<Record<string, string | undefined>>;
}

function rivalryOf(keyId: string | undefined, { accounts = {}, declared = [], others = {} }: Seen) {
  const seen = noKeysSeen();
  for (const [id, account] of Object.entries(accounts)) seen.accounts.set(id, account);
  for (const [i, account] of declared.entries()) seen.declared.set(`key-${i}`, account);
  const own: Activation = { key: "own", label: "own", keyId };
  for (const [name, other] of Object.entries(others))
    seen.activations.set(name, { key: name, label: name, keyId: other });
  seen.activations.set("own", own);
  return rivalry(own, seen);
}

const A = { whk_1: "lv_a", whk_2: "lv_a", whk_9: "lv_b" };

test.each<readonly [string, string | undefined, Seen]>([
  ["is the only one", "whk_1", {}],
  ["is the only one, of a key that is yet to be made", undefined, { declared: ["lv_a"] }],
  ["is of another account", "whk_1", { accounts: A, others: { eu: "whk_9" } }],
  ["is of a key whose account nobody knows", "whk_7", { accounts: A, others: { eu: "whk_1" } }],
  [
    "has beside it one of a key whose account nobody knows",
    "whk_1",
    { accounts: A, others: { eu: "whk_7" } },
  ],
  [
    "is one of two, of keys of two accounts that are yet to be made",
    undefined,
    { declared: ["lv_a", "lv_b"], others: { eu: undefined } },
  ],
  [
    "is of a new key, beside one of an old key of another account",
    undefined,
    { accounts: A, declared: ["lv_a", "lv_b"], others: { eu: "whk_9" } },
  ],
  [
    "is of a new key, beside one of a key of another account that the program does not declare",
    undefined,
    { accounts: A, declared: ["lv_a"], others: { eu: "whk_9" } },
  ],
  [
    "is of a new key, beside one of a key whose account nobody knows",
    undefined,
    { declared: ["lv_a"], others: { eu: "whk_7" } },
  ],
  [
    "is one of two of new keys, one of which has an account that a preview cannot know",
    undefined,
    { declared: ["lv_a", undefined], others: { eu: undefined } },
  ],
  ["is one of two of keys that nobody declares here", undefined, { others: { eu: undefined } }],
  [
    "is of an old key, beside one of a new key",
    "whk_1",
    { accounts: A, declared: ["lv_a", "lv_b"], others: { eu: undefined } },
  ],
])("an activation has no rival that %s", (_, keyId, seen) => {
  expect(rivalryOf(keyId, seen)).toBeUndefined();
});

const LAST = "an account has one active key, and the last of them would win. Remove one of the two.";

test("two activations of one key are rivals, whether or not its account is known", () => {
  expect(rivalryOf("whk_7", { others: { second: "whk_7" } })).toBe(
    `"own" and "second" both activate a key of the same account: ${LAST}`,
  );
  expect(rivalryOf("whk_1", { accounts: A, others: { second: "whk_1" } })).toBe(
    `"own" and "second" both activate a key of account lv_a: ${LAST}`,
  );
});

test("two activations of two keys of one account are rivals, and the account is named", () => {
  expect(rivalryOf("whk_1", { accounts: A, others: { eu: "whk_9", second: "whk_2" } })).toBe(
    `"own" and "second" both activate a key of account lv_a: ${LAST}`,
  );
});

test.each<readonly [string, Seen, string, string]>([
  [
    "two keys of one account",
    { declared: ["lv_a", "lv_a"], others: { second: undefined } },
    `"own" and "second"`,
    "of account lv_a alone",
  ],
  [
    "one key",
    { declared: ["lv_a"], others: { second: undefined } },
    `"own" and "second"`,
    "of account lv_a alone",
  ],
  [
    "a new key and an old one of the same account",
    { accounts: A, declared: ["lv_a"], others: { second: "whk_1" } },
    `"own" and "second"`,
    "of account lv_a alone",
  ],
  [
    "three keys of two accounts",
    { declared: ["lv_a", "lv_b", "lv_a"], others: { second: undefined, third: undefined } },
    `"own" and "second" and "third"`,
    "of 2 accounts alone",
  ],
])("more activations than accounts, of keys that are yet to be made: %s", (_, seen, names, where) => {
  expect(rivalryOf(undefined, seen)).toBe(
    `${names} activate keys, and the program declares keys ${where}: an account has one active key, and the last of two would win. Keep one \`WebhookKeyActivation\` for each account. If a key has a \`provider\` of its own, its activation needs the same one.`,
  );
});

test("an activation of an old key is a rival of one of a new key of the same account, whichever is looked at first", () => {
  const program = { accounts: A, declared: ["lv_a", "lv_a"] };
  expect(rivalryOf("whk_1", { ...program, others: { second: undefined } })).toContain(
    "of account lv_a alone",
  );
  expect(rivalryOf(undefined, { ...program, others: { second: "whk_1" } })).toContain(
    "of account lv_a alone",
  );
});

test("a resource whose name is not known is another resource", () => {
  const seen = noKeysSeen();
  const nameless = { key: "b", label: undefined, keyId: "whk_1" };
  seen.activations.set("b", nameless);
  expect(rivalry({ key: "a", label: "own", keyId: "whk_1" }, seen)).toContain(
    '"own" and another resource both activate',
  );
});
