import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { interpret } from "../../../provider/src/core/api/answer.js";
import { createCalls } from "../../../provider/src/core/api/calls.js";
import { createClient } from "../../../provider/src/core/api/client.js";
import { startOperation } from "../../../provider/src/core/api/operation.js";
import { systemRuntime } from "../../../provider/src/core/api/runtime.js";
import { resolveSettings } from "../../../provider/src/core/api/settings.js";
import { sample } from "../../support/printed.js";

const MB = 1024 * 1024;
const config: Record<string, string> = {
  ...sample,
  requestTimeoutSeconds: "1",
  operationTimeoutSeconds: "1",
};

const held = () => {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
};

/** Asks a server that sends the same again and again. @returns what came of it, and how much was sent and held */
async function askEndless(beginning: string, again: string) {
  const piece = Buffer.from(again.repeat(Math.ceil((64 * 1024) / again.length)));
  const before = held();
  let [sent, most] = [0, 0];
  const goOn = (socket: Socket) => {
    // Somebody who reads it all shall not fill the machine.
    if (socket.destroyed || sent > 400 * MB) return void socket.destroy();
    sent += piece.length;
    most = Math.max(most, held() - before);
    socket.write(piece, () => setImmediate(goOn, socket));
  };
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(`HTTP/1.1 ${beginning}`);
      goOn(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const resolved = resolveSettings({ get: (key) => ({ ...config, baseUrl })[key] }, {});
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  const client = createClient("lv_1", createCalls(resolved.settings, "lv_1", systemRuntime));
  const startedAt = performance.now();
  const error = await client
    .list(startOperation(systemRuntime, systemRuntime, "lv_1", "list", 1_000))
    .catch((reason) => reason);
  const ms = performance.now() - startedAt;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return { error, sent, most, ms };
}

test.each([
  ["a body", "200 OK\r\ntransfer-encoding: chunked\r\n\r\n", `400\r\n${"x".repeat(1024)}\r\n`],
  ["a body of blanks, which JSON may begin with", "200 OK\r\n\r\n", " "],
  ["a header", "200 OK\r\nx-long: ", "x"],
  ["headers", "200 OK\r\n", "x-again: x\r\n"],
  ["trailers", "200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "x-again: x\r\n"],
])("%s that never ends is not read to no end", async (_, beginning, again) => {
  const { error, sent, most, ms } = await askEndless(beginning, again);
  expect(error).toMatchObject({ name: "KompliantError" });
  expect(ms).toBeLessThan(2_000 + 3_000);
  // About 1 MB is read at an attempt, and the system's buffers between take some more of each.
  expect(sent).toBeLessThan(100 * MB);
  expect(most).toBeLessThan(128 * MB);
});

test.each([
  ["a size of a part", "200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", "x"],
  ["answers that announce another", "", "103 Early Hints\r\n\r\nHTTP/1.1 "],
])("%s that never ends takes its time and no memory", async (_, beginning, again) => {
  const { error, most, ms } = await askEndless(beginning, again);
  expect(error).toMatchObject({ name: "KompliantError" });
  expect(ms).toBeLessThan(2_000 + 3_000);
  // What was read and let go may not have been collected yet.
  expect(most).toBeLessThan(128 * MB);
});

const filled = (unit: string) =>
  Array.from({ length: Math.floor(MB / (unit.length + 1)) }, () => unit).join(",");

test.each([
  ["configurations that are none", `{"data":{"configs":[${filled("1")}]}}`],
  ["configurations without anything", `{"data":{"configs":[${filled("{}")}]}}`],
  ["errors that are none", `{"errors":[${filled("1")}]}`],
  ["errors", `{"errors":[${filled('{"code":"a"}')}]}`],
  ["details", `{"errors":[{"code":"a","details":[${filled('{"field":"a","message":"b"}')}]}]}`],
  ["details that are none", `{"errors":[{"code":"a","details":[${filled("1")}]}]}`],
  ["warnings", `{"meta":{"warnings":[${filled('{"code":"a","message":"b"}')}]},"data":{}}`],
  ["warnings that are none", `{"meta":{"warnings":[${filled("1")}]},"data":{}}`],
  ["lists in lists", "[".repeat(MB)],
  ["objects in objects", `{"data":{"configs":[],"x":${'{"a":'.repeat(MB / 8)}1${"}".repeat(MB / 8)}}}`],
  ["escapes of escapes", `{"errors":[{"code":"${"%25".repeat(MB / 4)}"}]}`],
  [
    "backslashes",
    JSON.stringify({ errors: Array.from({ length: 9 }, () => ({ code: "\\".repeat(50_000) })) }),
  ],
  ["what cannot be seen", "\u200b".repeat(MB / 4)],
])("as many %s as there is room for are read in no time, and say little", (_, text) => {
  const resolved = resolveSettings({ get: (key) => config[key] }, {});
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  const before = held();
  // Of this process alone, whatever else the machine does.
  const used = process.cpuUsage();
  const reply = { contentType: "application/json", retryAfter: undefined, text, isWhole: true };
  const answers = ([200, 400] as const).map((status) =>
    interpret("webhook.config.list", { ...reply, status }, resolved.settings.hide),
  );
  const { user, system } = process.cpuUsage(used);
  expect((user + system) / 1_000).toBeLessThan(1_000);
  expect(held() - before).toBeLessThan(100 * MB);
  expect(JSON.stringify(answers).length).toBeLessThan(25_000);
});
