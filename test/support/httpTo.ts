import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { onTestFinished } from "vitest";
import { createHttp, type Http } from "../../provider/src/core/api/http.js";
import { type Runtime, systemRuntime } from "../../provider/src/core/api/runtime.js";
import { resolveSettings, type Settings } from "../../provider/src/core/api/settings.js";
import { sample } from "./printed.js";

/**
 * Starts a server on this machine, until the test ends.
 *
 * @param after rings when the time of a request is over
 * @returns what sends requests to it
 */
export async function httpTo(
  server: Server,
  after: Runtime["after"],
  more: Partial<Settings> = {},
): Promise<Http> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const resolved = resolveSettings({ get: (key) => ({ ...sample, baseUrl })[key] }, {});
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  return createHttp({ ...resolved.settings, ...more }, { ...systemRuntime, after });
}
