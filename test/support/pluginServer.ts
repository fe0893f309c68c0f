import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { toStruct } from "../../provider/src/shells/plugin/values.js";
import { printed, transcript } from "./printed.js";

const require = createRequire(import.meta.url);
const grpc = require("@grpc/grpc-js");
const { EngineService } = require("@pulumi/pulumi/proto/engine_grpc_pb");
const { ResourceProviderClient } = require("@pulumi/pulumi/proto/provider_grpc_pb");
const messages = require("@pulumi/pulumi/proto/provider_pb");
const { PluginAttach } = require("@pulumi/pulumi/proto/plugin_pb");
const { Status } = require("@pulumi/pulumi/proto/status_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
const { plain } = require("../contract/message.cjs");

export const PLUGIN = fileURLToPath(new URL("../../provider/dist/plugin", import.meta.url));
const LAUNCHER = `${PLUGIN}/pulumi-resource-kompliant${process.platform === "win32" ? ".cmd" : ""}`;

type Fields = Record<string, unknown>;

/** A message for the user, as the engine gets it. */
export interface Logged {
  readonly urn?: string;
  /** 1 stands for info, 2 for warning. */
  readonly severity?: number;
  readonly message?: string;
  /** Only shown until the next one comes. */
  readonly ephemeral?: boolean;
}

/** What a plugin knows of the engine that has started it: an address, at which messages are taken. */
export interface FakeEngine {
  readonly address: string;
  readonly logged: readonly Logged[];
  close(): Promise<void>;
}

/** @param delayMs how long the engine takes for a message */
export async function fakeEngine(delayMs = 0): Promise<FakeEngine> {
  const logged: Logged[] = [];
  const server = new grpc.Server();
  server.addService(EngineService, {
    log: ({ request }: { request: unknown }, answer: (error: null, message: unknown) => void) =>
      setTimeout(() => {
        const fields = plain(request);
        printed(String(fields["message"]));
        logged.push(fields);
        answer(null, new Empty());
      }, delayMs),
  });
  const bound: number = await new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error: Error, port: number) =>
      error ? reject(error) : resolve(port),
    ),
  );
  return {
    address: `127.0.0.1:${bound}`,
    logged,
    close: async () => server.forceShutdown(),
  };
}

/** Why a call has failed, as the engine is told. */
export class PluginFailure extends Error {
  constructor(
    message: string,
    /** Of a resource that exists all the same. */
    readonly partial: Fields | undefined,
  ) {
    super(message);
  }
}

/** The plugin as `npm run build` leaves it, in a process of its own. */
export interface PluginServer {
  readonly child: ChildProcess;
  readonly engine: FakeEngine;
  /** Any call, with the fields of its message. @throws PluginFailure */
  ask(method: string, fields?: Fields): Promise<Fields>;
  /** What it has printed itself. */
  output(): string;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PluginOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What the engine passes before its address. */
  readonly flags?: readonly string[];
  /** Started by somebody else, who hands over the address by `attach`. */
  readonly isAlone?: boolean;
  readonly engine?: FakeEngine;
}

export async function startPluginServer({
  env = {},
  flags = [],
  isAlone = false,
  engine: given,
}: PluginOptions = {}): Promise<PluginServer> {
  const engine = given ?? (await fakeEngine());
  const child = spawn(LAUNCHER, [...flags, ...(isAlone ? [] : [engine.address])], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  const output = transcript();
  child.stderr.on("data", (data) => output.add(String(data)));
  const lines = createInterface({ input: child.stdout });
  const [port] = await once(lines, "line");
  lines.on("line", (line) => output.add(`${line}\n`));
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return {
    child,
    engine,
    output: () => output.text,
    ask: (method, fields = {}) =>
      new Promise((resolve, reject) => {
        client[method](requestOf(method, fields), (error: Refused | null, answer: unknown) => {
          if (error === null) resolve(plain(answer));
          else reject(new PluginFailure(printed(error.details), partialOf(error)));
        });
      }),
    [Symbol.asyncDispose]: async () => {
      client.close();
      await engine.close();
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

interface Refused {
  readonly details: string;
  readonly metadata: { get(key: string): Buffer[] };
}

function requestOf(method: string, fields: Fields): unknown {
  const names: Record<string, string> = { handshake: "ProviderHandshake", checkConfig: "Check" };
  const name = `${names[method] ?? method.charAt(0).toUpperCase() + method.slice(1)}Request`;
  const request =
    method === "attach" ? new PluginAttach() : name in messages ? new messages[name]() : new Empty();
  for (const [field, value] of Object.entries(fields))
    request[`set${field.charAt(0).toUpperCase()}${field.slice(1)}`](
      typeof value === "object" && value !== null ? toStruct(value) : value,
    );
  return request;
}

function partialOf({ metadata }: Refused): Fields | undefined {
  const [details] = metadata.get("grpc-status-details-bin");
  if (details === undefined) return undefined;
  const [any] = Status.deserializeBinary(details).getDetailsList();
  expectName(any.getTypeName());
  return plain(messages.ErrorResourceInitFailed.deserializeBinary(any.getValue()));
}

function expectName(name: string): void {
  if (name !== "pulumirpc.ErrorResourceInitFailed") throw new Error(`details of another type: ${name}`);
}
