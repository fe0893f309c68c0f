const { Provider, WebhookConfig } = require("pulumi-kompliant");
const { provider } = require("pulumi-kompliant/dynamic");
const { startEmulator } = require("pulumi-kompliant/emulator");
const { version } = require("pulumi-kompliant/package.json");

async function main() {
  const emulator = await startEmulator();
  await emulator.close();
  console.log(
    JSON.stringify({
      classes: [Provider.name, WebhookConfig.name],
      methods: Object.keys(provider).sort(),
      emulator: emulator.url,
      version,
    }),
  );
}

main();
