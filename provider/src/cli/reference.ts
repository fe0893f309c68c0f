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
 * Reads what `--provider` is given.
 *
 * @throws Error that says what it must be
 */
export function parseProvider(text: string): Reference {
  const provider = parseReference(text);
  if (provider.urn.split("::")[2]?.split("$").at(-1) !== "pulumi:providers:pulumi-nodejs")
    throw new Error(
      "It must be the URN of a Provider of pulumi-kompliant (…::pulumi:providers:pulumi-nodejs::NAME).",
    );
  return provider;
}
