import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startEmulator } from "pulumi-kompliant/emulator";
import { expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { type Ended, shellIn } from "../support/shell.js";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const url = (path: string) => `https://example.com/kompliant/${path}`;

const step = z.union([
  z.strictObject({ uses: z.string(), with: z.record(z.string(), z.unknown()).optional() }),
  z.strictObject({ run: z.string(), env: z.record(z.string(), z.string()).optional() }),
]);
const job = z.strictObject({
  if: z.string(),
  "runs-on": z.literal("ubuntu-latest"),
  "timeout-minutes": z.number(),
  environment: z.string(),
  concurrency: z.strictObject({ group: z.string(), "cancel-in-progress": z.boolean() }),
  steps: z.array(step),
});
const workflowSchema = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  jobs: z.strictObject({ preview: job, deploy: job, drift: job }),
});

const file = at("examples/pipeline/.github/workflows/webhooks.yml");
const workflow = workflowSchema.parse(parse(await readFile(file, "utf8")));
const { preview, deploy, drift } = workflow.jobs;

test("each job has its event, its environment and its place, and the workflow the least permissions", () => {
  expect(workflow.on).toEqual({
    pull_request: null,
    push: { branches: ["main"] },
    schedule: [{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) }],
    workflow_dispatch: null,
  });
  expect(workflow.permissions).toEqual({ contents: "read" });
  // Packages run scripts of their own when they are installed.
  for (const { steps } of [preview, deploy, drift])
    for (const each of steps)
      if ("run" in each) expect(each.env === undefined, each.run).toBe(each.run === "npm ci");
  expect(preview.if).toBe(
    "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository",
  );
  expect(deploy.if).toBe("github.event_name == 'push'");
  expect(drift.if).toBe("github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'");
  expect([preview, deploy, drift].map(({ environment }) => environment)).toEqual([
    "webhooks-preview",
    "webhooks",
    "webhooks",
  ]);
  // A deployment is never cut off, and nothing but a later deployment takes its place.
  expect(deploy.concurrency).toEqual({ group: "webhooks-deploy", "cancel-in-progress": false });
  for (const { concurrency } of [preview, drift]) expect(concurrency.group).not.toBe("webhooks-deploy");
});

/** A repository with the pipeline, a stack in a backend, and a runner for the jobs. */
async function pipeline(secrets: Readonly<Record<string, string>>) {
  await mkdir(at(".pulumi-local"), { recursive: true });
  const folder = await mkdtemp(at(".pulumi-local/pipeline-"));
  const repository = join(folder, "repository");
  const summary = join(folder, "summary.md");
  await mkdir(join(folder, "state"));
  await cp(at("examples/quickstart"), repository, { recursive: true });
  await writeFile(join(repository, "package.json"), '{ "name": "webhooks", "private": true }\n');
  await writeFile(join(repository, "Pulumi.yaml"), "name: webhooks\nruntime: nodejs\n");
  // What a runner has by itself, and in place of PULUMI_ACCESS_TOKEN, which would lead to Pulumi Cloud, another backend.
  const runner = {
    CI: "true",
    GITHUB_STEP_SUMMARY: summary,
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE: "pipeline",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  let workspaces = 0;

  /** Runs a job as GitHub does, in a fresh folder, up to its first step that fails. @returns what its last step printed */
  async function run({ steps }: z.infer<typeof job>): Promise<Ended & { readonly summary: string }> {
    const workspace = join(folder, `workspace-${++workspaces}`);
    const shell = () => shellIn(workspace, runner);
    /** What needs GitHub or a registry, and what stands for it here. */
    const replaced: Readonly<Record<string, () => Promise<unknown>>> = {
      "actions/checkout": () => cp(repository, workspace, { recursive: true }),
      // This Node, and the engine that `shellIn` puts on the PATH.
      "actions/setup-node": async () => {},
      "pulumi/actions": async () => {},
      "npm ci": () => symlink(at("node_modules"), join(workspace, "node_modules")),
    };
    await rm(summary, { force: true });
    let last: Ended = { code: 0, out: "", err: "" };
    for (const each of steps) {
      const [name = ""] = "uses" in each ? each.uses.split("@") : [each.run];
      if (replaced[name] !== undefined) await replaced[name]();
      else if ("uses" in each) throw new Error(`nothing stands for ${name} here`);
      else last = await (await shell()).script(each.run, resolved(each.env ?? {}));
      if (last.code !== 0) break;
    }
    return { ...last, summary: await readFile(summary, "utf8").catch(() => "") };
  }

  function resolved(env: Readonly<Record<string, string>>): Record<string, string> {
    // `runner` has something else in its place.
    const entries = Object.entries(env).filter(([name]) => name !== "PULUMI_ACCESS_TOKEN");
    return Object.fromEntries(
      entries.map(([name, value]) => {
        const [, secret = ""] = /^\$\{\{ secrets\.(\w+) \}\}$/.exec(value) ?? [];
        const known = secrets[secret];
        if (known === undefined) throw new Error(`there is no secret for ${name}: ${value}`);
        return [name, known];
      }),
    );
  }

  return {
    run,
    inRepository: () => shellIn(repository, runner),
    edit: async (from: string, to: string) => {
      const program = join(repository, "index.ts");
      const text = await readFile(program, "utf8");
      expect(text).toContain(from);
      await writeFile(program, text.replaceAll(from, to));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

// The steps are written for GitHub's bash.
test.skipIf(process.platform === "win32")("its steps preview, deploy and find drift", async () => {
  await using emulator = await startEmulator();
  const { KOMPLIANT_ACCOUNT_ID = "", KOMPLIANT_BASE_URL = "", ...secrets } = emulator.env;
  await using jobs = await pipeline(secrets);
  const { script } = await jobs.inRepository();
  const set = await script(`pulumi stack init prod --no-select
pulumi config set --stack prod kompliant:accountId ${KOMPLIANT_ACCOUNT_ID}
pulumi config set --stack prod kompliant:baseUrl ${KOMPLIANT_BASE_URL}`);
  expect(set.code, set.err).toBe(0);
  const live = () => emulator.configs().map((each) => each.url);

  const proposed = await jobs.run(preview);
  expect(proposed.code, proposed.out + proposed.err).toBe(0);
  expect(proposed.out).toContain("+ 4 to create");
  expect(live()).toEqual([]);
  const merged = await jobs.run(deploy);
  expect(merged.code, merged.out + merged.err).toBe(0);
  expect(live().sort()).toEqual(["orders", "payments", "refunds"].map(url));

  // A pull request that cannot work fails.
  await jobs.edit(
    'url: "https://example.com/kompliant/orders"',
    'url: "http://example.com/kompliant/orders"',
  );
  const impossible = await jobs.run(preview);
  expect(impossible.code).not.toBe(0);
  expect(impossible.out).toContain("does not begin with https://");
  await jobs.edit(
    'url: "http://example.com/kompliant/orders"',
    'url: "https://example.com/kompliant/new-orders"',
  );
  expect(await jobs.run(preview)).toMatchObject({ code: 0, out: expect.stringContaining("~ 1 to update") });
  expect((await jobs.run(deploy)).code).toBe(0);
  expect(live()).toContain(url("new-orders"));

  const clean = await jobs.run(drift);
  expect(clean, clean.err).toMatchObject({ code: 0, err: "" });
  expect(clean.summary).toBe(
    `### Kompliant webhooks: no drift in stack \`prod\`\n\n3 endpoints declared, account ${KOMPLIANT_ACCOUNT_ID}\n`,
  );

  const [orders, payments] = ["new-orders", "payments"].map(
    (name) => emulator.configs().find((each) => each.url === url(name))?.config_id ?? "",
  );
  if (orders === undefined || payments === undefined) throw new Error("unreachable");
  emulator.change(orders, url("elsewhere"));
  emulator.remove(payments);
  const newcomer = emulator.put(url("newcomer"));
  const found = await jobs.run(drift);
  expect([found.code, found.err]).toEqual([2, ""]);
  for (const row of [
    "| Drift | Resource | Id | URL |\n| --- | --- | --- | --- |",
    `| changed | \`orders\` | \`${orders}\` | \`${url("new-orders")}\` is now \`${url("elsewhere")}\` |`,
    `| gone | \`payments\` | \`${payments}\` | \`${url("payments")}\` |`,
    `| not declared |  | \`${newcomer}\` | \`${url("newcomer")}\`, since `,
  ])
    expect(found.summary).toContain(row);
  for (const credential of Object.values(emulator.credentials))
    for (const { out, err, summary } of [proposed, merged, clean, found])
      expect(out + err + summary).not.toContain(credential);
});
