import type { Configuration } from "../core/account/configuration.js";
import { configIn, isConfigId } from "../core/api/schemas.js";
import { WEBHOOK_CONFIG_TEXT, WEBHOOK_CONFIG_TYPE } from "../shells/dynamic/text.js";
import { identifierOf, nameTable } from "./nameTable.js";
import { asJson } from "./quoting.js";
import type { Reference } from "./reference.js";

/** What is to be imported, and as part of what. */
export interface Import {
  readonly accountId: string;
  readonly configurations: readonly Configuration[];
  readonly provider?: Reference | undefined;
  readonly parent?: Reference | undefined;
  /** The program has to name the account, since it may not be the configured one. */
  readonly namesAccount: boolean;
}

/**
 * The file for `pulumi import --file`. A dynamic resource cannot be read by its id alone, because its code is one of
 * its properties: so each entry has all that state will hold.
 */
export function importFile(what: Import): object {
  const { accountId, configurations, provider, parent } = what;
  const references = [provider, parent].filter((each) => each !== undefined);
  const names = namesFor(what);
  return {
    ...(references.length === 0
      ? {}
      : { nameTable: Object.fromEntries(references.map(({ variable, urn }) => [variable, urn])) }),
    resources: configurations.map(({ id, createdAt, updatedAt, ...rest }) => ({
      type: WEBHOOK_CONFIG_TYPE,
      name: names.get(rest.url),
      id,
      ...(parent === undefined ? {} : { parent: parent.variable }),
      ...(provider === undefined ? {} : { provider: provider.variable }),
      inputs: { accountId, ...configIn(rest), __provider: WEBHOOK_CONFIG_TEXT },
      outputs: { accountId, ...configIn(rest), createdAt, updatedAt, __provider: WEBHOOK_CONFIG_TEXT },
    })),
  };
}

/** The program text that goes with the file: of what the account says nothing stands there but string literals and ids. */
export function programText(what: Import): string {
  const { accountId, configurations, provider, parent, namesAccount } = what;
  const names = namesFor(what);
  const references = [
    ...(provider === undefined ? [] : [asProperty("provider", provider.variable)]),
    ...(parent === undefined ? [] : [asProperty("parent", parent.variable)]),
  ];
  const options = references.length === 0 ? "" : `, { ${references.join(", ")} }`;
  const account = namesAccount ? `, accountId: ${asJson(accountId)}` : "";
  const resources = configurations.map(({ id, url }) => {
    const name = names.get(url) ?? "";
    const args = `{ url: ${asJson(url)}${account} }`;
    const comment = isConfigId(id) ? `// ${id}\n` : "";
    return `${comment}const ${identifierOf(name)} = new WebhookConfig(${asJson(name)}, ${args}${options});`;
  });
  return `import { WebhookConfig } from "pulumi-kompliant";\n\n${resources.join("\n")}\n`;
}

function asProperty(key: string, variable: string): string {
  return key === variable ? key : `${key}: ${variable}`;
}

function namesFor({ configurations, provider, parent }: Import): ReadonlyMap<string, string> {
  const taken = [provider, parent].flatMap((each) => (each === undefined ? [] : [each.variable]));
  return nameTable(
    configurations.map(({ url }) => url),
    taken,
  );
}
