import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../provider/src/core/call.js";
import { fromStruct, toStruct } from "../../provider/src/shells/plugin/values.js";

const { Struct } = createRequire(import.meta.url)("google-protobuf/google/protobuf/struct_pb");

/** How the protocol marks a secret. */
const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});
/** As it comes over the wire. */
const sent = (props: object) => Struct.deserializeBinary(toStruct(props).serializeBinary());

test.each<[string, Record<string, unknown>]>([
  ["nothing", {}],
  ["null, and what is empty", { a: null, b: "", c: {}, d: [], e: 0, f: false }],
  ["nested", { urls: { a: "x", "b.c": { d: [1, { e: null }] } } }],
  [
    "names of JavaScript's own",
    { constructor: "a", toString: "b", hasOwnProperty: "c", valueOf: { toString: "d" } },
  ],
  ["what a preview cannot know", { url: UNKNOWN, urls: { a: UNKNOWN } }],
])("values arrive as they are: %s", (_, props) => {
  expect(fromStruct(sent(props))).toEqual(props);
});

test("a property that is undefined is left out, and no message is no properties", () => {
  expect(fromStruct(sent({ a: undefined, b: "x" }))).toEqual({ b: "x" });
  expect(fromStruct(undefined)).toEqual({});
});

describe("__proto__, which google-protobuf does not list", () => {
  /** The text of a name in a message, in place of another of the same length. */
  function withProto(props: object): InstanceType<typeof Struct> {
    const bytes = Buffer.from(toStruct(props).serializeBinary());
    bytes.write("__proto__", bytes.indexOf("=>proto<="));
    return Struct.deserializeBinary(bytes);
  }

  test.each<[string, object]>([
    ["among others", { "=>proto<=": "https://example.com", a: "b" }],
    ["alone", { "=>proto<=": { a: "b" } }],
    ["further in", { urls: { "=>proto<=": "x" } }],
  ])("is a property like others: %s", (_, props) => {
    const json = JSON.stringify(props).replace("=>proto<=", "__proto__");
    const got = fromStruct(withProto(props));
    expect(JSON.parse(JSON.stringify(got, (_, value) => entriesOf(value)))).toEqual(
      JSON.parse(JSON.stringify(JSON.parse(json), (_, value) => entriesOf(value))),
    );
  });

  test("leaves all other objects as they were", () => {
    fromStruct(withProto({ "=>proto<=": "x" }));
    fromStruct(sent({ a: "x" }));
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

/** Objects as their entries, since `toEqual` does not look at `__proto__`. */
function entriesOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return ["object", ...Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))];
}

describe("secrets", () => {
  test("of a provider's configuration are read as what they hide, wherever they are", () => {
    expect(fromStruct(sent({ apiKey: secret("x"), list: [secret({ a: secret("y") })] }))).toEqual({
      apiKey: "x",
      list: [{ a: "y" }],
    });
  });

  test("are marked where the type says so, whatever their form, and nowhere else", () => {
    const marked = toStruct({ others: { whc_1: "x" }, ids: { a: "b" } }, ["others", "absent"]).toJavaScript();
    expect(marked).toEqual({ others: secret({ whc_1: "x" }), ids: { a: "b" } });
  });
});
