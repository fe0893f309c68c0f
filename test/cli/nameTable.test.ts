import fc from "fast-check";
import ts from "typescript";
import { expect, test } from "vitest";
import { identifierOf, nameTable } from "../../provider/src/cli/nameTable.js";
import { seed } from "../support/seed.js";

const only = (url: string) => nameTable([url]).get(url);

test.each([
  ["https://example.com/kompliant/orders", "orders"],
  ["https://example.com/webhooks/kompliant/v2/orders/refunds", "orders-refunds"],
  ["https://hooks.shop.example.com/kompliant", "shop-example"],
  ["https://example.com/OrderEvents/caf%C3%A9", "order-cafe"],
  ["https://example.com/2024", "hook-2024"],
  ["https://example.com/new", "example-com-new"],
  ["https://example.com/orders?token=confidential", "orders"],
  ["https://10.0.0.1:8443/", "hook-10-0-0"],
  ["https://", expect.stringMatching(/^[a-z][a-z0-9-]+$/)],
])("%s alone is called %s", (url, name) => {
  expect(only(url)).toEqual(name);
});

test("URLs that ask for the same name all get a longer one", () => {
  const urls = [
    "https://eu.example.com/kompliant/orders",
    "https://us.example.com/kompliant/orders",
    "https://example.com/payments",
  ];
  expect([...nameTable(urls).values()]).toEqual([
    "eu-example-com-kompliant-orders",
    "us-example-com-kompliant-orders",
    "payments",
  ]);
});

test("URLs that differ in nothing that a name can show are told apart by a hash", () => {
  const names = [...nameTable(["https://example.com/a?key=1", "https://example.com/a?key=2"]).values()];
  for (const name of names) expect(name).toMatch(/^example-com-[0-9a-f]{8}$/);
});

test("what the program calls something else already is not used again", () => {
  const url = "https://example.com/eu";
  expect(nameTable([url], ["eu"]).get(url)).toBe("example-com-eu");
});

const word = fc.constantFrom(
  "orders",
  "Orders",
  "a",
  "a-1",
  "a1",
  "1",
  "new",
  "v1",
  "hooks",
  "ä",
  "%zz",
  "日本",
);
const anyUrl = fc
  .tuple(
    fc.array(fc.constantFrom("eu", "us", "www", "example", "orders"), { maxLength: 2 }),
    fc.array(word, { maxLength: 3 }),
    fc.option(fc.constantFrom("x=1", "x=2"), { nil: undefined }),
  )
  .map(
    ([labels, path, query]) =>
      `https://${[...labels, "com"].join(".")}/${path.join("/")}${query === undefined ? "" : `?${query}`}`,
  );
const anyUrls = fc.uniqueArray(fc.oneof(anyUrl, fc.webUrl({ validSchemes: ["https"] })), { maxLength: 20 });

test("names are unique constants of a module, whatever the URLs", () => {
  fc.assert(
    fc.property(anyUrls, (urls) => {
      const names = [...nameTable(urls).values()];
      const identifiers = names.map(identifierOf);
      expect(names).toHaveLength(urls.length);
      expect(new Set(identifiers).size).toBe(urls.length);
      const text = identifiers.map((identifier) => `const ${identifier} = 0;`).join("\n");
      const { diagnostics = [] } = ts.transpileModule(`export {};\n${text}`, { reportDiagnostics: true });
      expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);
    }),
    { seed, numRuns: 300 },
  );
});

test("a name depends neither on the order nor on URLs that ask for another name", () => {
  fc.assert(
    fc.property(anyUrls, fc.func(fc.integer()), (urls, rank) => {
      const names = nameTable(urls);
      const shuffled = [...urls].sort((a, b) => rank(a) - rank(b));
      expect(Object.fromEntries(nameTable(shuffled))).toEqual(Object.fromEntries(names));
      for (const url of urls) {
        const asked = only(url) ?? "";
        const rivals = urls.filter((other) => identifierOf(only(other) ?? "") === identifierOf(asked));
        if (rivals.length > 1) expect(names.get(url)).not.toBe(asked);
        else if (names.get(url) !== asked)
          // Only a longer name of another one can be in the way.
          expect([...names.values()].map(identifierOf)).not.toContain(identifierOf(asked));
      }
    }),
    { seed, numRuns: 300 },
  );
});
