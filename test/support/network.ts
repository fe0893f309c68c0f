import { createRequire } from "node:module";
import type { Runtime } from "../../provider/src/core/api/runtime.js";
import type { Delivery } from "../../provider/src/emulator/delivery.js";
import type { Emulator, EmulatorOptions } from "../../provider/src/emulator/index.js";
import { openService, type Service } from "../../provider/src/emulator/service.js";
import { mulberry32 } from "./virtualTime.js";

type Dispatcher = NonNullable<Runtime["dispatcher"]>;
type Options = Parameters<Dispatcher["dispatch"]>[0];
type Handler = Parameters<Dispatcher["dispatch"]>[1];
type Controller = Parameters<NonNullable<Handler["onRequestStart"]>>[0];

// The package's own, since Pulumi's SDK may have brought another version to the root.
const undici = createRequire(new URL("../../provider/package.json", import.meta.url))("undici") as {
  readonly Dispatcher: new () => Dispatcher;
  readonly errors: Record<"SocketError", new (message?: string) => Error>;
};

/** An emulator that is reached by its dispatcher alone. */
export interface Network extends Emulator {
  /** To be handed over as `Runtime.dispatcher`. */
  readonly dispatcher: Dispatcher;
}

/** Milliseconds that a message takes, at most. */
const SLOWEST_MS = 10;

/**
 * The emulator's rules and faults without a socket, in the time of a runtime. Each message takes a few milliseconds.
 *
 * @param seed of the latencies, and of ids and the order of lists unless `random` is given
 */
export function networkIn(
  { date, sleep }: Pick<Runtime, "date" | "sleep">,
  seed: number,
  options: Omit<EmulatorOptions, "port" | "file"> = {},
): Network {
  const random = mulberry32(seed);
  const clock = () => new Date(date());
  const service = openService({ clock, random, ...options }, sleep);
  // As in a network, a request that was given up is served all the same once it is sent.
  const travel = () => sleep(1 + Math.floor(random() * SLOWEST_MS));
  const dispatcher = new Wire(service, travel);
  const emulator = service.handles("https://emulated.example.com", async () => service.close());
  // A copy would freeze what the getters give.
  return Object.defineProperty(emulator, "dispatcher", { value: dispatcher }) as Network;
}

class Wire extends undici.Dispatcher {
  constructor(
    private readonly service: Service,
    private readonly travel: () => Promise<void>,
  ) {
    super();
  }

  override dispatch(options: Options, handler: Handler): boolean {
    let isOver = false;
    const fail = (error: Error) => {
      if (isOver) return;
      isOver = true;
      handler.onResponseError?.(controller, error);
    };
    const controller = controllerOf(fail);
    handler.onRequestStart?.(controller, {});
    if (isOver) return true;
    const request = {
      verb: options.method,
      path: options.path,
      headers: options.headers as Record<string, string>,
      body: String(options.body),
    };
    const answer = async () => {
      await this.travel();
      const delivery = await this.service.serve(request);
      if (delivery.kind === "never") return;
      await this.travel();
      if (!isOver) arrive(delivery, handler, controller);
      isOver = true;
    };
    answer().catch(fail);
    return true;
  }
}

/** @param abort what the request ends with */
function controllerOf(abort: (reason: Error) => void): Controller {
  return { aborted: false, paused: false, reason: null, abort, pause: () => {}, resume: () => {} };
}

/** What undici tells of an answer, or of a connection that ends without one. */
function arrive(delivery: Delivery, handler: Handler, controller: Controller): void {
  const closed = new undici.errors.SocketError("other side closed");
  const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  if (delivery.kind !== "answer") {
    controller.abort(delivery.kind === "reset" ? reset : closed);
    return;
  }
  const { status, headers, text, isCut } = delivery;
  handler.onResponseStart?.(controller, status, headers, "");
  const sent = isCut ? text.slice(0, Math.floor(text.length / 2)) : text;
  if (sent !== "") handler.onResponseData?.(controller, Buffer.from(sent));
  if (isCut) controller.abort(closed);
  else handler.onResponseEnd?.(controller, {});
}
