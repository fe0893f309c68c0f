import { expect } from "vitest";
import type { Network } from "./network.js";
import { CallFailure, type Props } from "./providerProcess.js";
import type { ShellCalls } from "./shellCalls.js";
import type { World } from "./world.js";

type Dispatcher = Network["dispatcher"];

/** What reaches the provider of an answer. */
export interface Garbled {
  readonly status?: number;
  readonly contentType?: string;
  readonly text: string;
}

/**
 * Something between the provider and an emulator that changes the answers to a method.
 *
 * @param change what it makes of the body of an answer
 */
export function garbling(
  { dispatcher }: Network,
  method: string,
  change: (body: string) => Garbled,
): Dispatcher {
  const dispatch: Dispatcher["dispatch"] = (options, handler) => {
    if (!options.path.endsWith(method)) return dispatcher.dispatch(options, handler);
    const chunks: Buffer[] = [];
    let answered = 0;
    return dispatcher.dispatch(options, {
      ...handler,
      onResponseStart: (_, status) => {
        answered = status;
      },
      onResponseData: (_, chunk) => {
        chunks.push(chunk);
      },
      onResponseEnd: (controller) => {
        const {
          status = answered,
          contentType = "application/json",
          text,
        } = change(Buffer.concat(chunks).toString());
        handler.onResponseStart?.(controller, status, { "content-type": contentType }, "");
        handler.onResponseData?.(controller, Buffer.from(text));
        handler.onResponseEnd?.(controller, {});
      },
    });
  };
  return Object.create(dispatcher, { dispatch: { value: dispatch } });
}

/** Whoever has so much of a secret has no use for it, and chance puts less of it into any text. */
const PIECE = 8;

/** The pieces of a secret that a text shows. */
export function piecesIn(text: string, secret: string): readonly string[] {
  return Array.from({ length: secret.length - PIECE + 1 }, (_, i) => secret.slice(i, i + PIECE)).filter(
    (piece) => text.includes(piece),
  );
}

/** A new key, as a deployment makes it. */
export async function made(
  { key }: ShellCalls,
  inputs: Props = {},
): Promise<{ id: string; properties: Props }> {
  const checked = await key.check({}, inputs);
  expect(checked.failures).toEqual([]);
  return key.create(checked.inputs);
}

/** A new activation, as a deployment makes it. */
export async function activated(
  { activation }: ShellCalls,
  keyId: string,
): Promise<{ id: string; properties: Props }> {
  const checked = await activation.check({}, { keyId });
  expect(checked.failures).toEqual([]);
  return activation.create(checked.inputs);
}

/** The message of a call that fails. */
export async function messageOf(call: Promise<unknown>): Promise<string> {
  const failure = await call.then(
    () => expect.unreachable("the call should have failed"),
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(CallFailure);
  return (failure as CallFailure).message;
}

/** What Kompliant says of each key of the account. */
export function statuses({ emulator }: World): Record<string, string> {
  return Object.fromEntries(emulator.keys().map(({ key_id, status }) => [key_id, status]));
}
