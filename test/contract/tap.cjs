/**
 * Loaded into a provider process before its own code (`node --require`), where it stands between the engine and the
 * provider: each call is told to a listener when it begins and when its answer is ready, and the answer goes to the
 * engine when the listener says so. What is told is what the engine has sent, also what Pulumi's dynamic runtime does
 * not pass on to a provider.
 */
const { createRequire } = require("node:module");
const { connect } = require("node:net");
const { join } = require("node:path");
const { createInterface } = require("node:readline");
const { plain } = require("./message.cjs");

const [, script = ""] = process.argv;
const { PROVIDER_TAP_PORT: port } = process.env;
// The engine's tree has other Node processes, which inherit this preload too.
if (port !== undefined && /[\\/](dynamic-provider|untied)/.test(script)) tap(Number(port));

/** @param {number} port where the listener is, on this machine */
function tap(port) {
  const { Server } = createRequire(join(script, "any"))("@grpc/grpc-js");
  const socket = connect(port, "127.0.0.1");
  socket.unref();
  /** @type {Map<number, () => void>} */
  const held = new Map();
  const releaseAll = () => {
    for (const release of held.values()) release();
    held.clear();
  };
  socket.on("error", releaseAll);
  socket.on("close", releaseAll);
  createInterface({ input: socket }).on("line", (line) => {
    held.get(Number(line))?.();
    held.delete(Number(line));
  });
  /** @param {object} event */
  const tell = (event) => socket.write(`${JSON.stringify(event)}\n`);

  let calls = 0;
  const { addService } = Server.prototype;
  /** @type {(service: any, provider: any) => unknown} */
  Server.prototype.addService = function (service, provider) {
    /** @type {Record<string, unknown>} */
    const tapped = {};
    for (const [method, { responseStream }] of Object.entries(service)) {
      /** @type {(...args: any[]) => unknown} */
      const handler = provider[method];
      if (handler === undefined) continue;
      /** @type {(call: any, callback: (...answer: any[]) => void) => unknown} */
      const withTap = (call, callback) => {
        const n = ++calls;
        tell({ n, method, request: plain(call.request) });
        /** @param {any[]} answer */
        const answered = (...answer) => {
          const [error, message] = answer;
          held.set(n, () => callback(...answer));
          tell({ n, answer: error ? failure(error) : plain(message) });
        };
        return handler.call(provider, call, answered);
      };
      tapped[method] = responseStream ? handler.bind(provider) : withTap;
    }
    return addService.call(this, service, tapped);
  };
}

/** @param {any} error */
function failure(error) {
  const [details] = error.metadata?.get("grpc-status-details-bin") ?? [];
  return { error: error.message ?? error.details, details: details?.toString("base64") };
}
