import type { Configuration } from "../core/account/configuration.js";
import { configIn, isConfigId } from "../core/api/schemas.js";
import { WEBHOOK_CONFIG_TEXT, WEBHOOK_CONFIG_TYPE } from "../shells/dynamic/text.js";
import { PLUGIN_CONFIG_TYPE } from "../shells/pluginState.js";
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
  /** By the provider plugin, and not by the package's dynamic resources. */
  readonly plugin: boolean;
}

/** The file for `pulumi import --file`. */
export function importFile(what: Import): object {
  const { configurations, provider, parent } = what;
  const references = [provider, parent].filter((each) => each !== undefined);
  const names = namesFor(what);
  return {
    ...(references.length === 0
      ? {}
      : { nameTable: Object.fromEntries(references.map(({ variable, urn }) => [variable, urn])) }),
    resources: configurations.map((each) => {
      const { type, id, ...properties } = what.plugin ? byPlugin(what, each) : dynamic(what, each);
      return {
        type,
        name: names.get(each.url),
        id,
        ...(parent === undefined ? {} : { parent: parent.variable }),
        ...(provider === undefined ? {} : { provider: provider.variable }),
        ...properties,
      };
    }),
  };
}

/** The plugin reads the rest by the id. */
function byPlugin({ accountId, namesAccount }: Import, { id }: Configuration) {
  return { type: PLUGIN_CONFIG_TYPE, id: namesAccount ? `${accountId}/${id}` : id };
}

/**
 * A dynamic resource cannot be read by its id alone, because its code is one of its properties: so its entry has all
 * that state will hold.
 */
function dynamic({ accountId }: Import, { id, createdAt, updatedAt, ...rest }: Configuration) {
  const inputs = { accountId, ...configIn(rest), __provider: WEBHOOK_CONFIG_TEXT };
  return {
    type: WEBHOOK_CONFIG_TYPE,
    id,
    inputs,
    outputs: { ...inputs, createdAt, updatedAt },
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
