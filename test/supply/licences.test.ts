import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { licences } from "../../scripts/licences.mjs";

const root = mkdtempSync(join(tmpdir(), "kompliant-licences-"));
afterAll(() => rmSync(root, { recursive: true }));

function put(folder: string, name: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, "package.json"), JSON.stringify({ name, version: "1.2.3" }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, folder, file), text);
}

put("provider", "ours", { LICENSE: "our terms" });
put("node_modules/@a/b", "@a/b", { "LICENSE.md": "terms of b\n", NOTICE: "notice of b", "index.js": "" });
put("node_modules/@a/b/node_modules/c", "c", { licence: "terms of c" });
put("node_modules/bare", "bare", { NOTICE: "a notice is no licence" });
const inputs = [
  "provider/dist/main.js",
  "node_modules/@a/b/lib/one.js",
  "node_modules/@a/b/lib/two.js",
  "node_modules/@a/b/node_modules/c/c.js",
];

test("our licence and that of each package are there once, with the notices that go with it", () => {
  const parts = licences(root, inputs).split(/\n-{80}\n\n/);
  expect(parts).toEqual([
    "@a/b 1.2.3\n\nterms of b\n\nnotice of b\n",
    "c 1.2.3\n\nterms of c\n",
    "ours 1.2.3\n\nour terms\n",
  ]);
});

test("a package without the text of a licence stops the build", () => {
  expect(() => licences(root, [...inputs, "node_modules/bare/index.js"])).toThrow("code of bare 1.2.3");
});
