import { afterAll, expect } from "vitest";
import { confidentialAll, indiscretions, sample, transcript } from "./printed.js";

confidentialAll(sample);
// Those of a sandbox, if the tests are run against one.
const {
  KOMPLIANT_API_KEY: apiKey,
  KOMPLIANT_SECRET_KEY: secretKey,
  KOMPLIANT_AUTH_TOKEN: authToken,
} = process.env;
if (apiKey && secretKey && authToken) confidentialAll({ apiKey, secretKey, authToken });

// A program of the Automation API runs in the test's own process, and prints there.
for (const stream of [process.stdout, process.stderr]) {
  const output = transcript();
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...rest: unknown[]) => {
    output.add(String(chunk));
    return write(chunk, ...rest);
  };
}
// The test runner has consoles of its own, which do not lead to those streams.
const output = transcript();
for (const method of ["debug", "error", "info", "log", "warn"] as const) {
  const print = console[method].bind(console);
  console[method] = (...args: unknown[]) => {
    output.add(`${args.map(String).join(" ")}\n`);
    print(...args);
  };
}

afterAll(() => {
  expect(indiscretions(), "credentials, signatures or traces in what was printed").toEqual([]);
});
