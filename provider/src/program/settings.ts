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
const CREDENTIALS = ["apiKey", "secretKey", "authToken"] as const;

export function stackConfig(): pulumi.Config {
  return new pulumi.Config("kompliant");
}

/** What the stack config says of everything but credentials. */
export function sharedSettings(): Record<string, string> {
  return fromConfig(SHARED);
}

/** All that the stack config says. */
export function configured(): Record<string, string> {
  return fromConfig([...SHARED, ...CREDENTIALS]);
}

function fromConfig(keys: readonly string[]): Record<string, string> {
  const config = stackConfig();
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = config.get(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}
