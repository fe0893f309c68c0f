import type { Operations } from "./engine.js";
import { type Shell, shellIn } from "./shell.js";

/**
 * A shell in a stack's project.
 *
 * @param env what differs from the environment of the stack's engine
 */
export function shellOf({ stack }: Operations, env: Readonly<Record<string, string>> = {}): Promise<Shell> {
  const { workDir, envVars } = stack.workspace;
  return shellIn(workDir, { ...(envVars as Record<string, string>), ...env });
}
