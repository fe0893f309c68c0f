import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { version } from "../../provider/package.json";
import { MAYBE_ANOTHER_ACCOUNT } from "../../provider/src/core/messages/nothingListed.js";
import { secondsApart } from "../support/clock.js";
import { confidential } from "../support/printed.js";
import { type Shell, shellIn } from "../support/shell.js";

const at = (path: string) => `https://example.com/kompliant/${path}`;
const inShell = (env: Readonly<Record<string, string>>): Promise<Shell> => shellIn(tmpdir(), env);

test("list shows a table, oldest first", async () => {
  await using emulator = await startEmulator({ clock: secondsApart() });
  const orders = emulator.put(at("orders"));
  const payments = emulator.put("https://user:password@example.com/payments");
  const { kompliant } = await inShell(emulator.env);
  const { code, out, err } = await kompliant("list");
  expect([code, err]).toEqual([0, ""]);
  const [headings = "", first, second, blank, count] = out.split("\n");
  expect(headings).toMatch(/^ID +URL +CREATED +UPDATED$/);
  expect(first).toMatch(new RegExp(`^${orders}  ${at("orders")} +2026-01-01 \\(\\d+ days ago\\)  never$`));
  expect(second).toMatch(new RegExp(`^${payments}  https://…@example.com/payments +2026-01-01`));
  expect([blank, count]).toEqual(["", `2 of 20 in account ${emulator.accountIds[0]}`]);
});

test("list --json prints what lookups return", async () => {
  await using emulator = await startEmulator({ accountIds: ["lv_one", "lv_two"], clock: secondsApart() });
  const first = emulator.put(at("orders"), { accountId: "lv_two" });
  emulator.put(at("payments"), { accountId: "lv_two" });
  emulator.change(first, at("moved"), "lv_two");
  const { kompliant } = await inShell(emulator.env);
  const { code, out } = await kompliant("list", "--account", "lv_two", "--filter", "/mov*d", "--json");
  expect(code).toBe(0);
  const [config] = emulator.configs("lv_two");
  expect(JSON.parse(out)).toEqual([
    {
      id: first,
      accountId: "lv_two",
      url: at("moved"),
      createdAt: config?.created_at,
      updatedAt: config?.updated_at,
    },
  ]);
});

test.each([[], ["--json"]])(
  "list says of an account without any, %j, that it may be another one",
  async (...args) => {
    await using emulator = await startEmulator({ accountIds: ["lv_one"] });
    const { kompliant } = await inShell(emulator.env);
    expect(await kompliant("list", ...args)).toEqual({
      code: 0,
      out: args.length === 0 ? "0 of 20 in account lv_one\n" : "[]\n",
      err: `account lv_one lists nothing at all. ${MAYBE_ANOTHER_ACCOUNT}\n`,
    });
  },
);

test("an account that is named needs none in the environment", async () => {
  await using emulator = await startEmulator({ accountIds: ["lv_one"] });
  emulator.put(at("orders"));
  const { kompliant } = await inShell({ ...emulator.env, KOMPLIANT_ACCOUNT_ID: "not an id" });
  const listed = await kompliant("list", "--account", "lv_one");
  expect(listed).toMatchObject({ code: 0, err: "" });
  expect(listed.out).toMatch(/\n1 of 20 in account lv_one\n$/);
  expect((await kompliant("list")).err).toContain('KOMPLIANT_ACCOUNT_ID of the environment is "not an id"');
});

test("colours are for terminals only", async () => {
  await using emulator = await startEmulator();
  emulator.put(at("orders"));
  const { kompliant } = await inShell(emulator.env);
  expect((await kompliant("list")).out).not.toContain("\u001b");
});

test("what an account has registered acts on no terminal, pipeline or program", async () => {
  await using emulator = await startEmulator();
  const url = "https://example.com/kompliant/orders?\n::error::x\r##[error]y\u001b[2J\u202e\u2028`";
  const id = emulator.put(`${url}&kompliant-parked=whc_1`);
  const { kompliant } = await inShell(emulator.env);
  const [listed, json, file, program] = [
    await kompliant("list"),
    await kompliant("list", "--json"),
    await kompliant("import-file"),
    await kompliant("import-file", "--program"),
  ];
  const [{ url: live } = { url: "" }] = emulator.configs();
  expect(JSON.parse(json.out)).toMatchObject([{ id, url: live }]);
  expect(JSON.parse(file.out).resources).toMatchObject([{ id, inputs: { url: live } }]);
  expect(listed.out.split("\n")).toHaveLength(5);
  expect(program.out.split("\n")).toHaveLength(5);
  for (const { code, out, err } of [listed, json, file, program]) {
    expect(code).toBe(0);
    expect((out + err).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(out + err).not.toMatch(/^\s*::|##\[/m);
  }
});

test("list shows a time that is none as it is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kompliant-list-"));
  try {
    const file = join(folder, "account.json");
    const stored = (config_id: string, created_at: string) => ({ config_id, created_at, url: at(config_id) });
    const times = ["garbage", "", "9999-12-31T23:59:59.999Z"];
    await writeFile(file, JSON.stringify({ lv_one: times.map((time, i) => stored(`whc_${i}`, time)) }));
    await using emulator = await startEmulator({ file, accountIds: ["lv_one"] });
    const { kompliant } = await inShell(emulator.env);
    const { code, out } = await kompliant("list");
    expect(code).toBe(0);
    expect(out).not.toMatch(/NaN|Invalid|today/);
    for (const time of times) expect(out).toContain(`  ${time}`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("import-file has everything that state will hold", async () => {
  await using emulator = await startEmulator({ clock: secondsApart() });
  const [accountId] = emulator.accountIds;
  const id = emulator.put(at("orders"));
  emulator.put(at("payments"));
  const { kompliant } = await inShell(emulator.env);
  const { code, out, err } = await kompliant("import-file", "--filter", id);
  expect([code, err]).toEqual([0, ""]);
  const __provider = 'exports.handler=()=>require("pulumi-kompliant/dynamic").provider';
  const inputs = { accountId, url: at("orders"), __provider };
  const time = emulator.configs()[0]?.created_at;
  expect(JSON.parse(out)).toEqual({
    resources: [
      {
        type: "pulumi-nodejs:dynamic/kompliant:WebhookConfig",
        name: "orders",
        id,
        inputs,
        outputs: { ...inputs, createdAt: time, updatedAt: time },
      },
    ],
  });
  expect((await kompliant("import-file", "--filter", id, "--program")).out).toBe(
    `import { WebhookConfig } from "pulumi-kompliant";\n\n// ${id}\nconst orders = new WebhookConfig("orders", { url: "${at("orders")}" });\n`,
  );
});

test("import-file warns of what a deployment has left parked", async () => {
  await using emulator = await startEmulator();
  const id = emulator.put(`${at("orders")}?kompliant-parked=whc_1`);
  const { kompliant } = await inShell(emulator.env);
  const { code, err } = await kompliant("import-file");
  expect([code, err]).toEqual([0, expect.stringContaining(`warning: ${id} was left at`)]);
});

const PROVIDER = "urn:pulumi:dev::app::pulumi:providers:pulumi-nodejs::eu";

test.each([
  [["import-file"], `there is nothing to import. ${MAYBE_ANOTHER_ACCOUNT}`],
  [["import-file", "--provider", "eu"], "must be a URN"],
  [
    ["import-file", "--provider", "urn:pulumi:dev::app::pulumi:providers:aws::eu"],
    "must be the URN of a Provider of pulumi-kompliant (",
  ],
  [
    ["import-file", "--plugin", "--provider", PROVIDER],
    "must be the URN of a Provider of the provider plugin",
  ],
  [["import-file", "--plugin", "--program"], "'--plugin' cannot be used with option '--program'"],
  [["plugin", "instal"], "unknown command 'instal'"],
  [["plugin", "install", "--unheard-of"], "unknown option '--unheard-of'"],
  [["import-file", "--parent", "1=urn:pulumi:dev::app::my:index:Group::group"], "must be a URN"],
  [["import-file", "--provider", PROVIDER, "--parent", "urn:pulumi:dev::app::a:b:C::eu"], "both called eu"],
  [["list", "--account", "lv_other"], "lv_other is unknown to these credentials"],
  [["list", "--account", ""], "is not an account's id"],
  [["import-file", "--account", " lv_one"], "is not an account's id"],
  [["drift", "--account", "lv_one", ""], "is not an account's id"],
  [["list", "--unheard-of"], "unknown option '--unheard-of'"],
  [["drift", "--unheard-of"], "unknown option '--unheard-of'"],
  [["drift", "--stack"], "option '--stack <name>' argument missing"],
  [["drift", "too-much"], "too many arguments for 'drift'"],
  [["unheard-of"], "unknown command 'unheard-of'"],
])("%j is refused on stderr", async (args, words) => {
  await using emulator = await startEmulator();
  const { kompliant } = await inShell(emulator.env);
  const { code, out, err } = await kompliant(...args);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain(words);
  expect(err).not.toMatch(/^\s+at /m);
});

test("what is refused is no command to a pipeline either", async () => {
  const { kompliant } = await inShell({});
  for (const args of [["list", "--account", "\n::error::x\u001b[2J "], ["\n::error::x"]]) {
    const { code, err } = await kompliant(...args);
    expect(code).toBe(1);
    expect(err).toContain("\\u{3a}:error::x");
    expect(err).not.toMatch(/^\s*::/m);
    expect(err).not.toContain("\u001b");
  }
});

test("everything that is missing is said at once", async () => {
  const { kompliant } = await inShell({ KOMPLIANT_API_KEY: "sb_3eY9UJuj09636NVPlgmhfa" });
  const { code, err } = await kompliant("list");
  expect(code).toBe(1);
  for (const name of ["KOMPLIANT_SECRET_KEY", "KOMPLIANT_AUTH_TOKEN", "KOMPLIANT_ACCOUNT_ID"])
    expect(err).toContain(name);
  expect(err).not.toContain("KOMPLIANT_API_KEY");
});

test("wrong credentials are refused without being shown", async () => {
  await using emulator = await startEmulator();
  const { kompliant } = await inShell({
    ...emulator.env,
    KOMPLIANT_AUTH_TOKEN: confidential("wrong-and-confidential"),
  });
  const { code, out, err } = await kompliant("list");
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain("AUTH_INVALID_AUTH_TOKEN");
});

test.each([
  ["list", ["--account <id>", "--filter <pattern...>"]],
  ["import-file", ["--account <id>", "--filter <pattern...>", "pulumi import --file import.json"]],
  [
    "drift",
    [
      ...["--cwd <dir>", "--stack <name>", "--account <id...>", "--ignore <pattern...>", "--json"],
      ...[
        "--markdown <file>",
        "0 no drift, 2 drift, 1 error, 3 nothing",
        "changes nothing",
        "PULUMI_ACCESS_TOKEN",
      ],
    ],
  ],
])("%s --help explains itself", async (command, options) => {
  const { kompliant } = await inShell({});
  const { code, out, err } = await kompliant(command, "--help");
  expect([code, err]).toEqual([0, ""]);
  for (const words of [...options, "KOMPLIANT_API_KEY"]) expect(out).toContain(words);
});

test("--version is the package's", async () => {
  const { kompliant } = await inShell({});
  expect(await kompliant("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
});

test("without a command it shows on stderr what there is", async () => {
  const { kompliant } = await inShell({});
  const { code, out, err } = await kompliant();
  expect([code, out]).toEqual([1, ""]);
  for (const command of ["list", "import-file", "drift", "emulator"])
    expect(err).toMatch(new RegExp(`^  ${command} `, "m"));
});
