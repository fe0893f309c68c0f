import { Command, InvalidArgumentError, Option } from "commander";
import { isParkingUrl } from "../core/account/trades.js";
import { MAYBE_ANOTHER_ACCOUNT } from "../core/messages/nothingListed.js";
import { oneLine, shownUrl } from "../core/messages/shown.js";
import { readAccount } from "./account.js";
import { matches } from "./filter.js";
import { importFile, programText } from "./importFile.js";
import { ACCOUNT, ENVIRONMENT, FILTER } from "./options.js";
import { asJson } from "./quoting.js";
import { asProvider, parseReference, type Reference } from "./reference.js";
import { commandRuntime, print } from "./terminal.js";

interface Options {
  readonly account?: string;
  readonly filter?: string[];
  readonly provider?: Reference;
  readonly parent?: Reference;
  readonly program?: boolean;
  readonly plugin?: boolean;
}

const STEPS = `
To bring an account under a stack, with the same options both times:
  npx pulumi-kompliant import-file > import.json
  npx pulumi-kompliant import-file --program >> index.ts
  pulumi import --file import.json --generate-code=false --protect=false
  pulumi preview
For the provider plugin, with which Pulumi writes the text for the program itself:
  npx pulumi-kompliant import-file --plugin > import.json
  pulumi import --file import.json --protect=false`;

/** `pulumi-kompliant import-file`: what `pulumi import` needs to take an account over. */
export function importFileCommand(): Command {
  return new Command("import-file")
    .description("print the file for `pulumi import --file` that takes over what an account has")
    .option(...ACCOUNT)
    .option(...FILTER)
    .option("--program", "print the program text to paste instead of the file")
    .addOption(
      new Option("--plugin", "for the provider plugin, and not for this package's classes").conflicts(
        "program",
      ),
    )
    .option("--provider <urn>", "an explicit provider of the stack: URN, or VARIABLE=URN", readReference)
    .option("--parent <urn>", "a component of the stack: URN, or VARIABLE=URN", readReference)
    .addHelpText("after", `${STEPS}\n${ENVIRONMENT}`)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { account, filter, parent, program, plugin = false } = options;
  const provider = options.provider && asProvider(options.provider, plugin);
  if (provider !== undefined && parent !== undefined && provider.variable === parent.variable)
    throw new Error(
      `the provider and the parent are both called ${provider.variable}: name one of them otherwise, as in --parent VARIABLE=URN`,
    );
  const listed = await readAccount(account);
  const configurations = listed.configurations.filter((each) => matches(filter, each));
  if (configurations.length === 0)
    throw new Error(
      listed.configurations.length === 0
        ? `account ${oneLine(listed.accountId)} has no webhook configurations: there is nothing to import. ${MAYBE_ANOTHER_ACCOUNT}`
        : `none of the ${listed.configurations.length} webhook configurations of account ${oneLine(listed.accountId)} matches ${filter?.join(", ")}`,
    );
  for (const { id, url } of configurations.filter((each) => isParkingUrl(each.url)))
    commandRuntime.warn(
      listed.hide(
        `${oneLine(id)} was left at ${shownUrl(url)} by a deployment that was cut off: run \`pulumi up\` in the stack that it belongs to first`,
      ),
    );
  const what = {
    accountId: listed.accountId,
    configurations,
    provider,
    parent,
    namesAccount: account !== undefined || provider !== undefined,
    plugin,
  };
  print(program ? programText(what).trimEnd() : asJson(importFile(what), 2));
}

function readReference(text: string): Reference {
  try {
    return parseReference(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
