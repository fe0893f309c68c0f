import { connect } from "node:net";

/** The script that the engine starts, with its own address as the argument, to run dynamic providers in. */
const SERVER = /[\\/]cmd[\\/]dynamic-provider([\\/]index\.js)?$/;
const LOOK_EVERY_MS = 1_000;

/** What is asked of the process that is to end: Node's own `process`. */
export interface EndingProcess {
  readonly argv: readonly string[];
  readonly ppid: number;
  exit(code: number): void;
}

/** The address of the engine that has started this process, or nothing in any other process. */
export function engineOf({
  argv: [, script = "", address = ""],
}: Pick<EndingProcess, "argv">): string | undefined {
  return SERVER.test(script) ? address : undefined;
}

let watching = false;

/**
 * Ends the provider process soon after its engine has gone. An engine that was killed leaves it running otherwise,
 * and its retries would then interfere with the deployment that comes next.
 *
 * Does nothing in any other process.
 */
export function exitWithEngine(own: EndingProcess): void {
  const address = engineOf(own);
  if (watching || address === undefined) return;
  watching = true;
  const parent = own.ppid;
  let wasThere = false;
  const look = async () => {
    // The engine starts this process through a shell, which outlives it: so its address is asked too. Only an
    // address where something has answered before can tell anything by refusing.
    const answer = await knock(address);
    if (answer === "open") wasThere = true;
    if (own.ppid !== parent || (wasThere && answer === "refused")) own.exit(1);
  };
  void look();
  setInterval(() => void look(), LOOK_EVERY_MS).unref();
}

/** Whether anything listens at `HOST:PORT`. */
function knock(address: string): Promise<"open" | "refused" | "unknown"> {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || port === undefined) return Promise.resolve("unknown");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: LOOK_EVERY_MS });
    socket.unref();
    const end = (answer: "open" | "refused" | "unknown") => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end("open"));
    socket.once("timeout", () => end("unknown"));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      end(error.code === "ECONNREFUSED" ? "refused" : "unknown"),
    );
  });
}
