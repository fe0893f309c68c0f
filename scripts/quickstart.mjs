// `npm run quickstart [-- up | preview | refresh | destroy]`: examples/quickstart against an emulated account.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { prepare } from "./prepare.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const example = join(root, "examples", "quickstart");
const local = join(root, ".pulumi-local");
const commands = ["up", "preview", "refresh", "destroy"];

const [command = "up", ...rest] = process.argv.slice(2);
if (!commands.includes(command) || rest.length > 0) {
  console.error(`usage: npm run quickstart [-- ${commands.join(" | ")}]`);
  process.exit(2);
}

try {
  prepare();
  await run();
} catch (error) {
  const { message, commandResult } = /** @type {Error & {commandResult?: object}} */ (error);
  // What the engine has to say stands above already.
  console.error(commandResult === undefined ? message : `\nquickstart: \`${command}\` failed; see above`);
  process.exitCode = 1;
}

async function run() {
  const { findEngine } = await import("./engine/engine.mjs");
  const engine = await findEngine();
  console.log(`Pulumi engine ${engine.version}, ${engine.how}`);

  const { LocalWorkspace, PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  const { startEmulator } = await import("pulumi-kompliant/emulator");
  const { tsImport } = await import("tsx/esm/api");
  // The engine writes its project files into a folder from which it must find this repository's packages.
  const project = join(local, "project");
  for (const folder of [project, join(local, "state")]) mkdirSync(folder, { recursive: true });
  const emulator = await startEmulator({ file: join(local, "account.json") });
  try {
    console.log(`Kompliant emulator at ${emulator.url}, account ${emulator.accountIds[0]}\n`);
    const backend = pathToFileURL(join(local, "state")).href;
    const stack = await LocalWorkspace.createOrSelectStack(
      {
        stackName: "quickstart",
        projectName: "kompliant-quickstart",
        program: async () => {
          const { default: _, ...outputs } = await tsImport(
            pathToFileURL(join(example, "index.ts")).href,
            import.meta.url,
          );
          return outputs;
        },
      },
      {
        pulumiCommand: await PulumiCommand.get({
          ...(engine.root && { root: engine.root }),
          skipVersionCheck: true,
        }),
        workDir: project,
        projectSettings: { name: "kompliant-quickstart", runtime: "nodejs", backend: { url: backend } },
        envVars: {
          PULUMI_BACKEND_URL: backend,
          PULUMI_CONFIG_PASSPHRASE: "quickstart",
          PULUMI_SKIP_UPDATE_CHECK: "true",
          ...emulator.env,
        },
      },
    );
    const print = (/** @type {string} */ text) => void process.stdout.write(text);
    const options = { onOutput: print, onError: print };
    if (command === "up") await stack.up(options);
    if (command === "preview") await stack.preview(options);
    if (command === "refresh") await stack.refresh(options);
    if (command === "destroy") await stack.destroy(options);

    const configs = emulator.configs();
    console.log(
      `\nThe account now has ${configs.length} webhook configuration${configs.length === 1 ? "" : "s"}:`,
    );
    for (const { config_id, url } of configs) console.log(`  ${config_id}  ${url}`);
  } finally {
    await emulator.close();
  }
}
