// Stands in for `pulumi-language-nodejs`, which comes with Pulumi's official download only: without it `pulumi up` and
// `pulumi import` do not run on an engine that was built from its source. It does what they need of it, with the SDK's
// own runner. The engine starts it, reads its port from the first line, and speaks to it over gRPC.
const { spawn } = require("node:child_process");
const grpc = require("@grpc/grpc-js");
const language = require("@pulumi/pulumi/proto/language_grpc_pb.js");
const messages = require("@pulumi/pulumi/proto/language_pb.js");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb.js");

/** @typedef {import("@grpc/grpc-js").handleUnaryCall<any, any>} Handler */

const engine = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";

/** @type {(answer: () => object) => Handler} */
const answers = (answer) => (_call, callback) => callback(null, answer());

/** @type {Handler} */
function run({ request }, callback) {
  const runner = require.resolve("@pulumi/pulumi/cmd/run", { paths: [request.getPwd()] });
  const options = {
    monitor: request.getMonitorAddress(),
    engine,
    project: request.getProject(),
    stack: request.getStack(),
    organization: request.getOrganization(),
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const config = Object.fromEntries(request.getConfigMap().entries());
  const child = spawn(
    process.execPath,
    [runner, ...args, ...(request.getDryrun() ? ["--dry-run"] : []), request.getProgram()],
    {
      cwd: request.getPwd(),
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        // The default of a project's runtime options.
        PULUMI_NODEJS_TYPESCRIPT: "true",
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
    },
  );
  child.on("exit", (code) => {
    const response = new messages.RunResponse();
    if (code !== 0) response.setError(`the program ended with exit code ${code}`);
    // 32: the runner has told the user what is wrong.
    if (code === 32) response.setBail(true);
    callback(null, response);
  });
}

const server = new grpc.Server();
server.addService(
  /** @type {import("@grpc/grpc-js").ServiceDefinition} */ (language.LanguageRuntimeService),
  {
    handshake: answers(() => new messages.LanguageHandshakeResponse()),
    getPluginInfo: answers(() => {
      const info = new PluginInfo();
      info.setVersion("1.0.0");
      return info;
    }),
    getRequiredPlugins: answers(() => new messages.GetRequiredPluginsResponse()),
    getRequiredPackages: answers(() => new messages.GetRequiredPackagesResponse()),
    run,
  },
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(port);
});
