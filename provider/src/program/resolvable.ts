import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isRunByLanguageHost } from "./sdk.js";

/** As it is before a program changes it. */
const folder = process.cwd();
let isResolvable: boolean | undefined;

/**
 * Sees to it that the provider process can load this package, which it does from the program's folder. Where only a
 * library that the program uses depends on the package, it cannot, and the engine would only say so with a stack trace.
 *
 * @throws pulumi.RunError if it cannot
 */
export function requireResolvable(): void {
  if (!isRunByLanguageHost()) return;
  isResolvable ??= resolves();
  if (!isResolvable)
    throw new pulumi.RunError(
      `pulumi-kompliant/dynamic cannot be resolved from ${folder}: add \`pulumi-kompliant\` to the dependencies of the program's own package.json, since Pulumi loads the provider from there.`,
    );
}

function resolves(): boolean {
  try {
    createRequire(join(folder, "program.js")).resolve("pulumi-kompliant/dynamic");
    return true;
  } catch {
    return false;
  }
}
