import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { startEmulator } from "pulumi-kompliant/emulator";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";

type Package = typeof import("pulumi-kompliant");
const require = createRequire(import.meta.url);

/** The package as a library of its own has it: nothing in it is the same object as in another copy. */
function copy(): Package {
  const folder = mkdtempSync(join(tmpdir(), "kompliant-copy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const root = fileURLToPath(new URL("../..", import.meta.url));
  for (const each of ["dist", "package.json"])
    cpSync(join(root, "provider", each), join(folder, "provider", each), { recursive: true });
  for (const each of ["node_modules", join("provider", "node_modules")])
    symlinkSync(join(root, each), join(folder, each), "junction");
  return require(join(folder, "provider"));
}

const rejection = (lookup: Promise<unknown>): Promise<unknown> =>
  lookup.then(
    () => undefined,
    (error: unknown) => error,
  );

afterEach(() => {
  vi.unstubAllEnvs();
});

test("what a lookup rejects with can be told apart, in every copy of the package", async () => {
  await using emulator = await startEmulator({ accountIds: ["lv_one"] });
  for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, value);
  const [one, other] = [copy(), copy()];
  expect(one.NotFoundError).not.toBe(other.NotFoundError);

  const none = await rejection(one.getWebhookConfig({ id: "whc_1" }));
  expect(none).toMatchObject({ name: "NotFoundError", query: { id: "whc_1" }, accountId: "lv_one" });
  const noUrl = await rejection(one.getWebhookConfig({ url: "https://example.com/a" }));
  expect(noUrl).toMatchObject({ query: { url: "https://example.com/a" }, accountId: "lv_one" });

  const unknown = await rejection(one.listWebhookConfigs({ accountId: "lv_unknown" }));
  expect(unknown).toMatchObject({
    name: "KompliantError",
    method: "webhook.config.list",
    code: "ENTITY_NOT_FOUND",
    subCode: undefined,
    status: 400,
    traceId: expect.stringMatching(/^trc_/),
    retryable: false,
    message: expect.stringContaining("The account lv_unknown is unknown to these credentials"),
  });

  emulator.setFaults([{ method: "list", times: "all", effect: "status", status: 429, retryAfter: "3600" }]);
  const away = await rejection(other.getWebhookConfig({ id: "whc_1" }));
  expect(away).toMatchObject({ status: 429, code: undefined, retryable: true });

  const settings = await rejection(one.listWebhookConfigs({ accountId: "" }));
  for (const { isNotFoundError, isKompliantError } of [one, other]) {
    expect([none, noUrl, unknown, away, settings].map(isNotFoundError)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect([none, noUrl, unknown, away, settings].map(isKompliantError)).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    for (const neither of [undefined, null, "x", new Error("NotFoundError"), { name: "KompliantError" }])
      expect([isNotFoundError(neither), isKompliantError(neither)]).toEqual([false, false]);
  }
  // Pulumi shows such an error without a stack trace.
  for (const error of [none, unknown, settings]) expect(pulumi.RunError.isInstance(error)).toBe(true);
});
