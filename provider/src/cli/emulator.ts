import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { oneLine } from "../core/messages/shown.js";
import { parsePlan } from "../emulator/faults.js";
import { type FaultPlan, type RequestLogEntry, startEmulator } from "../emulator/index.js";
import { parseAccountId } from "./options.js";
import { shellWord } from "./quoting.js";
import { print } from "./terminal.js";

interface Options {
  readonly port?: number;
  readonly account?: readonly string[];
  readonly file?: string;
  readonly faults?: string;
}

/** `pulumi-kompliant emulator`: a Kompliant API on this machine, until it is interrupted. */
export function emulatorCommand(): Command {
  return new Command("emulator")
    .description("run an emulator of the Kompliant API on 127.0.0.1, for tests")
    .option("--port <number>", "port to listen on (default: a free one)", parsePort)
    .option(
      "--account <id...>",
      "ids of the accounts that exist (default: one sample account)",
      (id, before: readonly string[] = []) => [...before, parseAccountId(id)],
    )
    .option("--file <path>", "keep the accounts in this file (default: in memory only)")
    .option("--faults <path>", "JSON file with a fault plan")
    .action(run);
}

async function run({ port, account, file, faults }: Options): Promise<void> {
  // Whoever reads the first line may end it at once.
  const interrupted = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  const emulator = await startEmulator({
    ...(port === undefined ? {} : { port }),
    ...(account === undefined ? {} : { accountIds: account }),
    ...(file === undefined ? {} : { file }),
    ...(faults === undefined ? {} : { faults: readPlan(faults) }),
    onRequest: (entry) => print(logLine(entry)),
  });
  print(`Kompliant emulator at ${emulator.url}; end it with Ctrl+C. To use it:`);
  for (const [name, value] of Object.entries(emulator.env)) print(`export ${name}=${shellWord(value)}`);
  await interrupted;
  await emulator.close();
}

function logLine({
  method,
  accountId,
  configId,
  keyId,
  url,
  status,
  code,
  subCode,
  fault,
}: RequestLogEntry): string {
  const said = status === 0 ? "no answer" : String(status);
  return [method, accountId, configId, keyId, url, said, code, subCode, fault && `(fault: ${fault})`]
    .filter((word) => word !== undefined && word !== "")
    .map((word) => oneLine(String(word)))
    .join(" ");
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError("It must be 0 to 65535.");
  return port;
}

function readPlan(path: string): FaultPlan {
  try {
    return parsePlan(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new Error(`cannot read the fault plan ${path}: ${(error as Error).message}`);
  }
}
