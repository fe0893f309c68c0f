// `npm run build`: leaves the provider plugin in provider/dist/plugin, a folder that needs Node on PATH and nothing else.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const provider = fileURLToPath(new URL("../provider", import.meta.url));
const folder = join(provider, "dist", "plugin");
const { version } = JSON.parse(readFileSync(join(provider, "package.json"), "utf8"));
const schema = JSON.parse(readFileSync(join(provider, "dist", "shells", "plugin", "schema.json"), "utf8"));

// `exec`, so that a signal of the engine reaches Node itself.
const posix = `#!/bin/sh
command -v node >/dev/null || { echo "pulumi-resource-kompliant needs Node.js 20.19 or later on PATH" >&2; exit 1; }
exec node "$(dirname "$0")/plugin.js" "$@"
`;
const windows = '@node "%~dp0plugin.js" %*\r\n';

mkdirSync(folder, { recursive: true });
await build({
  stdin: {
    contents: `require("./dist/shells/plugin/plugin.js").startPlugin(${JSON.stringify(version)});`,
    resolveDir: provider,
  },
  bundle: true,
  platform: "node",
  target: "node20",
  minify: true,
  // Only errors that nobody expects show a trace, and then it has to say where.
  keepNames: true,
  outfile: join(folder, "plugin.js"),
});
writeFileSync(join(folder, "schema.json"), `${JSON.stringify({ ...schema, version }, undefined, 2)}\n`);
writeFileSync(join(folder, "pulumi-resource-kompliant"), posix);
chmodSync(join(folder, "pulumi-resource-kompliant"), 0o755);
writeFileSync(join(folder, "pulumi-resource-kompliant.cmd"), windows);
