import { connect } from "node:net";

const LOOK_EVERY_MS = 1_000;
/** How often an address has to refuse at which nothing has answered yet. */
const REFUSALS_AT_FIRST = 5;

/** What is asked of the process that is to end: Node's own `process`. */
export interface EndingProcess {
  readonly ppid: number;
  exit(code: number): void;
}

let watching = false;

/**
 * Ends the provider process soon after its engine has gone. An engine that was killed leaves it running otherwise,
 * and its retries would then interfere with the deployment that comes next.
 *
 * @param address the engine's, `HOST:PORT`
 */
export function exitWithEngine(own: EndingProcess, address: string): void {
  if (watching) return;
  watching = true;
  const parent = own.ppid;
  let refusalsLeft = REFUSALS_AT_FIRST;
  const look = async () => {
    // The engine starts this process through a shell, which outlives it: so its address is asked too.
    const answer = await probe(address);
    if (answer === "open") refusalsLeft = 1;
    if (answer === "refused") refusalsLeft--;
    if (own.ppid !== parent || refusalsLeft === 0) own.exit(1);
  };
  void look();
  setInterval(() => void look(), LOOK_EVERY_MS).unref();
}

/** Whether anything listens at `HOST:PORT`. */
function probe(address: string): Promise<"open" | "refused" | "unknown"> {
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
