import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { killDuring, victims } from "../support/kill.js";
import { shellUnderTest } from "../support/shellUnderTest.js";
import { shellOf } from "../support/stackShell.js";
import {
  at,
  commandsOf,
  declares,
  endpoint,
  explicit,
  type Hook,
  idAt,
  parallel,
  set,
  three,
  urnOf,
} from "./commands.js";
import { ACCOUNT, type Recorder, SECOND } from "./recorder.js";

export const scenarios: Readonly<Record<string, (recorder: Recorder) => Promise<void>>> = {
  plain: async (recorder) => {
    const hooks = three();
    declares(recorder, hooks);
    const { up, preview, destroy, previewDestroy } = commandsOf(recorder);
    await preview("three new ones");
    await up("three new ones");
    await up("no change");
    hooks.b.url = at("moved");
    await preview("one URL changed");
    await up("one URL changed");
    delete hooks.c;
    await preview("one removed");
    await up("one removed");
    await previewDestroy("all");
    await destroy("all");
  },

  "look-ahead": async (recorder) => {
    const hooks: Record<string, Hook> = { ...three() };
    declares(recorder, hooks);
    const { up } = commandsOf(recorder);
    await up("three new ones, one at a time", { parallel: 1 });
    for (const [name, hook] of Object.entries(hooks)) hook.url = at(`moved-${name}`);
    await up("three changed, two at a time", { parallel: 2 });
  },

  swap: async (recorder) => {
    const { c: _, ...hooks } = three();
    declares(recorder, hooks);
    const { up } = commandsOf(recorder);
    await up("two new ones");
    [hooks.a.url, hooks.b.url] = [hooks.b.url, hooks.a.url];
    await up("two URLs swapped");
    [hooks.a.url, hooks.b.url] = [hooks.b.url, hooks.a.url];
    await up("two URLs swapped, one at a time", { parallel: 1 });
  },

  drift: async (recorder) => {
    declares(recorder, three());
    const { emulator } = recorder;
    const { up, refresh, preview, previewRefresh, destroy } = commandsOf(recorder);
    const drifts = () => {
      emulator.change(idAt(recorder, at("a")), at("elsewhere"));
      emulator.remove(idAt(recorder, at("b")));
    };
    await up("three new ones");
    await refresh("nothing has changed");
    drifts();
    await previewRefresh("a has another URL, b is gone");
    await refresh("a has another URL, b is gone");
    await up("repairs what refresh has found");
    drifts();
    await preview("a has another URL, b is gone", { refresh: true });
    await up("a has another URL, b is gone", { refresh: true });
    drifts();
    await refresh("a has another URL, b is gone", { runProgram: true });
    await up("repairs what refresh has found");
    drifts();
    await up("a has another URL, b is gone", { refresh: true, runProgram: true });
    drifts();
    await destroy("a has another URL, b is gone", { refresh: true });
  },

  replace: async (recorder) => {
    const hooks = { a: { url: at("a"), accountId: ACCOUNT } as Hook, b: { url: at("b") } as Hook };
    declares(recorder, hooks);
    const { up, preview } = commandsOf(recorder);
    await up("two new ones");
    hooks.a.accountId = SECOND;
    await preview("another account");
    await up("another account");
    const urn = await urnOf(recorder, "a");
    await up("no change", { targetReplace: [urn] });
    const shell = await shellOf(recorder.stack);
    await shell.pulumi("state", "taint", urn, "--yes", "--stack", "test");
    await preview("a is tainted");
    await up("a is tainted");
    hooks.a.options = { deleteBeforeReplace: true };
    await up("a is tainted still, or again", { targetReplace: [urn] });
  },

  dependents: async (recorder) => {
    let accountId = ACCOUNT;
    let options: pulumi.CustomResourceOptions = {};
    recorder.setProgram(() => {
      const a = endpoint("a", { url: at("a"), accountId }, { deleteBeforeReplace: true });
      endpoint("b", { url: a.id.apply((id) => at(`after/${id}`)) }, options);
    });
    const { up, preview, refresh, destroy } = commandsOf(recorder);
    await preview("the URL of b depends on a");
    await up("the URL of b depends on a");
    accountId = SECOND;
    await preview("a is replaced");
    await up("a is replaced");
    options = { replaceOnChanges: ["url"] };
    await up("b is replaced too", { targetReplace: [await urnOf(recorder, "a")] });
    await refresh("nothing has changed");
    await destroy("all");
  },

  target: async (recorder) => {
    const hooks: Record<string, Hook> = { ...three() };
    declares(recorder, hooks);
    const { up, preview, refresh, destroy } = commandsOf(recorder);
    await up("three new ones");
    const target = [await urnOf(recorder, "b")];
    for (const [name, hook] of Object.entries(hooks)) hook.url = at(`moved-${name}`);
    await preview("all changed", { target });
    await up("all changed", { target });
    delete hooks["c"];
    await up("a changed, c removed", { target });
    await refresh("nothing has changed", { target });
    await destroy("one", { target });
  },

  import: async (recorder) => {
    const { emulator, stack, record } = recorder;
    const [a, , c] = ["a", "b", "c"].map((name) => emulator.put(at(name)));
    const hooks: Record<string, Hook> = {
      a: { url: at("a"), options: { import: a ?? "" } },
      b: { url: at("b"), adoptExisting: true },
    };
    declares(recorder, hooks);
    const { up, preview } = commandsOf(recorder);
    await preview("the option import, and adoptExisting");
    await up("the option import, and adoptExisting");
    await up("no change");
    const shell = await shellOf(stack);
    let what = ["kompliant:index:WebhookConfig", "c", c ?? ""];
    if (shellUnderTest === "dynamic") {
      const listed = await shell.kompliant("import-file", "--filter", at("c"));
      await writeFile(join(stack.stack.workspace.workDir, "import.json"), listed.out);
      what = ["--file", "import.json"];
    }
    const words = ["import", ...what, "--generate-code=false", "--yes", "--stack", "test"];
    await record(`import ${shellUnderTest === "dynamic" ? "--file" : "TYPE NAME ID"}`, async () => ({
      ok: (await shell.pulumi(...words, "--protect=false", "--parallel", String(parallel))).code === 0,
    }));
  },

  "import-other-url": async (recorder) => {
    const old = recorder.emulator.put(at("old"));
    declares(recorder, { a: { url: at("new"), options: { import: old } } });
    const { up, preview } = commandsOf(recorder);
    await preview("the option import of what has another URL");
    await up("the option import of what has another URL");
    await up("no change");
  },

  renames: async (recorder) => {
    const hooks: Record<string, Hook> = { a: { url: at("a") } };
    declares(recorder, hooks);
    const { up, preview } = commandsOf(recorder);
    await up("one new one");
    delete hooks["a"];
    hooks["renamed"] = { url: at("a"), options: { aliases: [{ name: "a" }] } };
    await preview("renamed with an alias");
    await up("renamed with an alias");
  },

  providers: async (recorder) => {
    const { emulator, setProgram } = recorder;
    const { apiKey, secretKey, authToken } = emulator.credentials;
    const urls = { a: at("a"), b: at("b") };
    setProgram((inTurn) => {
      inTurn("a", (when) => endpoint("a", { url: when(urls.a) }));
      const provider = explicit("eu", { apiKey, secretKey, authToken, accountId: SECOND });
      inTurn("b", (when) => endpoint("b", { url: when(urls.b) }, { provider }));
    });
    const { up, preview, refresh, destroy } = commandsOf(recorder);
    await preview("one by the default provider, one by another");
    await up("one by the default provider, one by another");
    Object.assign(urls, { a: at("moved-a"), b: at("moved-b") });
    await up("both changed");
    await refresh("nothing has changed");
    await up("nothing has changed", { refresh: true });
    await destroy("all");
  },

  failures: async (recorder) => {
    const hooks = three();
    declares(recorder, hooks);
    const { up } = commandsOf(recorder);
    hooks.b.url = "http://example.com/b";
    await up("check refuses b");
    hooks.b.url = at("b");
    recorder.emulator.put(at("b"));
    await up("the URL of b is taken");
    recorder.emulator.remove(idAt(recorder, at("b")));
    await up("what b creates cannot be read back", {}, [
      { method: "list", nth: 2, times: "all", effect: "status", status: 403, body: "json" },
    ]);
    await up("completes b");
  },

  killed: async (recorder) => {
    const { stack, record } = recorder;
    const hooks: Record<string, Hook> = { a: { url: at("a") } };
    declares(recorder, hooks);
    const { up, refresh } = commandsOf(recorder);
    const kill = async () => {
      const reached = recorder.reaches("never");
      const run = await killDuring(
        { ...stack, up: () => stack.up({ parallel }) },
        reached,
        victims["the engine"],
      );
      await stack.stack.cancel();
      return run;
    };
    await up("one new one");
    hooks["b"] = { url: at("b") };
    const never = { method: "create", effect: "never", commit: false } as const;
    await record("up: the engine is killed while b is created", kill, [never]);
    await up("creates b, whose creation is pending in state");
    hooks["c"] = { url: at("c") };
    await record("up: the engine is killed while c is created", kill, [never]);
    await refresh("the creation of c is pending in state");
    await up("creates c");
  },

  set: async (recorder) => {
    const { emulator, setProgram } = recorder;
    let urls: Record<string, string> = { a: at("a"), b: at("b") };
    setProgram(() => {
      set("prod", { urls });
    });
    const { up, preview, refresh, destroy } = commandsOf(recorder);
    emulator.put(at("foreign"));
    await preview("two URLs");
    await up("two URLs");
    await up("no change");
    urls = { a: at("moved"), c: at("c") };
    await preview("one changed, one removed, one added");
    await up("one changed, one removed, one added");
    emulator.remove(idAt(recorder, at("c")));
    await refresh("one is gone");
    await up("repairs what refresh has found");
    await destroy("all");
  },

  options: async (recorder) => {
    const hooks: Record<string, Hook> = {
      a: { url: at("a"), options: { ignoreChanges: ["url"] } },
      b: {
        url: at("b"),
        options: { protect: true, customTimeouts: { create: "5m", update: "6m", delete: "7m" } },
      },
      c: { url: at("c"), options: { retainOnDelete: true } },
    };
    declares(recorder, hooks);
    const { up, preview } = commandsOf(recorder);
    await up("ignoreChanges, protect with customTimeouts, retainOnDelete");
    for (const [name, hook] of Object.entries(hooks)) hook.url = at(`moved-${name}`);
    await preview("all changed");
    await up("all changed");
    const { b: _b, ...rest } = hooks;
    declares(recorder, rest);
    await up("b, which is protected, is removed");
    const { c: _c, ...others } = hooks;
    declares(recorder, others);
    await up("c, which is retained, is removed");
  },
};
