// A new user's project: `node deploy.cjs [ENGINE_ROOT]` deploys one endpoint to an emulated account, moves it,
// refreshes, looks for drift and destroys. Prints what it saw as JSON.
const { execFile } = require("node:child_process");
const { mkdirSync } = require("node:fs");
const { delimiter, dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");
const { LocalWorkspace, PulumiCommand } = require("@pulumi/pulumi/automation");
const { WebhookConfig } = require("pulumi-kompliant");
const { startEmulator } = require("pulumi-kompliant/emulator");

async function main() {
  const [root] = process.argv.slice(2);
  const state = join(__dirname, "state");
  mkdirSync(state, { recursive: true });
  const emulator = await startEmulator();
  try {
    let url = "https://example.com/kompliant/orders";
    const stack = await LocalWorkspace.createOrSelectStack(
      {
        stackName: "dev",
        projectName: "new-user",
        program: async () => {
          const orders = new WebhookConfig("orders", { url });
          return { id: orders.id };
        },
      },
      {
        pulumiCommand: await PulumiCommand.get({ ...(root && { root }), skipVersionCheck: true }),
        workDir: __dirname,
        projectSettings: { name: "new-user", runtime: "nodejs", backend: { url: pathToFileURL(state).href } },
        envVars: {
          PULUMI_BACKEND_URL: pathToFileURL(state).href,
          PULUMI_CONFIG_PASSPHRASE: "new-user",
          PULUMI_SKIP_UPDATE_CHECK: "true",
          ...emulator.env,
        },
      },
    );
    const look = () => emulator.configs().map(({ config_id, url }) => ({ config_id, url }));
    const created = await stack.up();
    const afterCreate = look();
    url = "https://example.com/kompliant/moved";
    const moved = await stack.up();
    const afterMove = look();
    const refreshed = await stack.refresh();
    const drift = await findDrift(stack.workspace, root);
    const destroyed = await stack.destroy();
    const changes = [created, moved, refreshed, destroyed].map(({ summary }) => summary.resourceChanges);
    const ids = [created, moved].map(({ outputs }) => outputs["id"]?.value);
    console.log(JSON.stringify({ changes, ids, afterCreate, afterMove, drift, afterDestroy: look() }));
  } finally {
    await emulator.close();
  }
}

/**
 * Runs the command, with the engine on the PATH.
 *
 * @param {import("@pulumi/pulumi/automation").Workspace} workspace
 * @param {string | undefined} root
 */
function findDrift({ workDir, envVars }, root) {
  const manifest = require.resolve("pulumi-kompliant/package.json");
  const command = join(dirname(manifest), require(manifest).bin["pulumi-kompliant"]);
  // Windows may call it Path.
  const name = Object.keys(process.env).find((each) => each.toUpperCase() === "PATH") ?? "PATH";
  const path = [...(root ? [join(root, "bin")] : []), process.env[name]].join(delimiter);
  const env = { ...process.env, ...envVars, [name]: path };
  return new Promise((resolve) =>
    execFile(process.execPath, [command, "drift"], { cwd: workDir, env }, (_error, out, err) =>
      resolve({ out, err }),
    ),
  );
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
