import { fileURLToPath } from "node:url";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { tsImport } from "tsx/esm/api";

/** A program of `examples/`, loaded anew for each run, as the engine would. */
export function example(name: string): PulumiFn {
  const file = fileURLToPath(new URL(`../../examples/${name}/index.ts`, import.meta.url));
  return async () => {
    const { default: _, ...outputs } = await tsImport(file, import.meta.url);
    return outputs;
  };
}
