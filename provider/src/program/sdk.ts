/** All that touches parts of Pulumi's SDK that it does not publish. They are the same from its version 3.200 on. */

import type { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";

/** The part of the SDK's own store that matters here; of whichever version, so anything may be absent. */
interface Store {
  readonly settings?: { readonly options?: unknown };
}

/**
 * Whether the language host runs this program. Only then is the working directory of this process that of the engine,
 * from where the provider process loads this package. A program in the process of the Automation API cannot know it.
 */
export function isRunByLanguageHost(): boolean {
  return process.env["PULUMI_NODEJS_MONITOR"] !== undefined && inlineOptions() === undefined;
}

function inlineOptions(): unknown {
  const { asyncLocalStorage } = globalThis as { asyncLocalStorage?: AsyncLocalStorage<Store | undefined> };
  return asyncLocalStorage?.getStore()?.settings?.options;
}

/** What an output is made of. */
interface Parts {
  promise(withUnknowns: true): Promise<unknown>;
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  allResources(): Promise<Set<pulumi.Resource>>;
  resources(): Set<pulumi.Resource>;
}

type NewOutput = new (
  resources: Set<pulumi.Resource>,
  value: Promise<unknown>,
  isKnown: Promise<boolean>,
  isSecret: Promise<boolean>,
  allResources: Promise<Set<pulumi.Resource>>,
) => pulumi.Output<unknown>;

/** Whether an output has a value, which in a preview it may never have. Rejects if it has failed. */
export function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as Parts).isKnown;
}

/**
 * Keys that the SDK does not carry. It copies objects by assignment, which loses the first without a word; it never ends
 * with the second; and the third is its own mark of values that are not plain.
 */
const UNUSABLE = ["__proto__", "toString", "4dabf18193072939515e22adb298388d"];

/** What UTF-8 has no form for: gRPC refuses the whole resource. */
const HALF = /\p{Surrogate}/u;

/** What a program passes, and what of it could not be worked out. */
export interface Recovered<T> {
  readonly value: T;
  /** Settles when all of the value has. One line for each property that has failed: its path, and why. */
  readonly failures: Promise<readonly string[]>;
}

/**
 * Takes the failures out of what a program passes to a resource. A resource whose inputs or options fail is never
 * registered. The engine then believes that the program does not declare it, and an inline program of the Automation
 * API does not stop it before its deletes.
 *
 * @param value anything; what does not fail stays as it is, with its dependencies, and as secret or unknown as before
 * @param substitute stands in place of what has failed
 * @param isInputs whether it is an object of inputs: then what the SDK would leave out in silence, below it, has failed
 */
export function recover<T>(value: T, substitute: unknown, isInputs = false): Recovered<T> {
  const found: string[] = [];
  const pending: Promise<unknown>[] = [];
  const fail = (path: string, reason: unknown) => {
    found.push(`${path}: ${messageOf(reason)}`);
    return substitute;
  };

  function recoverOutput(output: pulumi.Output<unknown>, path: string): pulumi.Output<unknown> {
    const parts = output as unknown as Parts;
    const outcome = Promise.all([parts.promise(true), parts.isKnown, parts.isSecret, parts.allResources()])
      .then(([inner, known, secret, resources]) => {
        return { inner: known ? visit(inner, path) : inner, known, secret, resources };
      })
      .catch((reason) => ({
        inner: fail(path, reason),
        known: true,
        secret: false,
        resources: new Set<pulumi.Resource>(),
      }));
    pending.push(outcome);
    return new (pulumi.Output as unknown as NewOutput)(
      parts.resources(),
      outcome.then(({ inner }) => inner),
      outcome.then(({ known }) => known),
      outcome.then(({ secret }) => secret),
      outcome.then(({ resources }) => resources),
    );
  }

  function visit(each: unknown, path: string): unknown {
    if (pulumi.Output.isInstance(each)) return recoverOutput(each, path);
    if (isThenable(each)) {
      const outcome = Promise.resolve(each)
        .then((inner) => visit(inner, path))
        .catch((reason) => fail(path, reason));
      pending.push(outcome);
      return outcome;
    }
    if (typeof each === "string" && HALF.test(each))
      return fail(
        path,
        `${JSON.stringify(each)} has half a character in it, a surrogate of UTF-16 without the other`,
      );
    const below = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
    if (Array.isArray(each)) return each.map((inner, index) => visit(inner, below(index)));
    if (isInputs && path !== "" && isLeftOut(each, path))
      return fail(path, `${inspect(each, { depth: 0 })} is no value that Pulumi's SDK for Node.js carries`);
    if (!isObject(each) || (!isInputs && !isPlain(each))) return each;
    const unusable = Object.keys(each).find((name) => UNUSABLE.includes(name) || HALF.test(name));
    if (unusable !== undefined)
      return fail(
        path,
        `${JSON.stringify(unusable)} cannot be a name: Pulumi's SDK for Node.js does not carry it. Use another.`,
      );
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, visit(inner, below(key))]));
  }

  const recovered = visit(value, "") as T;
  const settle = async () => {
    // What is found inside of one is added before that one is over.
    for (const each of pending) await each;
    return found;
  };
  return { value: recovered, failures: settle() };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof value["then"] === "function";
}

/** What is not there is left out at the top, and means nothing; below, a name would be lost with it. */
function isLeftOut(value: unknown, path: string): boolean {
  if (value === undefined) return path.includes(".");
  if (typeof value === "function" || typeof value === "symbol") return true;
  return isObject(value) && !isPlain(value) && Object.keys(value).length === 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !pulumi.Resource.isInstance(value);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The reason in one line, without a stack trace. */
function messageOf(reason: unknown): string {
  const message =
    reason instanceof Error ? reason.message : typeof reason === "string" ? reason : inspect(reason);
  return message.replace(/\s+/g, " ").trim() || "it failed without saying why";
}
