// Stands in for `pulumi-language-nodejs`, `…-python` and `…-go`, which come with Pulumi's official download only: without
// them `pulumi up` does not run a project of that language on an engine that was built from its source. It does what that
// needs of them, with the language's own SDK. The engine starts it, reads its port from the first line, and speaks to it
// over gRPC.
const { spawn } = require("node:child_process");
const { join } = require("node:path");
const grpc = require("@grpc/grpc-js");
const language = require("@pulumi/pulumi/proto/language_grpc_pb.js");
const messages = require("@pulumi/pulumi/proto/language_pb.js");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb.js");

/** @typedef {import("@grpc/grpc-js").handleUnaryCall<any, any>} Handler */

const [runtime = "", ...rest] = process.argv.slice(2);
const engine = rest.find((argument) => !argument.startsWith("-")) ?? "";

/**
 * What starts a program of each language.
 *
 * @type {Record<string, (request: any, options: Record<string, string>) => readonly [command: string, ...string[]]>}
 */
const commands = {
  nodejs: (request) => {
    const runner = require.resolve("@pulumi/pulumi/cmd/run", { paths: [request.getPwd()] });
    const settings = {
      monitor: request.getMonitorAddress(),
      engine,
      project: request.getProject(),
      stack: request.getStack(),
      organization: request.getOrganization(),
      pwd: request.getPwd(),
      parallel: String(request.getParallel()),
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    return [
      process.execPath,
      runner,
      ...args,
      ...(request.getDryrun() ? ["--dry-run"] : []),
      request.getProgram(),
    ];
  },
  python: (_request, { virtualenv = "" }) => {
    const python = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
    return [join(virtualenv, ...python), join(__dirname, "pythonRunner.py")];
  },
  go: (_request, { binary = "" }) => [binary],
};

/** @type {(answer: () => object) => Handler} */
const answers = (answer) => (_call, callback) => callback(null, answer());

/** @type {Handler} */
function run({ request }, callback) {
  const config = Object.fromEntries(request.getConfigMap().entries());
  const options = request.getInfo()?.getOptions()?.toJavaScript() ?? {};
  const [command, ...args] = /** @type {any} */ (commands[runtime])(request, options);
  const child = spawn(command, args, {
    cwd: request.getPwd(),
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      // The default of a project's runtime options.
      PULUMI_NODEJS_TYPESCRIPT: "true",
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      PULUMI_MONITOR: request.getMonitorAddress(),
      PULUMI_ENGINE: engine,
      PULUMI_PROJECT: request.getProject(),
      PULUMI_STACK: request.getStack(),
      PULUMI_ORGANIZATION: request.getOrganization(),
      PULUMI_PARALLEL: String(request.getParallel()),
      PULUMI_DRY_RUN: String(request.getDryrun()),
    },
  });
  const end = (/** @type {string} */ error, bail = false) => {
    const response = new messages.RunResponse();
    response.setError(error);
    response.setBail(bail);
    callback(null, response);
  };
  child.on("error", ({ message }) => end(message));
  // 32: the runner has told the user what is wrong.
  child.on("exit", (code) => end(code === 0 ? "" : `the program ended with exit code ${code}`, code === 32));
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
