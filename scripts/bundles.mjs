// `npm run build`: makes one script of what a provider process loads, since many files and the unused parts of packages
// take longer than all the rest of its start. The dynamic shell stays where the constant texts in state look for it. The
// provider plugin is left in provider/dist/plugin, a folder that needs Node on PATH and nothing else.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { licences } from "./licences.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const provider = join(root, "provider");
const folder = join(provider, "dist", "plugin");
const { version } = JSON.parse(readFileSync(join(provider, "package.json"), "utf8"));
const schema = JSON.parse(readFileSync(join(provider, "dist", "shells", "plugin", "schema.json"), "utf8"));

// `exec`, so that a signal of the engine reaches Node itself. Few objects live long, so a small space for new ones
// saves memory and costs no time. A process that lives for seconds does not earn back what optimized code costs.
const flags = "--max-semi-space-size=1 --no-opt";
const posix = `#!/bin/sh
command -v node >/dev/null || { echo "pulumi-resource-kompliant needs Node.js 20.19 or later on PATH" >&2; exit 1; }
exec node ${flags} "$(dirname "$0")/plugin.cjs" "$@"
`;
const windows = `@node ${flags} "%~dp0plugin.cjs" %*\r\n`;

/**
 * The two clients alone. undici's index loads its `fetch` besides, and by that Node's own, which take 15 MB.
 *
 * @type {import("esbuild").Plugin}
 */
const clientsOfUndici = {
  name: "clients of undici",
  setup: (build) => {
    build.onResolve({ filter: /^undici$/ }, () => ({ path: "clients", namespace: "undici" }));
    build.onLoad({ filter: /./, namespace: "undici" }, () => ({
      contents: `
        exports.Agent = require("undici/lib/dispatcher/agent.js");
        exports.EnvHttpProxyAgent = require("undici/lib/dispatcher/env-http-proxy-agent.js");`,
      resolveDir: provider,
    }));
  },
};

/** @type {import("esbuild").BuildOptions & { metafile: true }} */
const options = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  // With shorter names as well, Node takes 10 MB more.
  minifyWhitespace: true,
  plugins: [clientsOfUndici],
  metafile: true,
};

// The sources import packages as ES modules. Only of those does esbuild leave out what is not used.
const sources = join(provider, "src", "shells");
const dynamic = join(provider, "dist", "shells", "dynamic");
const ofDynamic = await build({
  ...options,
  entryPoints: [join(sources, "dynamic", "dynamic.ts")],
  // The provider process has loaded it already.
  external: ["@pulumi/pulumi"],
  outfile: join(dynamic, "dynamic.js"),
});
writeFileSync(join(dynamic, "LICENSES.txt"), licences(root, Object.keys(ofDynamic.metafile.inputs)));

mkdirSync(folder, { recursive: true });
const ofPlugin = await build({
  ...options,
  stdin: {
    contents: `import { startPlugin } from "./plugin.js"; startPlugin(${JSON.stringify(version)});`,
    resolveDir: join(sources, "plugin"),
  },
  // gRPC asks for it only where a server offers channelz or ORCA, which this one does not.
  external: ["@grpc/proto-loader"],
  // Not `.js`: in the folder's new place a package.json above it could make that a module.
  outfile: join(folder, "plugin.cjs"),
});
writeFileSync(join(folder, "LICENSES.txt"), licences(root, Object.keys(ofPlugin.metafile.inputs)));
writeFileSync(join(folder, "schema.json"), `${JSON.stringify({ ...schema, version }, undefined, 2)}\n`);
// `pulumi package add FOLDER` looks for one without the package's name, which it does not know yet.
for (const launcher of ["pulumi-resource-kompliant", "pulumi-resource-"])
  writeFileSync(join(folder, launcher), posix, { mode: 0o755 });
// The last, by which scripts/prepare.mjs knows that all is built.
writeFileSync(join(folder, "pulumi-resource-kompliant.cmd"), windows);
