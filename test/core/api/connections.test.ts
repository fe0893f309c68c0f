import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import type { Http } from "../../../provider/src/core/api/http.js";
import { httpTo } from "../../support/httpTo.js";
import { seed } from "../../support/seed.js";
import { mulberry32 } from "../../support/virtualTime.js";

const REQUESTS = 600;

/** What a server does with a request, or with the connection that brought it. */
const manners: Readonly<Record<string, (socket: Socket, answer: string, giveUp: () => void) => void>> = {
  answers: (socket, answer) => socket.write(answer),
  "answers, and closes the connection that was to stay open": (socket, answer) => socket.end(answer),
  "answers, and resets the connection that was to stay open": (socket, answer) =>
    socket.write(answer, () => socket.resetAndDestroy()),
  "announces the answer first": (socket, answer) =>
    socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${answer}`),
  "closes the connection": (socket) => socket.end(),
  "resets the connection": (socket) => socket.resetAndDestroy(),
  "closes it in the head of the answer": (socket, answer) => socket.end(answer.slice(0, 30)),
  "closes it in the body of the answer": (socket, answer) => socket.end(answer.slice(0, -1)),
  "answers something else": (socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"),
  "answers twice": (socket, answer) => socket.write(answer + answer),
  "says nothing until the request is given up": (_, __, giveUp) => giveUp(),
};

test(`whatever a server does with its connections, what is said of a request is true, TEST_SEED=${seed}`, async () => {
  const random = mulberry32(seed);
  const names = Object.keys(manners);
  /** What the server did with each request that has reached it. */
  const done = new Map<string, string[]>();
  const server = createServer((socket) => {
    socket.on("error", () => {});
    let read = "";
    socket.setEncoding("utf8").on("data", (text) => {
      read += text;
      for (;;) {
        const [whole, path = ""] = /^POST \/(\S+) HTTP\/1\.1\r\n(?:.+\r\n)+\r\n\{\}/.exec(read) ?? [];
        if (whole === undefined) return;
        read = read.slice(whole.length);
        const manner = names[Math.floor(random() * names.length)] ?? "";
        done.set(path, [...(done.get(path) ?? []), manner]);
        const body = JSON.stringify({ path });
        const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
        manners[manner]?.(socket, head + body, () => rings.get(path)?.());
      }
    });
  });
  // No time passes: the server itself says when the time of a request is over.
  const rings = new Map<string, () => void>();
  let asked = "";
  const after = (_: number, ring: () => void) => {
    rings.set(asked, ring);
    return () => {};
  };
  const http = await httpTo(server, after);

  const paths = Array.from({ length: REQUESTS }, (_, i) => `webhook.config.list-${i}`);
  const due = [...paths];
  const replies = new Map<string, Awaited<ReturnType<Http["post"]>>>();
  const worker = async () => {
    for (let path = due.shift(); path !== undefined; path = due.shift()) {
      asked = path;
      replies.set(path, await http.post(path, "{}", 1_000));
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));

  for (const path of paths) {
    const reply = replies.get(path);
    const manner = done.get(path) ?? [];
    const what = `${path}: the server ${manner.join(", ") || "has not seen it"}`;
    // Once at most: to send it again is for whoever knows what it does.
    expect(manner.length, what).toBeLessThan(2);
    if (reply === undefined) throw new Error(`${path} has no reply`);
    if ("kind" in reply) {
      if (reply.kind === "unreachable") expect(manner, what).toEqual([]);
      continue;
    }
    expect(reply, what).toMatchObject({ status: 200, text: JSON.stringify({ path }), isWhole: true });
  }
  const kinds = [...replies.values()].map((reply) => ("kind" in reply ? reply.kind : "reply"));
  expect(kinds.filter((kind) => kind === "reply").length).toBeGreaterThan(REQUESTS / 10);
  expect(kinds.filter((kind) => kind === "unanswered").length).toBeGreaterThan(REQUESTS / 10);
});
