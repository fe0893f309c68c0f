import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import schema from "../../provider/src/shells/plugin/schema.json" with { type: "json" };

interface Property {
  readonly description: string;
  readonly isRequired: boolean;
  /** As the schema has it. */
  readonly type: object;
}

type Schema = Readonly<
  Record<
    string,
    { readonly description: string; readonly secret?: boolean; readonly willReplaceOnChanges?: boolean }
  >
>;

/** The properties that a schema says of an object. */
function said(properties: Schema, required: readonly string[]): Record<string, Property> {
  return Object.fromEntries(
    Object.entries(properties).map(
      ([name, { description, secret: _, willReplaceOnChanges: __, ...type }]) => [
        name,
        { description, isRequired: required.includes(name), type },
      ],
    ),
  );
}

/** A class or interface of the package's source. */
function declared(file: string, name: string): ts.ClassDeclaration | ts.InterfaceDeclaration {
  const url = new URL(`../../provider/src/program/${file}.ts`, import.meta.url);
  const source = ts.createSourceFile(file, readFileSync(url, "utf8"), ts.ScriptTarget.ES2022, true);
  const found = source.statements.find(
    (node): node is ts.ClassDeclaration | ts.InterfaceDeclaration =>
      (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) && node.name?.text === name,
  );
  if (found === undefined) throw new Error(`${file}.ts has no ${name}`);
  return found;
}

function propertiesOf(node: ts.ClassDeclaration | ts.InterfaceDeclaration): Record<string, Property> {
  const members: ts.Node[] = [...node.members];
  return Object.fromEntries(
    members
      .filter((member) => ts.isPropertyDeclaration(member) || ts.isPropertySignature(member))
      .map((member): [string, Property] => [
        member.name.getText(),
        {
          description: docOf(member),
          isRequired:
            member.questionToken === undefined && !/\| undefined\b/.test(member.type?.getText() ?? ""),
          type: typeOf(member.type?.getText() ?? ""),
        },
      ]),
  );
}

function docOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return oneLine(ts.getTextOfJSDocComment(doc?.comment) ?? "");
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** A type of the program as the schema says it. */
function typeOf(text: string): object {
  const plain = text.replace(" | undefined", "");
  const [, inner] = /^(?:pulumi\.(?:Input|Output)|Readonly)<(.*)>$/.exec(plain) ?? [];
  if (inner !== undefined) return typeOf(inner);
  const [, value] = /^Record<string, (.*)>$/.exec(plain) ?? [];
  if (value !== undefined) return { type: "object", additionalProperties: typeOf(value) };
  return plain === "Foreign" ? { $ref: "#/types/kompliant:index:Foreign" } : { type: plain };
}

const { resources, types, functions, provider, config } = schema;

test.each([
  ["WebhookConfig", "webhookConfig", resources["kompliant:index:WebhookConfig"]],
  ["WebhookConfigSet", "webhookConfigSet", resources["kompliant:index:WebhookConfigSet"]],
  ["WebhookKey", "webhookKey", resources["kompliant:index:WebhookKey"]],
  ["WebhookKeyActivation", "webhookKeyActivation", resources["kompliant:index:WebhookKeyActivation"]],
])("%s has the inputs and outputs of the class", (name, file, resource) => {
  expect(said(resource.inputProperties, "requiredInputs" in resource ? resource.requiredInputs : [])).toEqual(
    propertiesOf(declared(file, `${name}Args`)),
  );
  expect(said(resource.properties, resource.required)).toEqual(propertiesOf(declared(file, name)));
});

test.each([
  ["WebhookConfig", "webhookConfig", resources["kompliant:index:WebhookConfig"]],
  ["WebhookConfigSet", "webhookConfigSet", resources["kompliant:index:WebhookConfigSet"]],
  ["WebhookKey", "webhookKey", resources["kompliant:index:WebhookKey"]],
  ["WebhookKeyActivation", "webhookKeyActivation", resources["kompliant:index:WebhookKeyActivation"]],
])("%s is described as the class is", (name, file, { description }) => {
  const [text = ""] = description.split("{{% examples %}}");
  // Only the class refuses inputs and options that fail; an SDK that is generated hands none of them on.
  const classText = docOf(declared(file, name)).replace(
    ", if settings are missing or malformed, or if an input or option fails.",
    ", or if settings are missing or malformed.",
  );
  for (const sentence of oneLine(text).split(/(?<=[.:]) (?=[A-Z])/)) expect(classText).toContain(sentence);
});

test("a lookup gives what the program's does", () => {
  const result = propertiesOf(declared("lookupTypes", "WebhookConfigResult"));
  const listed = types["kompliant:index:WebhookConfigResult"];
  expect(said(listed.properties, listed.required)).toEqual(result);
  const { properties, required } = functions["kompliant:index:getWebhookConfig"].outputs;
  expect(said(properties, required)).toEqual(result);
});

test("an explicit provider has the settings of the class, and those of the stack config", () => {
  expect(provider.inputProperties).toEqual(config.variables);
  const settings = said(provider.inputProperties, []);
  for (const [name, { description, type }] of Object.entries(
    propertiesOf(declared("provider", "ProviderArgs")),
  )) {
    expect(settings[name]?.type).toEqual(type);
    // Where the plugin reads a setting from, and what it keeps in state, differs.
    const [format = ""] = description.split(/(?<=\.) (?=Kept|Default)|^Default/);
    expect(settings[name]?.description).toContain(format);
  }
});
