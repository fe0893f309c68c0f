import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A document of this repository. */
export interface Page {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of code. */
export interface Block {
  readonly page: string;
  /** The line of the opening fence; 1 is the first. */
  readonly line: number;
  /** What stands behind the opening fence: the language, and what else is said of the block. */
  readonly info: readonly string[];
  readonly code: string;
  /** The last heading before it. */
  readonly heading: string;
}

/** All documents for readers: the front page, the guides, the API reference and what stands beside them. */
export function pages(): readonly Page[] {
  const docs = readdirSync(join(root, "docs"), { recursive: true })
    .map((name) => join("docs", String(name)))
    .filter((path) => path.endsWith(".md"));
  return ["README.md", "CONTRIBUTING.md", join("provider", "CHANGELOG.md"), ...docs].sort().map((path) => ({
    path: path.split(sep).join(posix.sep),
    text: readFileSync(join(root, path), "utf8"),
  }));
}

/** The fenced blocks of a document, and its text without them. */
export function parse({ path, text }: Page): { readonly blocks: readonly Block[]; readonly prose: string } {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { line: number; fence: string; info: string[]; code: string[] } | undefined;
  let heading = "";
  for (const [i, line] of text.split("\n").entries()) {
    const [, fence, info = ""] = /^\s*(```+)(.*)$/.exec(line) ?? [];
    if (open === undefined) {
      if (fence !== undefined) open = { line: i + 1, fence, info: info.trim().split(/\s+/), code: [] };
      else {
        heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
        prose.push(line);
      }
    } else if (fence === open.fence && info === "") {
      blocks.push({ page: path, line: open.line, info: open.info, code: open.code.join("\n"), heading });
      open = undefined;
    } else open.code.push(line);
  }
  return { blocks, prose: prose.join("\n") };
}

/** A link from one document to another file or to a heading. */
export interface Link {
  readonly page: string;
  readonly target: string;
  /** The file that it leads to, from the root. */
  readonly file: string;
  readonly anchor: string | undefined;
}

/** The links of a document that lead neither to another site nor out of Markdown. */
export function links(page: Page): readonly Link[] {
  const { prose } = parse(page);
  return [...prose.replaceAll(/`[^`\n]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", anchor] = target.split("#", 2);
      const file = path === "" ? page.path : relative(root, join(root, dirname(page.path), path));
      return { page: page.path, target, file, anchor };
    });
}

/** The anchors that GitHub gives a document's headings, and those that stand in it. */
export function anchors(page: Page): ReadonlySet<string> {
  const { prose } = parse(page);
  const found = new Set([...prose.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id));
  for (const [, heading = ""] of prose.matchAll(/^#+ (.*)$/gm)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-");
    let unique = slug;
    for (let n = 1; found.has(unique); n++) unique = `${slug}-${n}`;
    found.add(unique);
  }
  return found;
}
