import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEmulator } from "pulumi-kompliant/emulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { version } from "../../provider/package.json";
import { FIRST_MS, yamlProject } from "../support/project.js";
import { type Ended, shellIn } from "../support/shell.js";
import { shellOf } from "../support/stackShell.js";

const at = (path: string) => `https://example.com/kompliant/${path}`;
const ref = (name: string) => `\${${name}}`;
const built = new URL("../../provider/dist/plugin/", import.meta.url);
const place = (home: string) => join(home, "plugins", `resource-kompliant-v${version}`);
const folders: string[] = [];
let home: string;

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "kompliant-plugin-"));
  folders.push(made);
  return made;
}

function expectSuccess({ code, out, err }: Ended): string {
  expect(code, out + err).toBe(0);
  return out;
}

// A home of Pulumi with nothing in it but what the command installs. Programs then find the plugin by its name alone.
beforeAll(async () => {
  home = await folder();
  const { kompliant } = await shellIn(tmpdir(), { PULUMI_HOME: home });
  expectSuccess(await kompliant("plugin", "install"));
});
afterAll(async () => {
  for (const each of folders) await rm(each, { recursive: true, force: true });
});

test("schema prints what SDKs are generated from", async () => {
  const { kompliant } = await shellIn(tmpdir(), {});
  const out = expectSuccess(await kompliant("plugin", "schema"));
  expect(JSON.parse(out)).toEqual(JSON.parse(await readFile(new URL("schema.json", built), "utf8")));
  expect(JSON.parse(out)).toMatchObject({ name: "kompliant", version });
});

test("Pulumi takes the schema from the folder as it is", async () => {
  const { pulumi } = await shellIn(tmpdir(), { PULUMI_HOME: home });
  const out = expectSuccess(await pulumi("package", "get-schema", fileURLToPath(built)));
  expect(JSON.parse(out)).toEqual(JSON.parse(await readFile(new URL("schema.json", built), "utf8")));
});

test("install puts the plugin where Pulumi finds it, once, and again only where that is asked for", async () => {
  const own = await folder();
  const { kompliant, pulumi } = await shellIn(tmpdir(), { PULUMI_HOME: own });
  const words = `the plugin kompliant ${version} is installed`;
  expect(await kompliant("plugin", "install")).toEqual({
    code: 0,
    out: `${words} in ${place(own)}\n`,
    err: "",
  });
  const listed = JSON.parse(expectSuccess(await pulumi("plugin", "ls", "--json")));
  expect(listed).toMatchObject([{ name: "kompliant", kind: "resource", version }]);

  const script = join(place(own), "plugin.cjs");
  await writeFile(script, "of an older build");
  expect(expectSuccess(await kompliant("plugin", "install"))).toBe(
    `${words} already in ${place(own)}; --reinstall puts this package's in its place\n`,
  );
  expect(await readFile(script, "utf8")).toBe("of an older build");
  expect(expectSuccess(await kompliant("plugin", "install", "--reinstall"))).toBe(
    `${words} in ${place(own)}\n`,
  );
  expect(await readFile(script)).toEqual(await readFile(new URL("plugin.cjs", built)));
});

test("install says that there is no pulumi, and what pulumi says that cannot install", async () => {
  const empty = await folder();
  const without = await shellIn(empty, { PATH: empty });
  expect(await without.kompliant("plugin", "install")).toEqual({
    code: 1,
    out: "",
    err: "pulumi-kompliant: plugin install needs Pulumi's command `pulumi`: it is not on the PATH\n",
  });
  const file = join(empty, "file");
  await writeFile(file, "");
  const { kompliant } = await shellIn(empty, { PULUMI_HOME: file });
  const { code, out, err } = await kompliant("plugin", "install");
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^pulumi-kompliant: pulumi does not install the plugin: .*not a directory/s);
});

test(
  "after `import-file --plugin` and `pulumi import`, its own text for the program has nothing to do",
  async () => {
    await using emulator = await startEmulator({ accountIds: ["lv_one", "lv_two"] });
    for (const path of ["orders", "payments?key=1&x='", "new#1"]) emulator.put(at(path));
    emulator.put(at("orders"), { accountId: "lv_two" });
    const env = { ...emulator.env, PULUMI_HOME: home };
    await using project = await yamlProject({ program: "resources: {}", env });
    const { kompliant, pulumi } = await shellOf(project);
    const { workDir } = project.stack.workspace;
    const programs: string[] = [];
    for (const args of [[], ["--account", "lv_two"]]) {
      const file = expectSuccess(await kompliant("import-file", "--plugin", ...args));
      await writeFile(join(workDir, "import.json"), file.replace('"orders"', `"orders${args.length}"`));
      const options = ["--file", "import.json", "--out", "imported.yaml", "--protect=false", "--yes"];
      expectSuccess(await pulumi("import", ...options, "--stack", "test"));
      programs.push(await readFile(join(workDir, "imported.yaml"), "utf8"));
    }
    expect((await project.resources()).map(({ id }) => id).sort()).toEqual(
      emulator.accountIds
        .flatMap((accountId) => emulator.configs(accountId).map(({ config_id }) => config_id))
        .sort(),
    );
    emulator.clearRequests();
    const [first = "", second = ""] = programs;
    await project.setProgram(first + second.replace(/^resources:\n/, ""));
    const up = await project.up();
    expect(up, up.output).toMatchObject({ ok: true, changes: { same: 5 } });
    expect(emulator.requests.filter(({ method }) => !method.endsWith(".list"))).toEqual([]);
  },
  FIRST_MS,
);

test(
  "drift knows the plugin's types: endpoints, sets, what is only read, secrets, and an explicit provider",
  async () => {
    await using emulator = await startEmulator({ accountIds: ["lv_one"] });
    await using eu = await startEmulator({
      accountIds: ["lv_eu"],
      credentials: { apiKey: `sb_${"E".repeat(22)}`, secretKey: "E".repeat(44), authToken: "token-of-eu" },
    });
    const theirs = emulator.put(at("theirs"));
    const type = "kompliant:WebhookConfig";
    const program = stringify({
      resources: {
        eu: {
          type: "pulumi:providers:kompliant",
          properties: { ...eu.credentials, baseUrl: eu.url, accountId: "lv_eu" },
        },
        orders: { type, properties: { url: at("orders") } },
        prod: {
          type: "kompliant:WebhookConfigSet",
          properties: { urls: { refunds: { "fn::secret": at("refunds") }, payments: at("payments") } },
        },
        theirs: { type, get: { id: theirs } },
        far: {
          type,
          properties: { url: { "fn::secret": at("far") } },
          options: { provider: ref("eu") },
        },
      },
    });
    await using project = await yamlProject({ program, env: { ...emulator.env, PULUMI_HOME: home } });
    const up = await project.up();
    expect(up.ok, up.output).toBe(true);
    const { kompliant } = await shellOf(project);
    expect(await kompliant("drift")).toEqual({
      code: 0,
      out: "No drift in stack test: 4 endpoints declared, 1 read, accounts lv_eu, lv_one\n",
      err: "",
    });

    const idAt = (url: string) => emulator.configs().find((each) => each.url === url)?.config_id ?? "";
    const [orders, refunds, payments] = [at("orders"), at("refunds"), at("payments")].map(idAt);
    const [{ config_id: far } = { config_id: "" }] = eu.configs();
    emulator.change(orders ?? "", at("elsewhere"));
    emulator.remove(payments ?? "");
    emulator.change(refunds ?? "", at("refunds-2"));
    eu.change(far, at("far-2"));
    const stray = emulator.put(at("stray"));
    const json = await kompliant("drift", "--json");
    expect([json.code, json.err]).toEqual([2, ""]);
    expect(json.out).not.toMatch(/refunds-2|far-2/);
    expect(JSON.parse(json.out)).toMatchObject({
      plugin: true,
      changed: [
        { name: "far", id: far, accountId: "lv_eu", url: "[secret]", actualUrl: "[secret]" },
        {
          name: "orders",
          urn: "urn:pulumi:test::kompliant-test::kompliant:index:WebhookConfig::orders",
          url: at("orders"),
          actualUrl: at("elsewhere"),
        },
        { name: "prod[refunds]", id: refunds, actualUrl: "[secret]" },
      ],
      gone: [{ name: "prod[payments]", id: payments }],
      undeclared: [{ id: stray, accountId: "lv_one" }],
    });
    expect((await kompliant("drift")).out).toContain(
      `\`npx pulumi-kompliant import-file --plugin --account lv_one --filter ${stray}\``,
    );
  },
  FIRST_MS,
);
