import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Milliseconds, in fresh processes, one after the other. */
export interface Startup {
  readonly ours: readonly number[];
  /** The no-op that the floor loads: what any module costs. */
  readonly floor: readonly number[];
}

/** Measures what loading `pulumi-kompliant/dynamic` adds to a provider process's start. */
export function measureStartup(times: number): Startup {
  const load = (module: string) =>
    Number(
      execFileSync(process.execPath, [at("startup.cjs"), "127.0.0.1:1", module], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }),
    );
  const rounds = Array.from({ length: times }, () => ({
    floor: load("./providers/noop.cjs"),
    ours: load("pulumi-kompliant/dynamic"),
  }));
  return { ours: rounds.map(({ ours }) => ours), floor: rounds.map(({ floor }) => floor) };
}
