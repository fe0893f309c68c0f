import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

import { fileURLToPath } from "node:url";
import { markdownTable } from "markdown-table";
import ts from "typescript";
import { expect, test } from "vitest";

/** A shell tells the core, whose parts do not know it. */
const ofShell = [
  "shells",
  "core",
  "core/account",
  "core/api",
  "core/messages",
  "core/webhookConfig",
  "core/webhookConfigSet",
  "core/webhookKey",
];

/** Each folder of provider/src, and the folders and files there that it may know besides itself. */
const mayKnow: Readonly<Record<string, readonly string[]>> = {
  "core/messages": [],
  "core/api": ["core/messages"],
  "core/account": ["core/api", "core/messages"],
  core: ["core/account", "core/api", "core/messages"],
  "core/webhookConfig": ["core", "core/account", "core/api", "core/messages"],
  "core/webhookConfigSet": ["core", "core/account", "core/api", "core/messages"],
  "core/webhookKey": ["core", "core/account", "core/api", "core/messages"],
  shells: ["core", "core/api"],
  "shells/dynamic": ofShell,
  "shells/plugin": ofShell,
  program: [
    "core",
    "core/account",
    "core/api",
    "core/messages",
    "core/webhookConfigSet/inputs.ts",
    "shells/dynamic/text.ts",
  ],
  emulator: ["core/api", "core/messages"],
  cli: [
    "core",
    "core/account",
    "core/api",
    "core/messages",
    "program",
    "emulator",
    "shells/dynamic/text.ts",
    "shells/pluginState.ts",
  ],
};

/** File to the text of each file of a folder, by paths below provider/src. */
type Sources = ReadonlyMap<string, string>;
/** File to what it imports, types too: files of ours by path, and packages by name. */
type Imports = ReadonlyMap<string, readonly string[]>;

function importsOf(sources: Sources): Imports {
  return new Map(
    [...sources].map(([file, text]) => {
      const { importedFiles } = ts.preProcessFile(text, true, true);
      const found = importedFiles.map(({ fileName: name }) =>
        name.startsWith(".") ? posix.join(posix.dirname(file), name).replace(/\.js$/, ".ts") : name,
      );
      return [file, [...new Set(found)].sort()];
    }),
  );
}

const folderOf = (file: string) => posix.dirname(file);

/** Arrows that the table has not, each as `file -> file`. */
function wrongArrows(imports: Imports): string[] {
  return arrowsOf(imports)
    .filter(([from, to]) => {
      const known = [folderOf(from), ...(mayKnow[folderOf(from)] ?? [])];
      return !known.includes(folderOf(to)) && !known.includes(to);
    })
    .map(([from, to]) => `${from} -> ${to}`);
}

function arrowsOf(imports: Imports): (readonly [from: string, to: string])[] {
  return [...imports].flatMap(([from, all]) =>
    all.filter((to) => imports.has(to)).map((to) => [from, to] as const),
  );
}

/** Ways from a file of the core to Pulumi, each as `file -> … -> package`, at most one of each file. */
function waysToPulumi(imports: Imports): string[] {
  const way = (from: string, seen: readonly string[]): readonly string[] | undefined => {
    if (from.startsWith("@pulumi/")) return [...seen, from];
    if (seen.includes(from)) return undefined;
    for (const to of imports.get(from) ?? []) {
      const found = way(to, [...seen, from]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return [...imports.keys()]
    .filter((file) => file.startsWith("core/"))
    .flatMap((file) => way(file, [])?.join(" -> ") ?? []);
}

/** Files that know each other by whatever way, each group as `file <-> file`. */
function cycles(imports: Imports): string[] {
  const reached = new Map([...imports.keys()].map((file) => [file, reachedFrom(file, imports)]));
  const groups = [...reached].map(([file, all]) =>
    [...all].filter((other) => reached.get(other)?.has(file)).sort(),
  );
  return [...new Set(groups.filter((group) => group.length > 0).map((group) => group.join(" <-> ")))];
}

function reachedFrom(file: string, imports: Imports, reached = new Set<string>()): ReadonlySet<string> {
  for (const to of imports.get(file) ?? [])
    if (imports.has(to) && !reached.has(to)) {
      reached.add(to);
      reachedFrom(to, imports, reached);
    }
  return reached;
}

/** Who knows whom, with the number of arrows. */
function table(imports: Imports): string {
  const arrows = arrowsOf(imports).map(([from, to]) => [folderOf(from), folderOf(to)] as const);
  const folders = [...new Set([...imports.keys()].map(folderOf))];
  const count = (from: string, to: string) => {
    const found = arrows.filter(([one, other]) => one === from && other === to).length;
    return found === 0 || from === to ? "" : String(found);
  };
  return markdownTable([
    ["", ...folders],
    ...folders.map((from) => [from, ...folders.map((to) => count(from, to))]),
  ]);
}

const faultsOf = (imports: Imports) => [
  ...wrongArrows(imports),
  ...waysToPulumi(imports),
  ...cycles(imports),
];

const src = fileURLToPath(new URL("../provider/src/", import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const ours = importsOf(
  new Map(files.map((name) => [name.replaceAll("\\", "/"), readFileSync(join(src, name), "utf8")])),
);

test("the core knows no Pulumi, folders know each other one way, and no file knows itself by others", () => {
  expect(faultsOf(ours), `\n${table(ours)}\n`).toEqual([]);
});

test("every folder has its line in the table", () => {
  expect([...new Set([...ours.keys()].map(dirname))].sort()).toEqual(Object.keys(mayKnow).sort());
});

test.each<[string, Record<string, string>, string[]]>([
  [
    "types alone",
    { "core/a.ts": 'import type * as p from "@pulumi/pulumi";' },
    ["core/a.ts -> @pulumi/pulumi"],
  ],
  [
    "by another file, as it is needed",
    {
      "core/a.ts": 'export { b } from "./b.js";',
      "core/b.ts": 'const p = () => require("@pulumi/pulumi/x");',
    },
    ["core/a.ts -> core/b.ts -> @pulumi/pulumi/x", "core/b.ts -> @pulumi/pulumi/x"],
  ],
  ["a program", { "program/a.ts": 'import * as p from "@pulumi/pulumi";' }, []],
  [
    "the wrong way",
    { "core/api/a.ts": 'import { b } from "../account/b.js";', "core/account/b.ts": "" },
    ["core/api/a.ts -> core/account/b.ts"],
  ],
  [
    "another file than the one that is allowed",
    { "program/a.ts": 'import("../shells/dynamic/shell.js");', "shells/dynamic/shell.ts": "" },
    ["program/a.ts -> shells/dynamic/shell.ts"],
  ],
  [
    "the one that is allowed",
    { "program/a.ts": 'import "../shells/dynamic/text.js";', "shells/dynamic/text.ts": "" },
    [],
  ],
  [
    "a cycle",
    {
      "core/a.ts": 'import "./b.js";',
      "core/b.ts": 'import type { A } from "./a.js"; import "./c.js";',
      "core/c.ts": "",
    },
    ["core/a.ts <-> core/b.ts"],
  ],
])("is found: %s", (_, sources, faults) => {
  expect(faultsOf(importsOf(new Map(Object.entries(sources)))).sort()).toEqual(faults);
});
