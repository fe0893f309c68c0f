import { expect, test } from "vitest";
import { lettersOf } from "../support/calls.js";
import { type Garbled, garbling, made, messageOf, piecesIn, statuses } from "../support/keys.js";
import { inWorld } from "../support/world.js";

const UNKNOWN_KEY = "whk_20000101_01";
const TIMES = { "kompliant:requestTimeoutSeconds": "2", "kompliant:operationTimeoutSeconds": "5" };

test(
  "a key that is unknown is an error, from which nothing is concluded",
  inWorld(async ({ emulator, process }) => {
    const { key, activation } = await process();
    const [accountId = ""] = emulator.accountIds;
    const props = { accountId, sharedSecret: "c2VjcmV0", createdAt: "2026-01-01T00:00:00.000Z" };
    const said = `ENTITY_NOT_FOUND: Webhook key ${UNKNOWN_KEY} does not exist.\n  ${UNKNOWN_KEY} is unknown to these credentials (from the environment): use those of the account that it was made in. Nothing was concluded from this answer. If Kompliant has the key no more, \`pulumi state delete\` removes it from state, and \`pulumi up\` makes another one.\n  call: webhook.key.`;
    const where = `the webhook key ${UNKNOWN_KEY} in account ${accountId}: ${said}`;
    expect(await messageOf(key.read(UNKNOWN_KEY, props))).toContain(
      `cannot read ${where}get, trace id: trc_`,
    );
    expect(await messageOf(activation.read(UNKNOWN_KEY, { keyId: UNKNOWN_KEY }))).toContain(
      `cannot read ${where}get`,
    );
    const message = await messageOf(activation.create({ keyId: UNKNOWN_KEY }));
    expect(message).toContain(
      `cannot activate the webhook key ${UNKNOWN_KEY} in account ${accountId}: ENTITY_NOT_FOUND: `,
    );
    expect(message).toContain("correct `keyId`, or use the credentials of the account that it was made in.");
    expect(message).not.toContain("undefined");
    expect(lettersOf(emulator)).toMatch(/^ggag$/);
  }),
);

test(
  "a create in an account that is unknown, or with a credential that does not fit, says what to correct",
  inWorld(async ({ emulator, process }) => {
    const { key } = await process();
    expect(await messageOf(key.create({ accountId: "lv_nobody" }))).toMatch(
      /^cannot create a webhook key in account lv_nobody: ENTITY_NOT_FOUND: .*\n {2}The account lv_nobody is unknown to these credentials \(from the environment\): correct kompliant:accountId, .*\n {2}call: webhook\.key\.create, trace id: trc_\w+$/,
    );
    const wrong = await process({}, { KOMPLIANT_SECRET_KEY: Buffer.alloc(33, 7).toString("base64") });
    const keyId = emulator.rotateKey();
    emulator.clearRequests();
    for (const message of [
      await messageOf(wrong.key.create({ accountId: emulator.accountIds[0] })),
      await messageOf(wrong.activation.create({ keyId })),
    ]) {
      expect(message).toContain(": AUTH_SIGNATURE_MISMATCH: ");
      expect(message).toContain(
        "It is about the secret key (kompliant:secretKey, KOMPLIANT_SECRET_KEY), taken from",
      );
    }
    expect(lettersOf(emulator)).toBe("ca");
  }),
);

/** The cause comes first, and the answer behind it. */
const DELETED = (id: string) =>
  `: ${id} is deleted: another key of its account has become active since, and a deleted key can never be activated again. Change \`keepers\` of its WebhookKey, or run \`pulumi refresh\`, which finds it gone: either makes a new key. If the program names the key itself, name the one that is active, or remove the activation.\n  webhook.key.activate (${id}`;

test(
  "an activation of what Kompliant has deleted fails, and says that a new key is needed",
  inWorld(async (world) => {
    const { emulator } = world;
    const [old, active] = [emulator.rotateKey(), emulator.rotateKey()];
    const { activation } = await world.process();
    const message = await messageOf(activation.create({ keyId: old }));
    expect(message).toContain(`cannot activate the webhook key ${old}${DELETED(old)}`);
    expect(message).toContain("SYSTEM_RULE_VIOLATION");
    expect(statuses(world)).toEqual({ [old]: "DELETED", [active]: "ACTIVE" });
    expect(lettersOf(emulator)).toBe("ag");
  }),
);

test(
  "a key whose activation was lost, and which another key has replaced since, is not activated again",
  inWorld(async (world) => {
    const { emulator } = world;
    const process = await world.process(TIMES);
    const { id } = await made(process);
    emulator.clearRequests();
    emulator.setFaults([{ method: "webhook.key.activate", effect: "never", commit: true }]);
    const lost = messageOf(process.activation.create({ keyId: id }));
    await world.sleep(1_000);
    expect(statuses(world)[id]).toBe("ACTIVE");
    const newer = emulator.rotateKey();
    const message = await lost;
    expect(message).toContain("did not answer: ");
    expect(message).toContain(DELETED(id));
    expect(statuses(world)).toEqual({ [id]: "DELETED", [newer]: "ACTIVE" });
    expect(lettersOf(emulator)).toBe("ag");
  }),
);

test.each(["activate", "get"])(
  "an answer to %s about another key is refused",
  inWorld(async ({ emulator, process }, word: string) => {
    const asked = emulator.rotateKey();
    const change = (text: string): Garbled => {
      const { meta, data } = JSON.parse(text);
      const active = { status: "ACTIVE", activated_at: "2026-01-01T00:00:00.000Z" };
      return {
        status: 200,
        text: JSON.stringify({
          meta: { ...meta, status: "SUCCESS" },
          data: { ...data, ...active, key_id: UNKNOWN_KEY },
        }),
      };
    };
    const { activation } = await process({}, {}, garbling(emulator, `webhook.key.${word}`, change));
    const about = `the Kompliant API was asked about ${asked} and answered about ${UNKNOWN_KEY}: nothing was concluded from that`;
    if (word === "get") expect(await messageOf(activation.read(asked, { keyId: asked }))).toBe(about);
    expect(await messageOf(activation.create({ keyId: asked }))).toContain(about);
    expect(emulator.requests.filter(({ committed }) => committed)).toEqual([]);
  }),
);

const page = (secret: string) => `<html><body>${secret}</body></html>`;
/** What is made of the answer to a create, by its text and its data. */
const garbled: Readonly<Record<string, (text: string, data: Record<string, string>) => Garbled>> = {
  "without an id": (_, { key_id: __, ...rest }) => ({ text: JSON.stringify({ data: rest }) }),
  "with an id of another form": (_, data) => ({ text: JSON.stringify({ data: { ...data, key_id: "7" } }) }),
  "without a time": (_, { created_at: __, ...rest }) => ({ text: JSON.stringify({ data: rest }) }),
  "cut in half": (text) => ({ text: text.slice(0, -20) }),
  "in another place": (_, data) => ({ text: JSON.stringify({ result: data }) }),
  "that denies itself": (_, data) => ({ text: JSON.stringify({ data, success: false }) }),
  "in a page": (_, { shared_secret = "" }) => ({ contentType: "text/html", text: page(shared_secret) }),
  "in a proxy's refusal": (text) => ({ status: 403, contentType: "text/plain", text }),
  "in a gateway's 502": (text) => ({ status: 502, text }),
  "in a 429": (_, { shared_secret = "" }) => ({
    status: 429,
    contentType: "text/html",
    text: page(shared_secret),
  }),
};

test.each(Object.entries(garbled))(
  "an answer to a create %s shows nothing of the secret",
  inWorld(async ({ emulator, process }, _: string, change: (typeof garbled)[string]) => {
    const [accountId = ""] = emulator.accountIds;
    const proxy = garbling(emulator, "webhook.key.create", (text) => change(text, JSON.parse(text).data));
    const { key } = await process(TIMES, {}, proxy);
    const message = await messageOf(key.create({ accountId }));
    expect(message).toContain(`${emulator.url} answered with HTTP `);
    expect(message).toContain("and a body that is not shown since it may hold the secret");
    expect(emulator.keys()).not.toEqual([]);
    for (const { shared_secret } of emulator.keys())
      for (const text of [message, key.output()]) expect(piecesIn(text, shared_secret)).toEqual([]);
  }),
);

test(
  "a create whose answer is lost makes another key, and warns of the one that may be left over",
  inWorld(async ({ emulator, process }) => {
    const { key } = await process();
    const [accountId = ""] = emulator.accountIds;
    emulator.setFaults([{ method: "webhook.key.create", times: 2, effect: "drop", commit: true }]);
    const { id, properties } = await key.create({ accountId });
    const keys = emulator.keys();
    expect(keys.map(({ status }) => status)).toEqual(["INACTIVE", "INACTIVE", "INACTIVE"]);
    expect([id, properties["sharedSecret"]]).toEqual([keys[2]?.key_id, keys[2]?.shared_secret]);
    expect(key.output()).toBe(
      `warning: an answer to the create of ${id} was lost, so account ${accountId} may have one webhook key more, or several: inactive, known to nobody, and harmless\n`,
    );
  }),
);

test(
  "a create whose answers are lost again and again makes no more than five of the keys that a day allows",
  inWorld(async ({ emulator, process }) => {
    const { key } = await process();
    emulator.setFaults([{ method: "webhook.key.create", effect: "drop", commit: true, times: "all" }]);
    const message = await messageOf(key.create({ accountId: emulator.accountIds[0] }));
    expect(message).toMatch(/\n {2}gave up after 5 attempts over /);
    expect(emulator.keys()).toHaveLength(5);
  }),
);
