/**
 * The provider plugin: the engine starts it with its own address as the last argument, and reads the port from the
 * first line that it prints.
 */
import { setFlagsFromString } from "node:v8";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { systemRuntime } from "../../core/api/runtime.js";
import { alone, createPeers } from "../../core/peers.js";
import { exitWithEngine } from "../engineWatch.js";
import { createEngineLog, type EngineLog } from "./engineLog.js";
import { createService } from "./service.js";
import { createPluginShell } from "./shell.js";

const ADDRESS = /^[^-\s]\S*:\d{1,5}$/;

/** @param version the package's */
export function startPlugin(version: string): void {
  // The HTTP client has a parser in WebAssembly. To optimize it takes 30 MB, and saves nothing in so few calls.
  setFlagsFromString("--liftoff-only");
  const last = process.argv.at(-1) ?? "";
  const starter = ADDRESS.test(last) ? last : undefined;
  if (starter !== undefined) exitWithEngine(process, starter);
  let address = starter;
  let log: EngineLog | undefined;
  const engine = {
    at: (given: string) => {
      address = given || address;
      if (address !== undefined) log ??= createEngineLog(address);
    },
    settled: async () => log?.settled(),
  };
  const shell = createPluginShell(
    systemRuntime,
    process.env,
    (wordOf) => (address === undefined ? alone : createPeers(process, address, wordOf)),
    (urn) => log?.about(urn) ?? systemRuntime,
  );
  const server = new Server({
    // Nobody looks at its statistics.
    "grpc.enable_channelz": 0,
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  server.addService(ResourceProviderService, createService(shell, engine, version));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    console.log(String(port));
  });
}
