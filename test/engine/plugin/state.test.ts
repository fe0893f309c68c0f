import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { engineStack } from "../../support/engine.js";
import { classes, plugins } from "../../support/plugin.js";
import { at, succeeded } from "../../support/takeover.js";

/** With `-v=9` the engine itself writes down all that it sends and receives. */
const TRACE = /arshaling property for RPC\[/;

test("state is small; credentials and secret URLs are in clear neither there, nor in a saved plan, nor in what the plugin logs", async () => {
  await using emulator = await startEmulator({ accountIds: ["lv_one", "lv_two"] });
  const foreign = emulator.put(at("foreign?token=of-others"), { accountId: "lv_two" });
  const { apiKey, secretKey, authToken } = emulator.credentials;
  await using stack = await engineStack({
    env: {},
    settings: plugins,
    config: {
      "kompliant:accountId": { value: "lv_one" },
      "kompliant:baseUrl": { value: emulator.url },
      "kompliant:apiKey": { value: apiKey, secret: true },
      "kompliant:secretKey": { value: secretKey, secret: true },
      "kompliant:authToken": { value: authToken, secret: true },
    },
    program: async () => {
      const { endpoint, set, provider } = classes.plugin;
      const secret = (path: string) => pulumi.secret(at(`${path}?token=of-ours`));
      endpoint("orders", { url: at("orders"), adoptExisting: true });
      endpoint("secret", { url: secret("secret") });
      // What the program does not call a secret.
      const two = provider("two", {
        apiKey,
        secretKey,
        authToken,
        accountId: "lv_two",
        baseUrl: emulator.url,
      });
      set("set", { urls: { a: at("a"), b: secret("b") } }, { provider: two });
    },
  });
  const tokens = ["of-ours", "of-others", "of-drift"];
  const confidential = [apiKey, secretKey, authToken, ...tokens];
  const expectNoneIn = (text: string) => {
    for (const secret of confidential) expect(text).not.toContain(secret);
  };

  const plan = join(stack.stack.workspace.workDir, "plan.json");
  let log = "";
  const onOutput = (text: string) => {
    log += text;
  };
  const verbose = { logToStdErr: true, logVerbosity: 9, logFlow: true };
  await stack.stack.preview({ plan, ...verbose, onOutput, onError: onOutput });
  expect(log).toMatch(TRACE);
  const untraced = log.split("\n").filter((line) => !TRACE.test(line));
  for (const secret of [apiKey, secretKey, authToken]) expect(untraced.join("\n")).not.toContain(secret);
  expectNoneIn(await readFile(plan, "utf8"));

  succeeded(await stack.up());
  expectNoneIn(await stack.state());
  const resources = await stack.resources();
  const { inputs, outputs } = resources.find(({ urn }) => urn.endsWith("::orders")) ?? {};
  expect(inputs).toEqual({ accountId: "lv_one", url: at("orders") });
  expect(Object.keys(outputs ?? {}).sort()).toEqual(["accountId", "createdAt", "updatedAt", "url"]);
  expect(JSON.stringify([inputs, outputs]).length).toBeLessThan(300);
  const set = resources.find(({ urn }) => urn.endsWith("::set"));
  expect(set?.outputs["others"]).toMatchObject({
    plaintext: JSON.stringify({ [foreign]: at("foreign?token=of-others") }),
  });

  for (const accountId of ["lv_one", "lv_two"])
    for (const { config_id, url } of emulator.configs(accountId))
      if (url.includes("of-ours")) emulator.change(config_id, url.replace("of-ours", "of-drift"), accountId);
  const refreshed = succeeded(await stack.refresh());
  expect(refreshed.changes).toEqual({ same: 3, update: 2 });
  expectNoneIn(refreshed.output + (await stack.state()));
  let shown = "";
  await stack.stack.preview({
    diff: true,
    onOutput: (text) => {
      shown += text;
    },
  });
  expect(shown).toContain("~ url: [secret] => [secret]");
  expectNoneIn(shown);
});
