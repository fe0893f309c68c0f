import { PLUGIN_PROVIDER_TYPE } from "../shells/pluginState.js";
import { identifierOf } from "./nameTable.js";

/** A resource of the program that others refer to: the name of its constant, and its URN. */
export interface Reference {
  readonly variable: string;
  readonly urn: string;
}

const FORM =
  "It must be a URN (urn:pulumi:STACK::PROJECT::TYPE::NAME, as `pulumi stack --show-urns` shows it), or VARIABLE=URN.";

/**
 * Reads `VARIABLE=URN`, or a URN alone, whose last part then gives the variable.
 *
 * @throws Error that says what it must be
 */
export function parseReference(text: string): Reference {
  const { variable: given, urn = "" } =
    /^(?:(?<variable>[A-Za-z_$][\w$]*)=)?(?<urn>urn:pulumi:.*)$/.exec(text)?.groups ?? {};
  const [stack, project, type, ...name] = urn.split("::");
  const variable = given ?? identifierOf(name.join("::"));
  if (!stack || !project || !type || !/^[A-Za-z_$][\w$]*$/.test(variable)) throw new Error(FORM);
  return { variable, urn };
}

/**
 * A reference to an explicit provider.
 *
 * @param plugin whether it has to be one of the provider plugin, and not of the package's classes
 * @throws Error that says what it must be
 */
export function asProvider(reference: Reference, plugin: boolean): Reference {
  const type = plugin ? PLUGIN_PROVIDER_TYPE : "pulumi:providers:pulumi-nodejs";
  if (reference.urn.split("::")[2]?.split("$").at(-1) === type) return reference;
  const whose = plugin ? "the provider plugin" : "pulumi-kompliant";
  throw new Error(`--provider must be the URN of a Provider of ${whose} (…::${type}::NAME).`);
}
