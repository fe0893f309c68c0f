import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { printed } from "./printed.js";
import { searchPath } from "./searchPath.js";

const bin = fileURLToPath(new URL("../../provider/dist/cli/main.js", import.meta.url));

/** What became of a command. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Commands as a user types them, in one folder and one environment. */
export interface Shell {
  pulumi(...args: string[]): Promise<Ended>;
  /** `pulumi-kompliant`. */
  kompliant(...args: string[]): Promise<Ended>;
  /** A script, run as GitHub Actions runs a step: its first failure ends it. */
  script(lines: string, env?: Readonly<Record<string, string>>): Promise<Ended>;
}

/**
 * @param env what the commands see besides this process's own environment, from which nothing of Kompliant is taken
 */
export async function shellIn(folder: string, env: Readonly<Record<string, string>>): Promise<Shell> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("KOMPLIANT_"));
  const all = { ...Object.fromEntries(inherited), PATH: await searchPath(), ...env };
  const run = async (file: string, args: readonly string[], more = {}): Promise<Ended> => {
    const child = spawn(file, args, {
      cwd: folder,
      env: { ...all, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [[code], out, err] = await Promise.all([
      once(child, "close"),
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code, out: printed(out), err: printed(err) };
  };
  return {
    pulumi: (...args) => run("pulumi", args),
    kompliant: (...args) => run(process.execPath, [bin, ...args]),
    script: (lines, more) => run("bash", ["-e", "-c", lines], more),
  };
}
