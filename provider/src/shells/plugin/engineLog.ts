import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";
import type { Log } from "../../core/api/runtime.js";

/** The engine as a place for messages. */
export interface EngineLog {
  /** @param urn the resource that messages are about; empty if they are about none */
  about(urn: string): Log;
  /** Resolves once the engine has all messages: what comes after the answer to a call can be lost. */
  settled(): Promise<unknown>;
}

/** @param address the engine's, `HOST:PORT` */
export function createEngineLog(address: string): EngineLog {
  let client: EngineClient | undefined;
  const sending = new Set<Promise<void>>();
  const send = (request: LogRequest) => {
    const sent = new Promise<void>((resolve) => {
      // Most runs have nothing to say.
      client ??= new EngineClient(address, credentials.createInsecure(), { "grpc.enable_channelz": 0 });
      client.log(request, () => {
        sending.delete(sent);
        resolve();
      });
    });
    sending.add(sent);
  };
  return {
    about: (urn) => {
      const message = (severity: LogSeverity, text: string) =>
        new LogRequest().setUrn(urn).setSeverity(severity).setMessage(text);
      return {
        info: (text) => send(message(LogSeverity.INFO, text)),
        warn: (text) => send(message(LogSeverity.WARNING, text)),
        status: (text) => send(message(LogSeverity.INFO, text).setEphemeral(true)),
      };
    },
    settled: () => Promise.all(sending),
  };
}
