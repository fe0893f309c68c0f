import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { beforeEach, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../../provider/src/emulator/index.js";

let emulator: Emulator;
let port = 0;
beforeEach(async () => {
  emulator = await startEmulator();
  port = Number(new URL(emulator.url).port);
  return () => emulator.close();
});

/** Sends a request as it stands. `fetch` lets nobody choose `Host`. */
async function request(line: string, headers: readonly string[], body = "") {
  const socket = connect(port, "127.0.0.1");
  const all = [...headers, "connection: close", `content-length: ${body.length}`];
  socket.write(`${line} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${body}`);
  const answer = await text(socket);
  return { status: Number(answer.split(" ")[1]), body: answer.split("\r\n\r\n")[1] ?? "" };
}

const config = JSON.stringify({ url: "https://example.com/a" });
const own = (name: string) => [`host: ${name}:${port}`, `origin: http://${name}:${port}`];

test.each([
  ["another name for this machine", () => [`host: rebound.example:${port}`]],
  ["a name that begins like one of its own", () => [`host: localhost.rebound.example:${port}`]],
  ["another port", () => ["host: 127.0.0.1:1"]],
  ["an empty name", () => ["host: "]],
  ["a web page", () => [`host: 127.0.0.1:${port}`, "origin: https://evil.example"]],
  ["a web page on this machine", () => [`host: 127.0.0.1:${port}`, "origin: http://127.0.0.1:1"]],
  ["a web page over https", () => [`host: 127.0.0.1:${port}`, `origin: https://127.0.0.1:${port}`]],
  ["a file, or a frame without a name", () => [`host: 127.0.0.1:${port}`, "origin: null"]],
])("%s is refused, on the control interface and on the API", async (_, headers) => {
  const control = await request("POST /_emulator/configs", headers(), config);
  expect(control.status).toBe(403);
  expect(JSON.parse(control.body)).toEqual({
    error: expect.stringMatching(/^the emulator (is called|takes no)/),
  });
  expect((await request("GET /_emulator/requests", headers())).status).toBe(403);
  expect((await request("POST /webhook.config.list", headers(), "{}")).status).toBe(403);
  expect([emulator.configs(), emulator.requests]).toEqual([[], []]);
});

test.each([
  () => ["host: 127.0.0.1"],
  () => ["host: LOCALHOST"],
  () => ["host: [::1]"],
  () => own("127.0.0.1"),
  () => own("localhost"),
  () => own("[::1]"),
])("its own names are not, case %#", async (headers) => {
  expect((await request("POST /_emulator/configs", headers(), config)).status).toBe(200);
  expect((await request("POST /webhook.config.list", headers(), "{}")).status).toBe(415);
});

test.each(["/_emulator/configs", "/webhook.config.list"])(
  "a body for %s that never ends is answered, and hardly read",
  async (path) => {
    // What is beyond the limit stays with the systems' own buffers.
    let sent = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        if (sent > 50_000_000) return controller.error(new Error("all of it is read"));
        controller.enqueue(new Uint8Array(100_000));
        sent += 100_000;
      },
    });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(emulator.url + path, { method: "POST", headers, body, duplex: "half" });
    expect(answer.status).toBe(413);
    await answer.text();
  },
);

test("1 MB is taken", async () => {
  const padded = `${config}${" ".repeat(1_000_000 - config.length)}`;
  expect((await request("POST /_emulator/configs", ["host: localhost"], padded)).status).toBe(200);
  expect((await request("POST /_emulator/configs", ["host: localhost"], `${padded} `)).status).toBe(413);
});

test("a body that does not come is not waited for", { timeout: 30_000 }, async () => {
  const socket = connect(port, "127.0.0.1");
  socket.write("POST /_emulator/configs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{");
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
});
