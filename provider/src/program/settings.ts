import * as pulumi from "@pulumi/pulumi";

/** Settings that are the same for all resources of a program unless an explicit provider says otherwise. */
const SHARED = [
  "accountId",
  "baseUrl",
  "apiVersion",
  "requestTimeoutSeconds",
  "operationTimeoutSeconds",
  "maxConcurrentCalls",
] as const;

export function stackConfig(): pulumi.Config {
  return new pulumi.Config("kompliant");
}

/** What the stack config says of everything but credentials, as inputs of an explicit provider. */
export function sharedSettings(): Record<string, string> {
  const config = stackConfig();
  return Object.fromEntries(
    SHARED.flatMap((key) => {
      const value = config.get(key);
      return value === undefined ? [] : [[`kompliant:${key}`, value]];
    }),
  );
}
