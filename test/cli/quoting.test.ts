import { spawnSync } from "node:child_process";
import ts from "typescript";
import { expect, test } from "vitest";
import { importFile, programText } from "../../provider/src/cli/importFile.js";
import { asJson, code, isPlainWord, shellWord } from "../../provider/src/cli/quoting.js";

const WORDS = [
  "a\nb\r\n\u2028\u2029\u202e\u200b\u001b[2J\u009b\ud800",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must not become one
  '"`${process.exit(7)}`</script>*/\\',
  "##[error]x ###[y ##vso[z]",
  "🪝\u{e0041}",
];

test.each(WORDS)("%j is the same value in JSON and in a program, and acts on nothing", (word) => {
  const text = asJson({ word });
  expect(JSON.parse(text)).toEqual({ word });
  expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##\[|##vso\[/u);
  expect(JSON.parse(asJson([word, { word }], 2))).toEqual([word, { word }]);
});

const configuration = { createdAt: "2025-10-21T15:42:33.109Z", updatedAt: "2025-10-21T15:42:33.109Z" };

test.each(WORDS)("a program has nothing of an account's but string literals: %j", (word) => {
  const url = `https://example.com/${word}`;
  const text = programText({
    accountId: word,
    configurations: [
      { ...configuration, id: `whc_1\nrequire("node:fs")\n${word}`, url },
      { ...configuration, id: "whc_2", url: `${url}/2` },
    ],
    namesAccount: true,
    plugin: false,
  });
  const parsed = ts.createSourceFile("index.ts", text, ts.ScriptTarget.ES2022, true);
  expect(parsed.statements.map(({ kind }) => ts.SyntaxKind[kind])).toEqual([
    "ImportDeclaration",
    "FirstStatement",
    "FirstStatement",
  ]);
  const literals: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isStringLiteral(node)) literals.push(node.text);
    else if (ts.isTemplateExpression(node) || ts.isCallExpression(node)) expect.unreachable(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  expect(literals.filter((literal) => literal === url || literal === `${url}/2`)).toHaveLength(2);
  expect(literals.filter((literal) => literal === word)).toHaveLength(2);
  expect(text.match(/^\/\/.*$/gm)).toEqual(["// whc_2"]);
  expect(importFile({ accountId: word, configurations: [], namesAccount: true, plugin: true })).toEqual({
    resources: [],
  });
});

test.each([
  ["a`b", "`a%60b`"],
  ["a|b", "`a\\|b`"],
  ["a\\|b", "`a%5C\\|b`"],
  ["a\\b", "`a\\b`"],
  ["", "` `"],
  ["a\nb", "`a\\nb`"],
])("%j is %s in Markdown", (text, shown) => {
  expect(code(text)).toBe(shown);
});

test.each(["lv_4K8mPxR9N2jL7hS5TdWfY1", "a", "a.b-c"])("%s is a plain word", (word) => {
  expect(isPlainWord(word)).toBe(true);
});

test.each(["", "-rf", "a;rm", "a b", "$(a)", "`a`", "a\nb", "~", "*", "%PATH%", "a'b", "é", "a\n"])(
  "%j is no plain word",
  (word) => {
    expect(isPlainWord(word)).toBe(false);
  },
);

test.skipIf(process.platform === "win32")("a shell reads a word as it is", () => {
  const word = "a'b\"$(touch x)`y`\\ ;\n#";
  const { stdout } = spawnSync("sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" });
  expect(stdout).toBe(word);
});
