import { expect, test } from "vitest";
import { UNKNOWN } from "../../provider/src/core/call.js";
import { lettersOf } from "../support/calls.js";
import { activated, made, messageOf, piecesIn, statuses } from "../support/keys.js";
import type { Props } from "../support/providerProcess.js";
import { shellUnderTest } from "../support/shellUnderTest.js";
import { inWorld } from "../support/world.js";

const NO_IMPORT =
  "a webhook key cannot be imported: Kompliant tells its shared secret once, when it is created. Let this resource create a new key, and activate that one.";
const UNKNOWN_KEY = "whk_20000101_01";
/** Where inputs differ, the dynamic shell leaves it to the engine to say so. */
const DIFFERS = shellUnderTest === "dynamic" ? "unknown" : "some";

test.each<readonly [string, unknown]>([
  ["a text", "monthly"],
  ["a list", ["monthly"]],
  ["a number in it", { rotated: 11 }],
  ["nothing in it", { rotated: null }],
  ["an object in it", { rotated: { month: "11" } }],
])(
  "keepers with %s are refused",
  inWorld(async ({ process }, _: string, keepers: unknown) => {
    const { key } = await process();
    expect((await key.check({}, { keepers })).failures).toEqual([
      {
        property: "",
        reason:
          "`keepers` must be an object whose values are strings (a number goes in quotes): any change of one makes a new key",
      },
    ]);
  }),
);

test.each<readonly [string, Props]>([
  ["none", {}],
  ["strings", { keepers: { rotated: "2026-11", "another one": "" } }],
  ["one that a preview cannot know", { keepers: { rotated: UNKNOWN } }],
  ["all that a preview cannot know", { keepers: UNKNOWN }],
])(
  "keepers are taken as they are: %s",
  inWorld(async ({ emulator, process }, _: string, given: Props) => {
    const { key } = await process();
    const { inputs, failures } = await key.preview(given);
    expect(failures).toEqual([]);
    expect(inputs).toEqual({ ...given, accountId: emulator.accountIds[0], __provider: inputs["__provider"] });
    expect(emulator.requests).toEqual([]);
  }),
);

test.each<readonly [string, unknown]>([
  ["the id of a configuration", "whc_2K9mPxR7N4jL8hS6TdWfY3"],
  ["what is behind an id", "whk_20261128_01/../x"],
  ["nothing", undefined],
  ["null", null],
  ["a number", 20261128],
])(
  "an activation of %s is refused",
  inWorld(async ({ process }, _: string, keyId: unknown) => {
    const { activation } = await process();
    const { failures } = await activation.check({}, keyId === undefined ? {} : { keyId });
    expect(failures).toMatchObject([
      {
        property: "",
        reason: "`keyId` is not the id of a webhook key, which begins with whk_: pass `id` of a WebhookKey",
      },
    ]);
  }),
);

test(
  "an activation that is given the secret in place of the id does not print it",
  inWorld(async (world) => {
    const process = await world.process();
    const { properties } = await made(process);
    const secret = String(properties["sharedSecret"]);
    const { failures } = await process.activation.check({}, { keyId: secret });
    expect(failures).toHaveLength(1);
    expect(piecesIn(JSON.stringify(failures), secret)).toEqual([]);
  }),
);

test(
  "settings that are missing or malformed are listed, by either, before any call is made",
  inWorld(async ({ emulator, process }) => {
    const { key, activation } = await process({}, { KOMPLIANT_SECRET_KEY: "no", KOMPLIANT_BASE_URL: "no" });
    for (const { failures } of [
      await key.check({}, {}),
      await activation.check({}, { keyId: UNKNOWN_KEY }),
    ]) {
      expect(failures).toMatchObject([{ property: "" }]);
      expect(failures[0]?.reason).toContain("KOMPLIANT_SECRET_KEY");
      expect(failures[0]?.reason).toContain("KOMPLIANT_BASE_URL");
    }
    expect(emulator.requests).toEqual([]);
  }),
);

test(
  "import of a key is refused with its reason",
  inWorld(async ({ emulator, process }) => {
    const { key } = await process();
    if (shellUnderTest === "dynamic")
      expect((await key.check({}, { import: UNKNOWN_KEY })).failures).toEqual([
        { property: "", reason: NO_IMPORT },
      ]);
    expect(await messageOf(key.read(emulator.rotateKey(), {}))).toBe(NO_IMPORT);
    expect(emulator.requests).toEqual([]);
  }),
);

test(
  "import of an activation reads the key in the plugin; the dynamic shell says that none is needed",
  inWorld(async ({ emulator, process }) => {
    const { activation } = await process();
    const keyId = emulator.rotateKey();
    if (shellUnderTest === "dynamic") {
      const { failures } = await activation.check({}, { keyId, import: keyId });
      expect(failures).toMatchObject([{ property: "" }]);
      expect(failures[0]?.reason).toContain("an activation needs no import here");
      return;
    }
    const [{ activated_at: activatedAt } = {}] = emulator.keys();
    expect(await activation.read(keyId, {})).toMatchObject({
      id: keyId,
      inputs: { keyId },
      properties: { keyId, activatedAt },
    });
    expect(await messageOf(activation.read("whc_1", {}))).toContain('"whc_1" is not the id of a webhook key');
    expect(lettersOf(emulator)).toBe("g");
  }),
);

test(
  "a key is replaced by whatever the program changes of it, and the new one is made before the old one goes",
  inWorld(async (world) => {
    const process = await world.process();
    const olds = (await made(process, { keepers: { rotated: "1" } })).properties;
    const diff = async (news: Props, before = olds) =>
      process.key.diff("whk_1", before, { accountId: olds["accountId"], ...news });
    const none = { changes: "none", replaces: [], deleteBeforeReplace: false };
    const replaced = (...replaces: string[]) => ({ changes: DIFFERS, replaces, deleteBeforeReplace: false });
    expect(await diff({ keepers: { rotated: "1" } })).toEqual(none);
    expect(await diff({ keepers: { rotated: "2" } })).toEqual(replaced("keepers"));
    expect(await diff({ keepers: { rotated: UNKNOWN } })).toEqual(replaced("keepers"));
    expect(await diff({ keepers: UNKNOWN })).toEqual(replaced("keepers"));
    expect(await diff({ keepers: { rotated: "1", by: "me" } })).toEqual(replaced("keepers"));
    expect(await diff({})).toEqual(replaced("keepers"));
    expect(await diff({ accountId: "lv_other", keepers: { rotated: "1" } })).toEqual(replaced("accountId"));
    const { keepers: _, ...without } = olds;
    expect(await diff({ keepers: {} }, without)).toEqual(none);
  }),
);

test(
  "an activation is changed in place",
  inWorld(async ({ process }) => {
    const { activation } = await process();
    const olds = { keyId: "whk_1", activatedAt: "2026-01-01T00:00:00.000Z" };
    const diff = (keyId: string) => activation.diff("whk_1", olds, { keyId });
    expect(await diff("whk_1")).toEqual({ changes: "none", replaces: [], deleteBeforeReplace: false });
    for (const keyId of ["whk_2", UNKNOWN])
      expect(await diff(keyId)).toEqual({ changes: DIFFERS, replaces: [], deleteBeforeReplace: false });
  }),
);

test(
  "a refresh keeps a key that is inactive or active, and finds one gone that Kompliant calls deleted",
  inWorld(async (world) => {
    const { emulator } = world;
    const process = await world.process();
    const { id, properties } = await made(process, { keepers: { rotated: "1" } });
    const [{ shared_secret: sharedSecret, created_at: createdAt } = {}] = emulator.keys();
    const [accountId] = emulator.accountIds;
    expect(properties).toMatchObject({ accountId, sharedSecret, createdAt, keepers: { rotated: "1" } });
    const kept = { id, properties, inputs: { accountId, keepers: { rotated: "1" } } };
    expect(await process.key.read(id, properties)).toMatchObject(kept);
    await activated(process, id);
    expect(await process.key.read(id, properties)).toMatchObject(kept);
    emulator.rotateKey();
    expect(statuses(world)[id]).toBe("DELETED");
    expect(await process.key.read(id, properties)).toMatchObject({ id: "" });
  }),
);

test(
  "a refresh finds an activation gone when its key is not active, and says so",
  inWorld(async (world) => {
    const process = await world.process();
    const first = await made(process);
    const second = await made(process, { keepers: { n: "2" } });
    const activation = await activated(process, first.id);
    expect(await process.activation.read(first.id, activation.properties)).toMatchObject(activation);
    // Its id is that of the key that it has activated first.
    const inactive = { keyId: second.id };
    expect(await process.activation.read(first.id, inactive)).toMatchObject({ id: "" });
    world.emulator.rotateKey();
    expect(await process.activation.read(first.id, activation.properties)).toMatchObject({ id: "" });
    const says = (id: string, status: string) =>
      `warning: ${id} is not active (${status}): Kompliant does not deliver with it\n`;
    expect(process.activation.output()).toBe(says(second.id, "INACTIVE") + says(first.id, "DELETED"));
  }),
);

test(
  "a destroy makes no call, and says what stays",
  inWorld(async (world) => {
    const process = await world.process();
    const key = await made(process);
    const activation = await activated(process, key.id);
    world.emulator.clearRequests();
    await process.activation.delete(activation.id, activation.properties);
    await process.key.delete(key.id, key.properties);
    expect(world.emulator.requests).toEqual([]);
    expect(statuses(world)).toEqual({ [key.id]: "ACTIVE" });
    expect(process.key.output()).toBe(
      `no call was made for the activation of ${key.id}: Kompliant has none that ends it. If the key is active, it stays so until another one of its account is activated\n` +
        `no call was made for ${key.id}: Kompliant has none that deletes a key, and deletes it by itself when another key of its account becomes active\n`,
    );
  }),
);

test(
  "an update of an activation whose key is the same makes no call",
  inWorld(async ({ emulator, process }) => {
    const { activation } = await process();
    const olds = { keyId: UNKNOWN_KEY, activatedAt: "2026-01-01T00:00:00.000Z" };
    expect(await activation.update(UNKNOWN_KEY, olds, { keyId: UNKNOWN_KEY })).toMatchObject(olds);
    expect(emulator.requests).toEqual([]);
  }),
);

test(
  "an activation of what is active already changes nothing, and tells since when",
  inWorld(async (world) => {
    const { emulator } = world;
    const process = await world.process();
    const keyId = emulator.rotateKey();
    const [{ activated_at: activatedAt } = {}] = emulator.keys();
    await world.sleep(1_000);
    expect(await activated(process, keyId)).toMatchObject({ id: keyId, properties: { keyId, activatedAt } });
    expect(lettersOf(emulator)).toBe("ag");
    expect(emulator.requests.filter(({ committed }) => committed)).toEqual([]);
  }),
);

test(
  "two keys with the same inputs in one account are two keys, each with its own secret",
  inWorld(async ({ emulator, process }) => {
    const { key } = await process();
    const inputs = { keepers: { rotated: "1" } };
    const first = await key.check({}, { ...inputs, name: "first" });
    const second = await key.check({}, { ...inputs, name: "second" });
    expect([...first.failures, ...second.failures]).toEqual([]);
    const both = await Promise.all([key.create(first.inputs), key.create(second.inputs)]);
    const live = Object.fromEntries(emulator.keys().map((each) => [each.key_id, each.shared_secret]));
    expect(Object.fromEntries(both.map(({ id, properties }) => [id, properties["sharedSecret"]]))).toEqual(
      live,
    );
    expect(Object.keys(live)).toHaveLength(2);
    for (const { id, properties } of both) {
      expect(await key.read(id, properties)).toMatchObject({ id, properties });
      expect(await key.diff(id, properties, first.inputs)).toMatchObject({ changes: "none" });
    }
  }),
);

test(
  "two activations for one account are refused in the preview, whether their keys are there yet or not",
  inWorld(async (world) => {
    const { key, activation } = await world.process();
    for (const name of ["one", "two"]) expect((await key.preview({ name })).failures).toEqual([]);
    expect((await activation.preview({ keyId: UNKNOWN, name: "first" })).failures).toEqual([]);
    const { failures } = await activation.preview({ keyId: UNKNOWN, name: "second" });
    expect(failures).toMatchObject([{ property: "keyId" }]);
    expect(failures[0]?.reason).toContain(
      '"second" and "first" activate keys, and the program declares keys of account lv_',
    );

    const later = await world.process();
    const ids: string[] = [];
    for (const name of ["one", "two"]) {
      const checked = await later.key.check({}, { name });
      ids.push((await later.key.create(checked.inputs)).id);
    }
    expect((await later.activation.check({}, { keyId: ids[0], name: "first" })).failures).toEqual([]);
    const known = await later.activation.check({}, { keyId: ids[1], name: "second" });
    expect(known.failures[0]?.reason).toContain('"second" and "first" both activate a key of account lv_');
    expect(world.emulator.requests.filter(({ method }) => method.endsWith("activate"))).toEqual([]);
  }),
);
