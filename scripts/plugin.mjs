// `npm run build`: leaves the provider plugin in provider/dist/plugin, a folder that needs Node on PATH and nothing else.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { licences } from "./licences.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const provider = join(root, "provider");
const folder = join(provider, "dist", "plugin");
const { version } = JSON.parse(readFileSync(join(provider, "package.json"), "utf8"));
const schema = JSON.parse(readFileSync(join(provider, "dist", "shells", "plugin", "schema.json"), "utf8"));

// `exec`, so that a signal of the engine reaches Node itself.
const posix = `#!/bin/sh
command -v node >/dev/null || { echo "pulumi-resource-kompliant needs Node.js 20.19 or later on PATH" >&2; exit 1; }
exec node "$(dirname "$0")/plugin.cjs" "$@"
`;
const windows = '@node "%~dp0plugin.cjs" %*\r\n';

mkdirSync(folder, { recursive: true });
const { metafile } = await build({
  stdin: {
    contents: `require("./dist/shells/plugin/plugin.js").startPlugin(${JSON.stringify(version)});`,
    resolveDir: provider,
  },
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  minify: true,
  // Only errors that nobody expects show a trace, and then it has to say where.
  keepNames: true,
  // gRPC asks for it only where a server offers channelz or ORCA, which this one does not.
  external: ["@grpc/proto-loader"],
  metafile: true,
  // Not `.js`: in the folder's new place a package.json above it could make that a module.
  outfile: join(folder, "plugin.cjs"),
});
writeFileSync(join(folder, "LICENSES.txt"), licences(root, Object.keys(metafile.inputs)));
writeFileSync(join(folder, "schema.json"), `${JSON.stringify({ ...schema, version }, undefined, 2)}\n`);
writeFileSync(join(folder, "pulumi-resource-kompliant"), posix);
chmodSync(join(folder, "pulumi-resource-kompliant"), 0o755);
// The last, by which scripts/prepare.mjs knows that all is built.
writeFileSync(join(folder, "pulumi-resource-kompliant.cmd"), windows);
