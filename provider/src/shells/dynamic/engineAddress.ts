/** The script that the engine starts to run dynamic providers in. */
const SERVER = /[\\/]cmd[\\/]dynamic-provider([\\/]index\.js)?$/;

/** The address of the engine that has started this process, or nothing in any other process. */
export function engineOf({
  argv: [, script = "", ...rest],
}: Pick<NodeJS.Process, "argv">): string | undefined {
  // Flags come before it, such as `--logtostderr` and `--tracing URL`.
  return SERVER.test(script) ? (rest.at(-1) ?? "") : undefined;
}
