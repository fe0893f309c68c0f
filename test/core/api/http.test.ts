import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { Http } from "../../../provider/src/core/api/http.js";
import { httpTo } from "../../support/httpTo.js";

interface Setup {
  readonly http: Http;
  /** Tells of each request (`"request"`, the path), and of each that is cut off (`"cut off"`, the path). */
  readonly server: EventEmitter;
  /** Ends the time of the attempts, in the order in which they were begun. */
  readonly rings: (() => void)[];
}

/** A server, and one connection to it at a time. */
async function connected(
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Setup> {
  const events = new EventEmitter();
  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) events.emit("cut off", request.url);
    });
    events.emit("request", request.url);
    serve(request, response);
  });
  onTestFinished(() => server.closeAllConnections());
  const rings: (() => void)[] = [];
  const after = (_: number, ring: () => void) => {
    rings.push(ring);
    return () => {};
  };
  const http = await httpTo(server, after, { maxConcurrentCalls: 1 });
  return { http, server: events, rings };
}

test("a request that was given up before it had a connection is never sent", async () => {
  const asked: (string | undefined)[] = [];
  let answer = () => {};
  const { http, server, rings } = await connected(({ url }, response) => {
    asked.push(url);
    answer = () => response.end("{}");
    if (url !== "/first") answer();
  });
  const first = http.post("first", "{}", 1_000);
  await once(server, "request");
  const second = http.post("second", "{}", 1_000);
  const third = http.post("third", "{}", 1_000);
  rings[1]?.();
  expect(await second).toMatchObject({
    kind: "unreachable",
    reason: "no connection within 1 s; nothing was sent",
  });
  answer();
  expect(await first).toMatchObject({ status: 200 });
  expect(await third).toMatchObject({ status: 200 });
  expect(asked).toEqual(["/first", "/third"]);
});

test("a request that is given up while the server works on it closes its connection", async () => {
  const { http, server, rings } = await connected(() => {});
  const late = http.post("late", "{}", 1_000);
  await once(server, "request");
  const cutOff = once(server, "cut off");
  rings[0]?.();
  expect(await late).toMatchObject({ kind: "unanswered", reason: "no complete answer within 1 s" });
  expect(await cutOff).toEqual(["/late"]);
});
