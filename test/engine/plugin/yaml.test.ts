import { type Emulator, startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { callsOf } from "../../support/calls.js";
import { packages } from "../../support/plugin.js";
import { FIRST_MS, type Project, yamlProject } from "../../support/project.js";
import { shellOf } from "../../support/stackShell.js";
import { at, refused, succeeded } from "../../support/takeover.js";

const ACCOUNTS = ["lv_one", "lv_two"] as const;

const endpoint = (url: string, more: object = {}, options: object = {}) => ({
  type: "kompliant:WebhookConfig",
  properties: { url, ...more },
  options,
});
const setOf = (urls: Record<string, string>, more: object = {}, options: object = {}) => ({
  type: "kompliant:WebhookConfigSet",
  properties: { urls, ...more },
  options,
});
const programOf = (resources: object, rest: object = {}) =>
  // The host of YAML knows no anchors.
  stringify({ resources, ...rest }, { aliasDuplicateObjects: false });

/** How a program in YAML speaks of what it has. */
const of = (path: string) => `\${${path}}`;

function projectOf({ env }: Emulator, resources: object): Promise<Project> {
  return yamlProject({ program: programOf(resources), settings: packages, env });
}

/** What `pulumi …` prints in a project. */
async function pulumi(project: Project, ...args: string[]): Promise<string> {
  const { code, out, err } = await (await shellOf(project)).pulumi(...args, "--stack", "test");
  expect(code, out + err).toBe(0);
  return out;
}

test(
  "endpoints are previewed, deployed, left alone, refreshed, swapped and destroyed, with the fewest calls",
  async () => {
    await using emulator = await startEmulator({ accountIds: ACCOUNTS });
    await using project = await projectOf(emulator, { a: endpoint(at("a")), b: endpoint(at("b")) });
    expect(succeeded(await project.preview()).changes).toEqual({ create: 3 });
    expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });
    expect(succeeded(await project.up()).changes).toEqual({ create: 3 });
    const ids = new Map(emulator.configs().map(({ url, config_id }) => [url, config_id]));

    emulator.clearRequests();
    expect(succeeded(await project.up()).changes).toEqual({ same: 3 });
    expect(emulator.requests).toEqual([]);
    expect(succeeded(await project.refresh()).changes).toEqual({ same: 3 });
    expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 1, update: 0, delete: 0 });

    await project.setProgram(programOf({ a: endpoint(at("b")), b: endpoint(at("a")) }));
    const preview = await pulumi(project, "preview", "--diff");
    expect(preview).toContain(`~ url: "${at("a")}" => "${at("b")}"`);
    expect(preview).toContain(`~ url: "${at("b")}" => "${at("a")}"`);
    emulator.clearRequests();
    expect(succeeded(await project.up()).changes).toEqual({ same: 1, update: 2 });
    expect(callsOf(emulator)).toMatchObject({ create: 0, delete: 0 });
    const swapped = new Map(emulator.configs().map(({ url, config_id }) => [url, config_id]));
    expect(swapped).toEqual(
      new Map([
        [at("a"), ids.get(at("b"))],
        [at("b"), ids.get(at("a"))],
      ]),
    );

    emulator.clearRequests();
    expect(succeeded(await project.destroy()).changes).toEqual({ delete: 3 });
    expect(callsOf(emulator)).toEqual({ create: 0, get: 0, list: 0, update: 0, delete: 2 });
  },
  FIRST_MS,
);

test(
  "a preview refuses a URL that is declared twice or not https, and warns of a foreign one at its resource",
  async () => {
    await using emulator = await startEmulator();
    const foreign = emulator.put(at("foreign"));
    await using project = await projectOf(emulator, { orders: endpoint(at("foreign")) });
    const warned = succeeded(await project.preview());
    expect(warned.output).toContain(
      `kompliant:index:WebhookConfig (orders):\n    warning: ${foreign} of account`,
    );
    await project.setProgram(programOf({ one: endpoint(at("a")), two: endpoint(at("a")) }));
    // YAML declares what does not depend on each other in any order.
    refused(await project.preview(), '"one"', '"two"', "declare the same URL", at("a"));
    await project.setProgram(programOf({ plain: endpoint("http://example.com/a") }));
    refused(
      await project.preview(),
      "resource 'plain': property url value {http://example.com/a} has a problem",
      "https",
    );
    expect(callsOf(emulator)).toMatchObject({ create: 0, update: 0, delete: 0 });
  },
  FIRST_MS,
);

test(
  "`pulumi import` of endpoints by id, in the configured account or another one, and of a set by its account: then nothing is to be done",
  async () => {
    const accountIds = [...ACCOUNTS, "lv_set"];
    await using emulator = await startEmulator({ accountIds });
    const [one, two, inSet = ""] = accountIds.map((accountId) => emulator.put(at("orders"), { accountId }));
    await using project = await projectOf(emulator, {});
    const imports = async (type: string, name: string, id: string) =>
      expect(
        await pulumi(
          project,
          ...["import", `kompliant:index:${type}`, name, id],
          ...["--yes", "--skip-preview", "--protect=false"],
        ),
      ).toContain(at("orders"));
    await imports("WebhookConfig", "one", `${one}`);
    await imports("WebhookConfig", "two", `lv_two/${two}`);
    await imports("WebhookConfigSet", "set", "lv_set");
    await project.setProgram(
      programOf({
        one: endpoint(at("orders")),
        two: endpoint(at("orders"), { accountId: "lv_two" }),
        set: setOf({ [inSet]: at("orders") }, { accountId: "lv_set" }),
      }),
    );
    emulator.clearRequests();
    expect(succeeded(await project.up()).changes).toEqual({ same: 4 });
    expect(emulator.requests).toEqual([]);
    const ids = (await project.resources()).map(({ id, outputs }) => [outputs["accountId"], id]);
    expect(Object.fromEntries(ids)).toEqual({ lv_one: one, lv_two: two, lv_set: "lv_set" });
  },
  FIRST_MS,
);

test(
  "lookups, a provider of its own, a set, and what is there already",
  async () => {
    await using emulator = await startEmulator({ accountIds: ACCOUNTS });
    const existing = emulator.put(at("existing"));
    const theirs = emulator.put(at("theirs"), { accountId: "lv_two" });
    await using project = await projectOf(emulator, {});
    const byProvider = { provider: of("two") };
    const resources = {
      two: {
        type: "pulumi:providers:kompliant",
        properties: { ...emulator.credentials, accountId: "lv_two", baseUrl: emulator.url },
      },
      adopting: endpoint(at("existing"), { adoptExisting: true }),
      elsewhere: endpoint(at("elsewhere"), {}, byProvider),
      set: setOf({ a: at("a"), "b c": at("b-c") }, {}, byProvider),
    };
    const call = (name: string, args: object, options = {}) => ({
      "fn::invoke": { function: `kompliant:${name}`, arguments: args, options },
    });
    const variables = {
      byUrl: call("getWebhookConfig", { url: at("existing") }),
      byId: call("getWebhookConfig", { id: theirs, accountId: "lv_two" }),
      all: call("listWebhookConfigs", {}),
    };
    await project.setProgram(
      programOf(resources, {
        variables,
        outputs: {
          byUrl: of("byUrl.id"),
          byId: of("byId"),
          all: of("all.configurations"),
          ids: of("set.ids"),
        },
      }),
    );
    const up = succeeded(await project.up());
    expect(up.changes).toEqual({ create: 5 });
    expect(up.output).toContain(`took over ${existing}`);
    const [set] = emulator.configs("lv_two").filter(({ url }) => url === at("a"));
    expect(await project.stack.outputs()).toMatchObject({
      byUrl: { value: existing },
      byId: { value: { id: theirs, url: at("theirs"), accountId: "lv_two" } },
      all: { value: [{ id: existing, url: at("existing"), accountId: "lv_one" }] },
      ids: { value: { a: set?.config_id } },
    });
    const live = ACCOUNTS.map((accountId) => emulator.configs(accountId).map(({ url }) => url));
    expect(live).toEqual([
      [at("existing")],
      expect.arrayContaining([at("theirs"), at("elsewhere"), at("b-c")]),
    ]);
    expect(live[1]).toHaveLength(4);
  },
  FIRST_MS,
);

test(
  "`customTimeouts` end a create and a delete that nobody answers",
  async () => {
    await using emulator = await startEmulator();
    const timeouts = { customTimeouts: { create: "2s", delete: "3s" } };
    await using project = await projectOf(emulator, { orders: endpoint(at("orders"), {}, timeouts) });
    const unanswered = (method: "create" | "delete") =>
      emulator.setFaults([{ method, times: "all", effect: "never", commit: false }]);
    const diagnostic = (method: string, seconds: number) =>
      new RegExp(
        `\\(orders\\):\n +error: cannot ${method} [^]* out of time after .* over ${seconds}(\\.\\d)? s\n`,
      );
    unanswered("create");
    expect(refused(await project.up()).output).toMatch(diagnostic("create", 2));
    unanswered("delete");
    succeeded(await project.up());
    expect(refused(await project.destroy()).output).toMatch(diagnostic("delete", 3));
    expect(emulator.configs()).toHaveLength(1);
  },
  FIRST_MS,
);
