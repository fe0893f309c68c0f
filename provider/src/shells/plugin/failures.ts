import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import { PartialFailure, UserError } from "../../core/failures.js";
import { toStruct } from "./values.js";

/**
 * A failure as the engine is told it. With a `PartialFailure` it keeps the resource in state, and calls update next time.
 *
 * @param secrets the properties that are secret in state
 */
export function serviceError(error: unknown, secrets: readonly string[]): ServiceError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const details = error instanceof UserError ? message : (stack ?? message);
  const metadata = new Metadata();
  if (error instanceof PartialFailure) {
    const failed = new ErrorResourceInitFailed();
    failed.setId(error.id);
    failed.setProperties(toStruct(error.properties, secrets));
    failed.setReasonsList([details]);
    const any = new Any();
    any.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const answer = new Status();
    answer.setCode(status.UNKNOWN);
    answer.setMessage(details);
    answer.addDetails(any);
    metadata.add("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
  }
  return Object.assign(new Error(details), { code: status.UNKNOWN, details, metadata });
}
