import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { WEBHOOK_CONFIG_TEXT } from "../../provider/src/shells/dynamic/text.js";
import { printed, transcript } from "./printed.js";

const require = createRequire(import.meta.url);
const grpc = require("@grpc/grpc-js");
const { ResourceProviderClient } = require("@pulumi/pulumi/proto/provider_grpc_pb");
const messages = require("@pulumi/pulumi/proto/provider_pb");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb");
const { ErrorResourceInitFailed } = messages;
const { Status } = require("@pulumi/pulumi/proto/status_pb");
const { plain: plainMessage } = require("../contract/message.cjs");

export type Props = Record<string, unknown>;

/** A failed call, as the engine sees it. */
export class CallFailure extends Error {
  constructor(
    message: string,
    /** Set if the resource exists all the same: what the engine then keeps in state. */
    readonly partial: { id: string; properties: Props; reasons: string[] } | undefined,
  ) {
    super(message);
  }
}

/** What a deployment asks of whatever stands behind its resources. */
export interface ResourceCalls {
  check(
    olds: Props,
    news: Props,
  ): Promise<{ inputs: Props; failures: { property: string; reason: string }[] }>;
  diff(
    id: string,
    olds: Props,
    news: Props,
  ): Promise<{ changes: "unknown" | "none" | "some"; replaces: string[]; deleteBeforeReplace: boolean }>;
  create(inputs: Props): Promise<{ id: string; properties: Props }>;
  read(id: string, props: Props): Promise<{ id: string; properties: Props; inputs: Props | undefined }>;
  update(id: string, olds: Props, news: Props): Promise<Props>;
  /** What the engine calls when the deployment is cancelled, and when it is over. */
  cancel(): Promise<void>;
  delete(id: string, props: Props): Promise<void>;
  /** Milliseconds by the clock that it goes by. */
  now(): number;
  /** All that it has printed. */
  output(): string;
}

/** The real dynamic-provider server, spoken to as the engine does. */
export interface ProviderProcess extends ResourceCalls {
  readonly child: ChildProcess;
  /** Any call, with the fields of its request; what is an object goes as a Struct. @returns the fields of its answer */
  ask(method: string, fields: Props): Promise<Props>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ProviderOptions {
  /**
   * Where the engine that has started the process listens. Default: an address where something listens until the process
   * is closed, so each process is one of a run of its own.
   */
  readonly engine?: string;
  /** What the engine passes before its address. Default: nothing. */
  readonly flags?: readonly string[];
  /** A command that starts the process in its own way, followed by that of the process. Default: none. */
  readonly starter?: readonly string[];
  /** What state keeps of the provider of the resources that it is asked about. Default: that of `WebhookConfig`. */
  readonly text?: string;
}

/**
 * Starts the dynamic-provider server that the engine starts, and configures it.
 *
 * @param config stack config, as `kompliant:…` keys
 * @param env environment variables beside those that a process needs to run at all
 */
export async function startProvider(
  config: Record<string, string>,
  env: Record<string, string> = {},
  { engine, flags = [], starter = [], text = WEBHOOK_CONFIG_TEXT }: ProviderOptions = {},
): Promise<ProviderProcess> {
  const listener = engine === undefined ? await listen() : undefined;
  const server = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  const address = engine ?? listener?.address ?? "";
  const [command = "", ...args] = [...starter, process.execPath, server, ...flags, address];
  const child = spawn(command, args, {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = transcript();
  child.stderr.on("data", (data) => {
    output.add(String(data));
  });
  const lines = createInterface({ input: child.stdout });
  const [port] = await once(lines, "line");
  lines.on("line", (line) => {
    output.add(`${line}\n`);
  });
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());

  const call = <T>(method: string, request: unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      client[method](
        request,
        (error: { details: string; metadata?: { get(key: string): Buffer[] } } | null, answer: T) =>
          error === null
            ? resolve(answer)
            : reject(new CallFailure(printed(error.details), partialOf(error.metadata))),
      );
    });
  const struct = (props: Props) => Struct.fromJavaScript({ ...props, __provider: text });
  const plain = (message: { toJavaScript(): Props } | undefined) => message?.toJavaScript() ?? {};

  const configure = new messages.ConfigureRequest();
  configure.setArgs(Struct.fromJavaScript(config));
  await call("configure", configure);

  const close = async () => {
    client.close();
    listener?.close();
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return {
    child,
    now: () => performance.now(),
    output: () => output.text,
    check: async (olds, news) => {
      const request = new messages.CheckRequest();
      request.setOlds(Object.keys(olds).length === 0 ? Struct.fromJavaScript({}) : struct(olds));
      request.setNews(struct(news));
      // biome-ignore lint/suspicious/noExplicitAny: the generated messages are untyped here
      const answer = await call<any>("check", request);
      const failures = answer
        .getFailuresList()
        // biome-ignore lint/suspicious/noExplicitAny: as above
        .map((failure: any) => ({ property: failure.getProperty(), reason: failure.getReason() }));
      return { inputs: plain(answer.getInputs()), failures };
    },
    diff: async (id, olds, news) => {
      const request = new messages.DiffRequest();
      request.setId(id);
      request.setOlds(struct(olds));
      request.setNews(struct(news));
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const answer = await call<any>("diff", request);
      return {
        changes: (["unknown", "none", "some"] as const)[answer.getChanges() as 0 | 1 | 2],
        replaces: answer.getReplacesList(),
        deleteBeforeReplace: answer.getDeletebeforereplace(),
      };
    },
    create: async (inputs) => {
      const request = new messages.CreateRequest();
      request.setProperties(struct(inputs));
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const answer = await call<any>("create", request);
      return { id: answer.getId(), properties: plain(answer.getProperties()) };
    },
    read: async (id, props) => {
      const request = new messages.ReadRequest();
      request.setId(id);
      request.setProperties(struct(props));
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const answer = await call<any>("read", request);
      const inputs = answer.getInputs();
      return {
        id: answer.getId(),
        properties: plain(answer.getProperties()),
        inputs: inputs === undefined || inputs === null ? undefined : plain(inputs),
      };
    },
    update: async (id, olds, news) => {
      const request = new messages.UpdateRequest();
      request.setId(id);
      request.setOlds(struct(olds));
      request.setNews(struct(news));
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const answer = await call<any>("update", request);
      return plain(answer.getProperties());
    },
    delete: async (id, props) => {
      const request = new messages.DeleteRequest();
      request.setId(id);
      request.setProperties(struct(props));
      await call<typeof Empty>("delete", request);
    },
    ask: async (method, fields) => {
      const name = `${method.charAt(0).toUpperCase()}${method.slice(1)}Request`;
      const request = name in messages ? new messages[name]() : new Empty();
      for (const [field, value] of Object.entries(fields)) {
        const setter = `set${field.charAt(0).toUpperCase()}${field.slice(1)}`;
        if (Array.isArray(value)) request[`${setter}List`](value);
        else request[setter](typeof value === "object" ? Struct.fromJavaScript(value) : value);
      }
      return plainMessage(await call(method, request));
    },
    cancel: () => call("cancel", new Empty()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What is asked of an engine's address: that something listens there. */
export async function listen(): Promise<{
  readonly address: string;
  readonly server: Server;
  close(): void;
}> {
  const server = createServer((socket) => socket.destroy())
    .listen(0, "127.0.0.1")
    .unref();
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return { address: `127.0.0.1:${port}`, server, close: () => server.close() };
}

/** What the metadata of a failed call says of a resource that exists all the same. */
export function partialOf(metadata: { get(key: string): Buffer[] } | undefined): CallFailure["partial"] {
  const [details] = metadata?.get("grpc-status-details-bin") ?? [];
  if (details === undefined) return undefined;
  const [any] = Status.deserializeBinary(new Uint8Array(details)).getDetailsList();
  const detail = ErrorResourceInitFailed.deserializeBinary(any.getValue());
  return {
    id: detail.getId(),
    properties: detail.getProperties().toJavaScript(),
    reasons: (detail.getReasonsList() as string[]).map((reason) => printed(reason)),
  };
}
