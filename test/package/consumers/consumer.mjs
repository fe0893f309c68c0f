import { Provider, WebhookConfig } from "pulumi-kompliant";
import { provider } from "pulumi-kompliant/dynamic";
import { startEmulator } from "pulumi-kompliant/emulator";
import packageJson from "pulumi-kompliant/package.json" with { type: "json" };

const emulator = await startEmulator();
await emulator.close();
console.log(
  JSON.stringify({
    classes: [Provider.name, WebhookConfig.name],
    methods: Object.keys(provider).sort(),
    emulator: emulator.url,
    version: packageJson.version,
  }),
);
