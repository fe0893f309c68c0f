import { isDeepStrictEqual } from "node:util";
import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import type { CheckFailure } from "../../core/call.js";
import { SECRETS } from "./config.js";
import { serviceError } from "./failures.js";
import { secretsOf } from "./resources.js";
import schema from "./schema.json";
import type { About, PluginShell } from "./shell.js";
import { fromStruct, toStruct } from "./values.js";

/** The engine, as the service tells it things by itself. */
export interface Engine {
  /** Says at which address the engine is, which is not known at once where it has not started this process. */
  at(address: string): void;
  /** Resolves once the engine has all messages: what comes after the answer to a call can be lost. */
  settled(): Promise<unknown>;
}

interface ResourceRequest {
  getUrn(): string;
  getName(): string;
  getType(): string;
  getTimeout?(): number;
}

/** The gRPC service `pulumirpc.ResourceProvider`: messages of the engine to plain values, and back. */
export function createService(
  shell: PluginShell,
  engine: Engine,
  version: string,
): UntypedServiceImplementation {
  /** @param work makes the answer to a request */
  function answering<Q, A>(work: (request: Q) => Promise<A>): handleUnaryCall<Q, A> {
    return async ({ request }, answer) => {
      try {
        const result = await work(request);
        await engine.settled();
        answer(null, result);
      } catch (error) {
        await engine.settled();
        const failure = serviceError(error, secretsOf(typeNameOf(request)));
        answer(failure, null, failure.metadata);
      }
    };
  }
  const done = new Empty();

  return {
    handshake: answering(async (request: pb.ProviderHandshakeRequest) => {
      engine.at(request.getEngineAddress());
      // Without secrets, properties come plain, and the engine makes those of the same name secret again.
      return new pb.ProviderHandshakeResponse();
    }),
    attach: answering(async (request: { getAddress(): string }) => {
      engine.at(request.getAddress());
      return done;
    }),
    getPluginInfo: answering(async () => new PluginInfo().setVersion(version)),
    getSchema: answering(async () =>
      new pb.GetSchemaResponse().setSchema(JSON.stringify({ ...schema, version })),
    ),
    checkConfig: answering(async (request: pb.CheckRequest) => {
      const config = fromStruct(request.getNews());
      const { failures } = await shell.checkConfig(request.getName(), config);
      return checkResponse(toStruct(config, SECRETS), failures);
    }),
    diffConfig: answering(async (request: pb.DiffRequest) => {
      // Never a replacement: a resource that changes its provider by an alias is asked about here too.
      const isSame = isDeepStrictEqual(fromStruct(request.getOldInputs()), fromStruct(request.getNews()));
      return new pb.DiffResponse().setChanges(changes(!isSame));
    }),
    configure: answering(async (request: pb.ConfigureRequest) => {
      await shell.configure(request.getName() ?? "default", fromStruct(request.getArgs()));
      return new pb.ConfigureResponse().setSupportspreview(true);
    }),
    check: answering(async (request: pb.CheckRequest) => {
      const news = fromStruct(request.getNews());
      const { inputs, failures } = await shell.check(aboutOf(request), fromStruct(request.getOlds()), news);
      return checkResponse(toStruct(inputs), failures);
    }),
    diff: answering(async (request: pb.DiffRequest) => {
      const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
      return diffResponse(await shell.diff(aboutOf(request), request.getId(), olds, news));
    }),
    create: answering(async (request: pb.CreateRequest) => {
      const inputs = fromStruct(request.getProperties());
      const { id, outputs } = await shell.create(aboutOf(request), inputs, request.getPreview());
      return new pb.CreateResponse().setId(id).setProperties(structOf(request, outputs));
    }),
    read: answering(async (request: pb.ReadRequest) => {
      const props = fromStruct(request.getProperties());
      const found = await shell.read(aboutOf(request), request.getId(), props);
      const response = new pb.ReadResponse();
      if (found === undefined) return response;
      const { id, inputs, outputs } = found;
      return response.setId(id).setInputs(toStruct(inputs)).setProperties(structOf(request, outputs));
    }),
    update: answering(async (request: pb.UpdateRequest) => {
      const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
      const updated = await shell.update(aboutOf(request), request.getId(), olds, news, request.getPreview());
      return new pb.UpdateResponse().setProperties(structOf(request, updated));
    }),
    delete: answering(async (request: pb.DeleteRequest) => {
      await shell.delete(aboutOf(request), request.getId(), fromStruct(request.getProperties()));
      return done;
    }),
    invoke: answering(async (request: pb.InvokeRequest) => {
      const result = await shell.invoke(request.getTok(), fromStruct(request.getArgs()));
      return new pb.InvokeResponse().setReturn(toStruct(result));
    }),
    cancel: answering(async () => {
      await shell.cancel();
      return done;
    }),
  };
}

function aboutOf(request: ResourceRequest): About {
  const seconds = request.getTimeout?.() ?? 0;
  return {
    type: typeNameOf(request),
    urn: request.getUrn(),
    name: request.getName(),
    ...(seconds > 0 ? { timeoutMs: seconds * 1_000 } : {}),
  };
}

function typeNameOf(request: unknown): string {
  return (request as Partial<ResourceRequest>).getType?.() ?? "";
}

function structOf(request: ResourceRequest, outputs: object) {
  return toStruct(outputs, secretsOf(request.getType()));
}

function checkResponse(
  inputs: ReturnType<typeof toStruct>,
  failures: readonly CheckFailure[],
): pb.CheckResponse {
  const all = failures.map(({ property, reason }) =>
    new pb.CheckFailure().setProperty(property).setReason(reason),
  );
  return new pb.CheckResponse().setInputs(inputs).setFailuresList(all);
}

function changes(hasChanges: boolean): pb.DiffResponse.DiffChanges {
  return hasChanges ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE;
}

function diffResponse({
  hasChanges,
  replaces,
  deleteBeforeReplace,
  changes: places,
  stables,
}: Awaited<ReturnType<PluginShell["diff"]>>): pb.DiffResponse {
  const response = new pb.DiffResponse()
    .setChanges(changes(hasChanges))
    .setReplacesList([...replaces])
    .setStablesList([...stables])
    .setDeletebeforereplace(deleteBeforeReplace)
    .setHasdetaileddiff(true);
  for (const [path, { kind, replaces }] of places) {
    const change = new pb.PropertyDiff().setKind(
      pb.PropertyDiff.Kind[replaces ? (`${kind}_REPLACE` as const) : kind],
    );
    response.getDetaileddiffMap().set(path, change);
  }
  return response;
}
