import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { recover } from "../../provider/src/program/sdk.js";

interface Parts {
  promise(withUnknowns: boolean): Promise<unknown>;
  isKnown: Promise<boolean>;
  isSecret: Promise<boolean>;
  allResources(): Promise<Set<pulumi.Resource>>;
}
type NewOutput = new (...parts: unknown[]) => pulumi.Output<unknown>;
const partsOf = (output: unknown) => output as Parts;
const boom = () => {
  throw new Error("boom\n  of a lookup");
};
const failing = () => pulumi.output("x").apply(boom);

test("what is good stays what it is: plain values, promises, outputs, secret members, objects that are not plain", async () => {
  class Resource {}
  const parent = new Resource();
  const given = {
    plain: "a",
    absent: undefined,
    list: [1, null],
    parent,
    promise: Promise.resolve({ member: pulumi.secret("b") }),
    members: { constructor: pulumi.secret("c"), other: pulumi.output("d") },
  };
  const { value, failures } = recover(given, {});
  expect(await failures).toEqual([]);
  const { plain, absent, list, promise, members } = value;
  expect({ plain, absent, list }).toEqual({ plain: "a", absent: undefined, list: [1, null] });
  expect(value.parent).toBe(parent);
  expect(promise).toBeInstanceOf(Promise);
  const { member } = await promise;
  expect(await partsOf(member).isSecret).toBe(true);
  expect(await partsOf(members.constructor).isSecret).toBe(true);
  expect(await partsOf(members.other).isSecret).toBe(false);
  expect(await partsOf(members.other).promise(true)).toBe("d");
});

test("an output keeps its dependencies, and stays unknown", async () => {
  const resource = {} as pulumi.Resource;
  const unknown = new (pulumi.Output as unknown as NewOutput)(
    new Set([resource]),
    Promise.resolve(pulumi.runtime.unknownValue),
    Promise.resolve(false),
    Promise.resolve(true),
    Promise.resolve(new Set([resource])),
  );
  const { value, failures } = recover({ url: unknown }, {});
  expect(await failures).toEqual([]);
  expect(await partsOf(value.url).isKnown).toBe(false);
  expect(await partsOf(value.url).isSecret).toBe(true);
  expect([...(await partsOf(value.url).allResources())]).toEqual([resource]);
});

function circle(): object {
  const all: Record<string, unknown> = {};
  all["all"] = all;
  return all;
}

describe("what has failed is named in one line, and something else stands in its place", () => {
  test.each([
    ["an output", () => ({ url: failing() }), "url: boom of a lookup"],
    ["a promise", () => ({ url: Promise.reject(new Error("boom")) }), "url: boom"],
    ["a promise of an output", () => ({ url: Promise.resolve(failing()) }), "url: boom of a lookup"],
    ["a member", () => ({ urls: { a: "a", b: failing() } }), "urls.b: boom of a lookup"],
    [
      "a member of a promise",
      () => ({ urls: Promise.resolve({ b: failing() }) }),
      "urls.b: boom of a lookup",
    ],
    [
      "a promise inside of an output",
      () => ({ urls: pulumi.output("x").apply(() => ({ b: { c: Promise.reject("text") } })) }),
      "urls.b.c: text",
    ],
    ["an element", () => ({ dependsOn: [failing()] }), "dependsOn.0: boom of a lookup"],
    [
      "half a character",
      () => ({ url: "https://example.com/\ud800" }),
      'url: "https://example.com/\\ud800" has half a character in it, a surrogate of UTF-16 without the other',
    ],
    ["a circle", () => ({ url: Promise.resolve(circle()) }), expect.stringContaining("call stack")],
    ["no error at all", () => ({ url: Promise.reject(undefined) }), "url: undefined"],
    [
      "an error without words",
      () => ({ url: Promise.reject(new Error("")) }),
      "url: it failed without saying why",
    ],
  ])("%s", async (_, given, line) => {
    const { value, failures } = recover<unknown>(given(), "instead");
    expect(await failures).toEqual([line]);
    const all = pulumi.output(value) as unknown as Parts;
    expect(JSON.stringify(await all.promise(true))).toContain("instead");
    expect(await all.isKnown).toBe(true);
  });
});

test.each(["__proto__", "toString", "4dabf18193072939515e22adb298388d", "\\ud800"])(
  "%s, which the SDK does not carry, is no name",
  async (name) => {
    const urls = JSON.parse(`{ "a": "b", "${name}": "c" }`);
    for (const given of [urls, Promise.resolve(urls), pulumi.output("x").apply(() => urls)]) {
      const { value, failures } = recover({ urls: given }, {});
      expect(await failures).toEqual([expect.stringContaining(`urls: "${name}" cannot be a name: `)]);
      expect(await partsOf(pulumi.output(value)).promise(true)).toEqual({ urls: {} });
    }
  },
);

describe("what the SDK would leave out in silence, and a name with it", () => {
  class Holder {
    constructor(readonly url: unknown) {}
  }

  test.each<readonly [string, unknown, string]>([
    ["undefined", { a: undefined }, "urls.a: undefined is no value"],
    [
      "an output of undefined",
      { a: pulumi.output("x").apply(() => undefined) },
      "urls.a: undefined is no value",
    ],
    ["a function", { a: () => "x" }, "urls.a: [Function: a] is no value"],
    ["a symbol", { a: Symbol("x") }, "urls.a: Symbol(x) is no value"],
    ["a Map", new Map([["a", "x"]]), "urls: Map(1) { 'a' => 'x' } is no value"],
    ["an output of a Map", pulumi.output("x").apply(() => new Map() as never), "urls: Map(0) {} is no value"],
    ["a Set", new Set(["x"]), "urls: Set(1) { 'x' } is no value"],
    ["a date", new Date(0), "urls: 1970-01-01T00:00:00.000Z is no value"],
  ])("has failed: %s", async (_, urls, reason) => {
    const { failures } = recover({ urls }, {}, true);
    expect(await failures).toEqual([expect.stringContaining(reason)]);
  });

  test("what fails inside of an object of a class, or in a thenable, has failed too", async () => {
    class Thenable {
      // biome-ignore lint/suspicious/noThenProperty: some libraries have promises of their own
      then(_: unknown, reject: (reason: Error) => void): void {
        reject(new Error("boom"));
      }
    }
    const { failures } = recover(new Holder({ a: failing(), b: new Holder(new Thenable()) }), {}, true);
    expect([...(await failures)].sort()).toEqual(["url.a: boom of a lookup", "url.b.url: boom"]);
  });

  test("what is absent at the top is absent", async () => {
    const { value, failures } = recover({ url: "x", accountId: undefined }, {}, true);
    expect(await failures).toEqual([]);
    expect(value).toEqual({ url: "x", accountId: undefined });
  });
});
