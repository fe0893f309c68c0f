import { expect, test } from "vitest";
import { changesOf } from "../../provider/src/shells/plugin/changes.js";

type Case = readonly [
  what: string,
  changed: readonly string[],
  replaces: readonly string[],
  olds: Record<string, unknown>,
  news: Record<string, unknown>,
  changes: Record<string, string>,
];

test.each<Case>([
  ["nothing", [], [], { url: "a" }, { url: "a" }, {}],
  ["an input", ["url"], [], { url: "a" }, { url: "b" }, { url: "UPDATE" }],
  ["one that is new, one that goes", ["a", "b"], [], { b: "x" }, { a: "x" }, { a: "ADD", b: "DELETE" }],
  [
    "what replaces",
    ["accountId"],
    ["accountId"],
    { accountId: "a" },
    { accountId: "b" },
    { accountId: "UPDATE!" },
  ],
  ["a replacement of what is the same", ["url"], ["url"], { url: "a" }, { url: "a" }, { url: "UPDATE!" }],
  ["what is not among the changes", ["url"], [], { url: "a", x: 1 }, { url: "b", x: 2 }, { url: "UPDATE" }],
  [
    "names of a set",
    ["urls"],
    [],
    { urls: { same: "a", moved: "b", gone: "c" } },
    { urls: { same: "a", moved: "B", added: "d" } },
    { "urls.moved": "UPDATE", "urls.gone": "DELETE", "urls.added": "ADD" },
  ],
  [
    "names that a path has to quote",
    ["urls"],
    [],
    { urls: {} },
    { urls: { "a.b": "1", 'say "x"': "2", "my orders": "3", "1st": "4", $_1: "5", "a]": "6", "": "7" } },
    {
      'urls["a.b"]': "ADD",
      'urls["say \\"x\\""]': "ADD",
      'urls["my orders"]': "ADD",
      'urls["1st"]': "ADD",
      "urls.$_1": "ADD",
      'urls["a]"]': "ADD",
      'urls[""]': "ADD",
    },
  ],
  [
    "names of JavaScript's own",
    ["urls"],
    [],
    { urls: { constructor: "a" } },
    { urls: { toString: "a" } },
    { "urls.constructor": "DELETE", "urls.toString": "ADD" },
  ],
  [
    "an object that becomes something else",
    ["urls"],
    [],
    { urls: { a: "b" } },
    { urls: "x" },
    { urls: "UPDATE" },
  ],
])("%s", (_, changed, replaces, olds, news, changes) => {
  const found = [...changesOf(changed, replaces, olds, news)].map(([path, { kind, replaces }]) => [
    path,
    `${kind}${replaces ? "!" : ""}`,
  ]);
  expect(Object.fromEntries(found)).toEqual(changes);
});
