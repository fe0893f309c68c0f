import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { findEngine } from "../../scripts/engine/engine.mjs";
import { printed } from "../support/printed.js";
import { anchors, type Block, links, pages, parse, root } from "./markdown.js";

/** Every file of a folder with what is in it. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test("docs/api is what `npm run docs` makes of the doc comments", () => {
  const folder = mkdtempSync(join(tmpdir(), "kompliant-docs-"));
  try {
    const typedoc = join(root, "node_modules", "typedoc", "bin", "typedoc");
    const { status, stdout, stderr } = spawnSync(process.execPath, [typedoc, "--out", folder], {
      cwd: root,
      encoding: "utf8",
    });
    expect(status, stdout + stderr).toBe(0);
    expect(contents(join(root, "docs", "api")), "run `npm run docs` and commit").toEqual(contents(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every link between documents leads to a file, and to a heading in it", () => {
  const byPath = new Map(pages().map((page) => [page.path, page]));
  const broken = [...byPath.values()].flatMap(links).filter(({ file, anchor }) => {
    if (!existsSync(join(root, file))) return true;
    const page = byPath.get(file.replaceAll("\\", "/"));
    return anchor !== undefined && (page === undefined || !anchors(page).has(anchor));
  });
  expect(broken).toEqual([]);
});

/**
 * `ts fragment` behind the fence says that a block is no whole program; signatures in the reference are none either. The SDK of
 * the plugin is generated where its user is.
 */
function isProgram({ page, code, info: [language, kind], heading }: Block): boolean {
  if ((language !== "ts" && language !== "typescript") || code.includes('"@kompliant/pulumi"')) return false;
  return page.startsWith("docs/api/") ? heading === "Example" : kind !== "fragment";
}

test("every program in a document compiles under the settings of Pulumi's templates", () => {
  const blocks = pages()
    .flatMap((page) => parse(page).blocks)
    .filter(isProgram);
  expect(blocks.length).toBeGreaterThan(10);
  // Inside the repository, so that the compiler finds its packages; nothing is written there.
  const sources = new Map(
    blocks.map((block) => [
      join(root, "docs", `${block.page.replaceAll(/\W/g, "_")}_${block.line}.ts`).replaceAll("\\", "/"),
      block,
    ]),
  );
  const options: ts.CompilerOptions = {
    strict: true,
    target: ts.ScriptTarget.ES2020,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    // Each block is a file of its own, with names of its own.
    moduleDetection: ts.ModuleDetectionKind.Force,
    types: ["node"],
    typeRoots: [join(root, "node_modules", "@types")],
    skipLibCheck: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => sources.has(name) || fileExists(name);
  host.readFile = (name) => sources.get(name)?.code ?? readFile(name);
  host.getSourceFile = (name, languageVersion, ...rest) => {
    const code = sources.get(name)?.code;
    return code === undefined
      ? getSourceFile(name, languageVersion, ...rest)
      : ts.createSourceFile(name, code, languageVersion);
  };
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host));
  const wrong = diagnostics.map(({ file, start = 0, messageText }) => {
    const block = sources.get(file?.fileName ?? "");
    const line = (block?.line ?? 0) + 1 + (file?.getLineAndCharacterOfPosition(start).line ?? 0);
    return `${block?.page ?? file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
  expect(wrong).toEqual([]);
});

function page(path: string) {
  const found = pages().find((each) => each.path === path);
  if (found === undefined) throw new Error(`there is no ${path}`);
  return parse(found);
}

test("the guide to the first delivery shows the example as it is", () => {
  const example = readFileSync(join(root, "examples", "first-delivery", "index.ts"), "utf8");
  const shown = page("docs/guides/first-delivery.md").blocks.filter(({ info }) => info[0] === "ts");
  expect(shown.map(({ code }) => `${code}\n`)).toEqual([example.replaceAll("\r\n", "\n")]);
});

test("the tests of the testing guide pass", async () => {
  const { root: engine } = await findEngine({ log: () => {} });
  // Windows may call it Path.
  const path = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  const env = {
    ...process.env,
    ...(engine === undefined ? {} : { [path]: [join(engine, "bin"), process.env[path]].join(delimiter) }),
  };
  const programs = page("docs/guides/testing.md").blocks.filter(isProgram);
  expect(programs).toHaveLength(2);
  for (const { code, line } of programs) {
    const local = join(root, ".pulumi-local");
    mkdirSync(local, { recursive: true });
    const folder = mkdtempSync(join(local, "guide-"));
    try {
      const file = join(folder, "guide.test.ts");
      writeFileSync(file, code);
      const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
      const run = spawnSync(process.execPath, [tsx, "--test", file], { cwd: folder, env, encoding: "utf8" });
      for (const text of [run.stdout, run.stderr]) printed(text);
      expect(run.status, `testing.md:${line}\n${run.stdout}${run.stderr}`).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
});

/** Every text in the package's source, cut where something is put in. */
function texts(): readonly string[] {
  const src = join(root, "provider", "src");
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      found.push(node.text);
    ts.forEachChild(node, visit);
  };
  for (const name of readdirSync(src, { recursive: true }).map(String)) {
    if (!name.endsWith(".ts")) continue;
    visit(ts.createSourceFile(name, readFileSync(join(src, name), "utf8"), ts.ScriptTarget.ES2022));
  }
  return found;
}

test("the errors are quoted as the code makes them", () => {
  const source = texts();
  const quoted = page("docs/guides/limits-and-errors.md").blocks.filter(({ info }) => info[0] === "text");
  expect(quoted.length).toBeGreaterThan(20);
  const invented = quoted
    .flatMap(({ code }) => code.split("\n"))
    .flatMap((line) => line.trim().replace(/^- /, "").split("…"))
    .map((piece) => piece.trim())
    .filter((piece) => !source.some((text) => text.includes(piece)));
  expect(invented).toEqual([]);
});
