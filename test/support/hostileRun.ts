import type * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { expect } from "vitest";
import { type Runtime, systemRuntime } from "../../provider/src/core/api/runtime.js";
import { sign } from "../../provider/src/core/api/signature.js";
import { alone } from "../../provider/src/core/peers.js";
import type { Credentials } from "../../provider/src/emulator/rules.js";
import { createDynamicShell } from "../../provider/src/shells/dynamic/shell.js";
import { anyCredentials } from "./hostileAnswers.js";
import { confidentialAll } from "./printed.js";
import { seed } from "./seed.js";
import { piecesOf } from "./shownCheck.js";

export const REQUEST_MS = 250;
export const OPERATION_MS = 500;
/** A machine that has other things to do. */
const SLACK_MS = 2_000;

/** Others with each seed. */
export const credentials: Credentials = fc.sample(anyCredentials, { seed, numRuns: 1 })[0] as Credentials;
confidentialAll(credentials);
/** What nothing that is shown may hold, nor any piece of it. */
export const secrets = [...Object.values(credentials), sign(credentials.apiKey, credentials.secretKey)];
export const pieces = piecesOf(secrets);

export type Outcome<T> =
  | { readonly kind: "resolved"; readonly value: T }
  | { readonly kind: "rejected"; readonly error: Error };

export interface Providers {
  readonly single: Required<pulumi.dynamic.ResourceProvider>;
  readonly set: Required<pulumi.dynamic.ResourceProvider>;
}

/** The runtime of a test that keeps what is said, and retries as fast as it may. */
export function collecting(said: string[]): Runtime {
  return {
    ...systemRuntime,
    random: () => 0.05,
    info: (text) => said.push(text),
    warn: (text) => said.push(text),
  };
}

/** What the stack config says. */
export function configOf(baseUrl: string): Readonly<Record<string, string>> {
  return {
    ...credentials,
    baseUrl,
    requestTimeoutSeconds: String(REQUEST_MS / 1_000),
    operationTimeoutSeconds: String(OPERATION_MS / 1_000),
  };
}

/** A provider process of its own, as the engine would start it, but in this process. */
export async function providersFor(
  config: Readonly<Record<string, string>>,
  said: string[],
): Promise<Providers> {
  const shell = createDynamicShell(collecting(said), {}, () => alone);
  const get = (key: string) => config[key.replace("kompliant:", "")];
  await shell.provider.configure?.({ config: { get, require: (key) => get(key) ?? "" } });
  return { single: shell.provider as Providers["single"], set: shell.setProvider as Providers["set"] };
}

/**
 * Runs something to its end, and sees to it that it comes in time.
 *
 * @param operations how many operations it is at most, one after another
 */
export async function settled<T>(work: () => Promise<T>, operations: number): Promise<Outcome<T>> {
  const startedAt = performance.now();
  const outcome = await work().then(
    (value): Outcome<T> => ({ kind: "resolved", value }),
    (error): Outcome<T> => ({ kind: "rejected", error }),
  );
  const limit = operations * (OPERATION_MS + 1_000) + SLACK_MS;
  expect(performance.now() - startedAt, "milliseconds").toBeLessThan(limit);
  return outcome;
}
