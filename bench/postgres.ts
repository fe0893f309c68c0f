import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";

/** A PostgreSQL server of the bench's own, empty, on 127.0.0.1. */
export interface Postgres {
  /** As the engine takes it for a backend. */
  readonly url: string;
  readonly version: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @returns the folder with `initdb` and `postgres` in it, or what to do where there is none */
export function findPostgres(): { readonly bin: string } | { readonly missing: string } {
  const debian = "/usr/lib/postgresql";
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...(existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, "bin")) : []),
  ];
  const bin = folders.find(
    (folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")),
  );
  return bin === undefined
    ? {
        missing:
          "no PostgreSQL server is installed: `apt-get install postgresql`, `dnf install postgresql-server` or `brew install postgresql`",
      }
    : { bin };
}

export async function startPostgres(bin: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "kompliant-postgres-"));
  // PostgreSQL refuses to run as root, and brings a user of its own.
  const user = process.getuid?.() === 0 ? userNamed("postgres") : {};
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"], {
    ...user,
    cwd: folder,
    stdio: "ignore",
  });
  const port = await freePort();
  const server = spawn(
    join(bin, "postgres"),
    [
      "-D",
      data,
      "-p",
      String(port),
      "-k",
      folder,
      "-c",
      "listen_addresses=127.0.0.1",
      "-c",
      "max_connections=300",
    ],
    { ...user, cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("exit", (code) => reject(new Error(`PostgreSQL ended with exit code ${code}`)));
    createInterface({ input: server.stderr }).on("line", (line) => {
      if (line.includes("database system is ready to accept connections")) resolve();
    });
  });
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`,
    version: execFileSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" }).trim(),
    [Symbol.asyncDispose]: async () => {
      server.removeAllListeners("exit");
      // Ends it at once, whoever is connected.
      server.kill("SIGINT");
      await once(server, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function userNamed(name: string): { readonly uid?: number; readonly gid?: number } {
  const number = (flag: string) =>
    Number(spawnSync("id", [flag, name], { encoding: "utf8" }).stdout.trim() || "NaN");
  const [uid, gid] = [number("-u"), number("-g")];
  if (Number.isNaN(uid) || Number.isNaN(gid))
    throw new Error(`PostgreSQL cannot run as root, and there is no user ${name} to run it as`);
  return { uid, gid };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
