import * as pulumi from "@pulumi/pulumi";
import { withoutFailures } from "./failures.js";
import { requireResolvable } from "./resolvable.js";
import { inTurn } from "./turns.js";

/** What a class hands to Pulumi for one resource of the program. */
export interface Declaration<A> {
  readonly inputs: A & { readonly __provider: string };
  readonly options: pulumi.CustomResourceOptions;
}

/**
 * What the program passes, with what the provider process needs to know besides, all of which ends in check: the resource's
 * name, which the dynamic runtime tells no provider, and the option `import`, which the engine would hand to the runtime,
 * which cannot do it.
 *
 * @param text the constant text of the type
 * @throws pulumi.RunError if the provider process could not load this package
 */
export function declaration<A extends object>(
  text: string,
  name: string,
  args: A,
  opts: pulumi.CustomResourceOptions,
): Declaration<A> {
  requireResolvable();
  const { args: passed, options: given, refused } = withoutFailures(args, opts);
  const { import: takeOver, ...options } = given;
  const inputs = { ...passed, refused, __provider: text };
  // What is only read is no resource of the program.
  if (options.id !== undefined) return { inputs, options };
  const hasImport = takeOver !== undefined && takeOver !== null;
  return { inputs: { ...inputs, name: inTurn(name), ...(hasImport ? { import: takeOver } : {}) }, options };
}

/** Whether a value is a resource of a type, of whichever copy of this package. */
export function isOfType(value: unknown, type: string): boolean {
  return pulumi.Resource.isInstance(value) && (value as { __pulumiType?: string }).__pulumiType === type;
}
