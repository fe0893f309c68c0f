// A new user's project: `node deploy.cjs [ENGINE_ROOT]` deploys one endpoint to an emulated account, moves it,
// refreshes and destroys. Prints what it saw as JSON.
const { mkdirSync } = require("node:fs");
const { join } = require("node:path");
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
    const destroyed = await stack.destroy();
    const changes = [created, moved, refreshed, destroyed].map(({ summary }) => summary.resourceChanges);
    const ids = [created, moved].map(({ outputs }) => outputs["id"]?.value);
    console.log(JSON.stringify({ changes, ids, afterCreate, afterMove, afterDestroy: look() }));
  } finally {
    await emulator.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
