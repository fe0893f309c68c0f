import type { Hit } from "./faults.js";
import type { Answer } from "./rules.js";

/** What goes back to whoever has called. */
export type Delivery =
  | {
      readonly kind: "answer";
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
      /** Only the first half of the text is sent; then the connection is closed. */
      readonly isCut: boolean;
    }
  | {
      /** The connection left open, closed, or reset, without an answer. */
      readonly kind: "never" | "drop" | "reset";
    };

/** @param said what the API has to say; undefined if it was not asked */
export function deliveryOf(hit: Hit | undefined, said: Answer | undefined): Delivery {
  switch (hit?.effect) {
    case "never":
    case "drop":
    case "reset":
      return { kind: hit.effect };
    case "status":
      return asProxy(hit);
    default: {
      const { status, body } = said ?? { status: 200, body: {} };
      return written(status, body, hit?.effect === "cut");
    }
  }
}

/** An object as JSON, and a string as plain text. */
export function written(status: number, body: unknown, isCut = false): Extract<Delivery, { kind: "answer" }> {
  const [type, text] =
    typeof body === "string" ? ["text/plain", body] : ["application/json", JSON.stringify(body)];
  const headers = { "content-type": type, "content-length": String(Buffer.byteLength(text)) };
  return { kind: "answer", status, headers, text, isCut };
}

function asProxy(hit: Extract<Hit, { effect: "status" }>): Delivery {
  const words = "An answer of the infrastructure.";
  const [type, text] = {
    html: ["text/html", `<html><body><h1>${hit.status}</h1><p>${words}</p></body></html>`] as const,
    json: ["application/json", JSON.stringify({ message: words })] as const,
    empty: [undefined, ""] as const,
  }[hit.body];
  const headers = {
    ...(type === undefined ? {} : { "content-type": type }),
    ...(hit.retryAfter === undefined ? {} : { "retry-after": hit.retryAfter }),
  };
  return { kind: "answer", status: hit.status, headers, text, isCut: false };
}
