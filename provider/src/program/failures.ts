import { recover } from "./sdk.js";

/** What a class passes on of a program's inputs and options. */
export interface Passed<A, O> {
  /** With `{}`, which no property accepts, in place of what has failed. */
  readonly args: A;
  /** Without what has failed. */
  readonly options: O;
  /** What has failed, a line each. An input that check refuses; absent where nothing has failed. */
  readonly refused: Promise<readonly string[] | undefined>;
}

/** Makes an input of what has failed in the others: a resource that fails in check stops the engine before its deletes. */
export function withoutFailures<A, O>(args: A, options: O): Passed<A, O> {
  const inputs = recover(args, {}, true);
  const others = recover(options, undefined);
  const refused = Promise.all([inputs.failures, others.failures]).then((all) => all.flat());
  return {
    args: inputs.value,
    options: others.value,
    refused: refused.then((lines) => (lines.length === 0 ? undefined : lines)),
  };
}
