import { Readable } from "node:stream";
import type { Network } from "./network.js";

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
  const request = async (options: Parameters<Dispatcher["request"]>[0]) => {
    const answer = await dispatcher.request(options);
    if (!options.path.endsWith(method)) return answer;
    const {
      status = answer.statusCode,
      contentType = "application/json",
      text,
    } = change(await answer.body.text());
    return {
      ...answer,
      statusCode: status,
      headers: { ...answer.headers, "content-type": contentType },
      body: Readable.from([Buffer.from(text)]),
    };
  };
  return Object.create(dispatcher, { request: { value: request } });
}

/** Whoever has so much of a secret has no use for it, and chance puts less of it into any text. */
const PIECE = 8;

/** The pieces of a secret that a text shows. */
export function piecesIn(text: string, secret: string): readonly string[] {
  return Array.from({ length: secret.length - PIECE + 1 }, (_, i) => secret.slice(i, i + PIECE)).filter(
    (piece) => text.includes(piece),
  );
}
