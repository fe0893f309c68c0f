import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import schema from "../../provider/src/shells/plugin/schema.json" with { type: "json" };
import { goBuild } from "../../scripts/engine/build.mjs";
import { pages, parse } from "../docs/markdown.js";
import { FIRST_MS } from "../support/project.js";
import { generateSdks } from "../support/sdks.js";

/** The programs in a language that the registry shows. */
function shown(language: string): readonly string[] {
  const described = Object.entries(schema.resources).map(([path, { description: text }]) => ({ path, text }));
  const registry = pages().filter(({ path }) => path === "docs/_index.md");
  const blocks = [...described, ...registry].flatMap((page) => parse(page).blocks);
  return blocks.filter(({ info }) => info[0] === language).map(({ code }) => code);
}

test(
  "the SDKs that Pulumi generates compile, with the programs that its registry shows",
  async () => {
    await using sdks = await generateSdks();
    const write = async (language: string, name: string) => {
      const programs = shown(language === "nodejs" ? "typescript" : language);
      // One of each resource, and one of the first page.
      expect(programs).toHaveLength(Object.keys(schema.resources).length + 1);
      const files = programs.map((_, i) => join(sdks.folder, language, name.replace("N", String(i))));
      await Promise.all(files.map((file, i) => writeFile(file, programs[i] ?? "")));
      return files;
    };
    const program = ts.createProgram(await write("nodejs", "programN.ts"), {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleDetection: ts.ModuleDetectionKind.Force,
      paths: { "@kompliant/pulumi": [join(sdks.folder, "nodejs", "index.ts")] },
      types: ["node"],
      skipLibCheck: true,
      noEmit: true,
    });
    const wrong = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
    expect(wrong).toEqual([]);
    for (const main of await write("go", "programN.go"))
      await goBuild({
        module: join(sdks.folder, "go"),
        main,
        target: join(sdks.folder, "program.exe"),
        env: process.env,
      });
  },
  FIRST_MS,
);
