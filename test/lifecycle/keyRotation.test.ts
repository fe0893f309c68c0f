import { createHash } from "node:crypto";
import type { Fault } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import type { Declared, Played, Program } from "../support/engineModel.js";
import { piecesIn } from "../support/keys.js";
import { at, type ModelScene, refused, sceneOf, settled, succeeded } from "../support/modelScene.js";

/** What stands for the receiver of the payloads: it holds something of the key's secret. */
function receiverOf(key: string): Declared {
  const fingerprint = (secret: string) => createHash("sha256").update(secret).digest("hex");
  return { url: { of: key, output: "sharedSecret", as: (secret) => at(fingerprint(secret)) } };
}

function activationOf(key: string, dependsOn: readonly string[]): Declared {
  return { type: "WebhookKeyActivation", keyId: { of: key, output: "id", as: (id) => id }, dependsOn };
}

function programOf(rotated: string): Program {
  return {
    main: { type: "WebhookKey", keepers: { rotated } },
    receiver: receiverOf("main"),
    active: activationOf("main", ["receiver"]),
  };
}

async function deployed(): Promise<ModelScene> {
  const it = sceneOf(programOf("1"));
  succeeded(await it.stack.up());
  it.network.clearRequests();
  return it;
}

/** The keys of the account, oldest first. */
function statuses({ network }: ModelScene): string[] {
  return network.keys().map(({ status }) => status);
}

/** What has taken effect, in its order. */
function done({ network }: ModelScene): string[] {
  return network.requests
    .filter(({ committed }) => committed)
    .map(({ method }) => method.replace("webhook.", ""));
}

/** The program's key is the active one, the receiver has its secret, and nothing is left to do. */
async function expectInUse(it: ModelScene): Promise<void> {
  const { main, receiver, active } = Object.fromEntries(
    it.stack.resources().map((each) => [each.name, each]),
  );
  const key = it.network.keys().find(({ status }) => status === "ACTIVE");
  expect(main).toMatchObject({ id: key?.key_id, outputs: { sharedSecret: key?.shared_secret } });
  expect(active?.outputs).toMatchObject({ keyId: key?.key_id, activatedAt: key?.activated_at });
  const { url } = receiverOf("main") as { url: { as(secret: string): string } };
  expect(receiver?.outputs["url"]).toBe(url.as(key?.shared_secret ?? ""));
  expect(it.network.configs().map((each) => each.url)).toEqual([receiver?.outputs["url"]]);
  expect(it.stack.resources()).toHaveLength(3);
  await settled(it);
}

function expectDiscreet({ network }: ModelScene, ...runs: readonly Played[]): void {
  for (const { output } of runs)
    for (const { shared_secret } of network.keys()) expect(piecesIn(output, shared_secret)).toEqual([]);
}

test("a rotation is one deployment: the new key, its receiver, its activation, and the old key's resource last", async () => {
  const it = await deployed();
  await expectInUse(it);
  it.stack.program = programOf("2");
  it.network.clearRequests();
  const preview = succeeded(await it.stack.preview());
  expect(preview.changes).toEqual({ replace: 1, update: 2 });
  expect(done(it)).toEqual([]);
  const run = succeeded(await it.stack.up());
  expect(run.changes).toEqual({ replace: 1, update: 2 });
  expect(done(it)).toEqual(["key.create", "config.update", "key.activate"]);
  expect(statuses(it)).toEqual(["DELETED", "ACTIVE"]);
  const changing = run.calls.filter(({ call }) => ["create", "update", "delete"].includes(call));
  expect(changing.map(({ call, of }) => `${call} ${of}`)).toEqual([
    "create main",
    "update receiver",
    "update active",
    "delete main",
  ]);
  expectDiscreet(it, preview, run);
  await expectInUse(it);
});

const refusing = (method: Fault["method"]): Fault => ({
  method,
  times: "all",
  effect: "status",
  status: 403,
});

test.each<readonly [string, Fault["method"], readonly string[], readonly string[]]>([
  ["the create", "webhook.key.create", [], ["key.create", "config.update", "key.activate"]],
  ["the receiver", "update", ["key.create"], ["config.update", "key.activate"]],
  ["the activation", "webhook.key.activate", ["key.create", "config.update"], ["key.activate"]],
])(
  "a rotation that fails at %s leaves the old key active, and the next deployment goes on",
  async (_, method, before, after) => {
    const it = await deployed();
    it.stack.program = programOf("2");
    it.network.setFaults([refusing(method)]);
    const failed = refused(await it.stack.up(), "answered with HTTP 403");
    expect(done(it)).toEqual(before);
    expect(statuses(it)[0]).toBe("ACTIVE");
    expect(failed.calls.map(({ call }) => call)).not.toContain("delete");

    it.network.setFaults([]);
    it.network.clearRequests();
    const run = succeeded(await it.stack.up());
    expect(done(it)).toEqual(after);
    expect(statuses(it)).toEqual(["DELETED", "ACTIVE"]);
    expect(run.calls.filter(({ call }) => call === "delete").map(({ of }) => of)).toEqual(["main"]);
    expectDiscreet(it, failed, run);
    await expectInUse(it);
  },
);

test("a rotation whose activation takes effect, and whose answer is lost, ends well", async () => {
  const it = await deployed();
  it.stack.program = programOf("2");
  it.network.setFaults([{ method: "webhook.key.activate", effect: "drop", commit: true }]);
  succeeded(await it.stack.up());
  expect(done(it)).toEqual(["key.create", "config.update", "key.activate"]);
  await expectInUse(it);
});

test("a rotation whose create is answered too late leaves a key that nobody activates, and says so", async () => {
  const it = await deployed();
  it.stack.program = programOf("2");
  it.network.setFaults([{ method: "webhook.key.create", effect: "drop", commit: true }]);
  const run = succeeded(await it.stack.up());
  expect(run.output).toContain(
    "may have one webhook key more, or several: inactive, known to nobody, and harmless",
  );
  expect(statuses(it)).toEqual(["DELETED", "INACTIVE", "ACTIVE"]);
  expectDiscreet(it, run);
  await expectInUse(it);
});

test("a key that somebody else has replaced is found gone by a refresh, and the next deployment makes another", async () => {
  const it = await deployed();
  it.network.rotateKey();
  const refreshed = succeeded(await it.stack.refresh());
  expect(refreshed.changes).toMatchObject({ delete: 2 });
  expect(it.stack.resources().map(({ name }) => name)).toEqual(["receiver"]);
  succeeded(await it.stack.up());
  expect(statuses(it)).toEqual(["DELETED", "DELETED", "ACTIVE"]);
  await expectInUse(it);
});

test("a key or an activation that is replaced by force is not activated twice", async () => {
  const it = await deployed();
  it.stack.taint("active");
  expect(succeeded(await it.stack.up()).changes).toMatchObject({ replace: 1 });
  expect(done(it)).toEqual([]);
  it.stack.taint("main");
  expect(succeeded(await it.stack.up()).changes).toMatchObject({ replace: 1, update: 2 });
  expect(statuses(it)).toEqual(["DELETED", "ACTIVE"]);
  await expectInUse(it);
});

test("a destroy leaves the key active, asks Kompliant for nothing about it, and says so", async () => {
  const it = await deployed();
  const [{ key_id: id } = {}] = it.network.keys();
  const run = succeeded(await it.stack.destroy());
  expect(it.stack.resources()).toEqual([]);
  expect(done(it)).toEqual(["config.delete"]);
  expect(it.network.requests.filter(({ method }) => method.startsWith("webhook.key."))).toEqual([]);
  expect(statuses(it)).toEqual(["ACTIVE"]);
  expect(run.output).toContain(`no call was made for the activation of ${id}: `);
  expect(run.output).toContain(`no call was made for ${id}: Kompliant has none that deletes a key, `);
});

test("each of two accounts has its key and its activation, and one of them is rotated", async () => {
  const [FIRST, SECOND] = ["lv_first", "lv_second"];
  const programAt = (rotated: string): Program => ({
    here: { type: "WebhookKey", accountId: FIRST, keepers: { rotated } },
    "here-active": activationOf("here", []),
    there: { type: "WebhookKey", accountId: SECOND, keepers: { rotated: "1" } },
    "there-active": activationOf("there", []),
  });
  const it = sceneOf(programAt("1"), { accountIds: [FIRST, SECOND] });
  succeeded(await it.stack.preview());
  succeeded(await it.stack.up());
  it.stack.program = programAt("2");
  expect(succeeded(await it.stack.preview()).changes).toEqual({ same: 2, replace: 1, update: 1 });
  succeeded(await it.stack.up());
  expect([FIRST, SECOND].map((account) => it.network.keys(account).map(({ status }) => status))).toEqual([
    ["DELETED", "ACTIVE"],
    ["ACTIVE"],
  ]);
  await settled(it);
});

test("a second activation in the account is refused in the preview, also beside a key that is there already", async () => {
  const it = await deployed();
  const second: Program = {
    spare: { type: "WebhookKey" },
    "spare-active": activationOf("spare", []),
  };
  for (const program of [
    { ...programOf("1"), ...second },
    { ...second, ...programOf("1") },
    { ...programOf("2"), ...second },
  ]) {
    it.stack.program = program;
    const run = refused(
      await it.stack.preview(),
      "property keyId has a problem: ",
      "an account has one active key",
    );
    expect(run.output).toMatch(/"active" and "spare-active"|"spare-active" and "active"/);
  }
  expect(done(it)).toEqual([]);
  expect(statuses(it)).toEqual(["ACTIVE"]);
});
