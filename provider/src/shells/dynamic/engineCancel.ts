import { Server } from "node:net";
import { engineOf } from "./engineAddress.js";

const CANCEL = "/pulumirpc.ResourceProvider/Cancel";

/**
 * Aborted when the engine says that the deployment is cancelled: at the first Ctrl+C, while it waits for what is under
 * way. It says so at the end of every run too, when nothing is.
 *
 * The runtime answers that call itself and passes nothing on. So it is heard where it arrives, at the HTTP/2 server of
 * the provider process, which is listening when this package is loaded. Where that server cannot be found, the signal
 * is never aborted.
 */
export function cancelSignal(
  own: Pick<NodeJS.Process, "argv"> & { _getActiveHandles?(): unknown[] },
): AbortSignal {
  const cancel = new AbortController();
  if (engineOf(own) === undefined) return cancel.signal;
  for (const handle of own._getActiveHandles?.() ?? [])
    if (handle instanceof Server)
      handle.on("stream", (_: unknown, headers: Record<string, unknown>) => {
        if (headers[":path"] === CANCEL) cancel.abort();
      });
  return cancel.signal;
}
