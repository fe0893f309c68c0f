import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addressesOf } from "../../provider/src/core/peerAddresses.js";
import { createPeers, type Peers, type Word } from "../../provider/src/core/peers.js";
import { seed } from "../support/seed.js";

/** Linux has abstract sockets and can have those files that other systems need. */
const FORMS: NodeJS.Platform[] = process.platform === "linux" ? ["linux", "darwin"] : [process.platform];
const HAS_FILES = FORMS.some((form) => form !== "linux" && form !== "win32");
const CHILD = fileURLToPath(new URL("../support/peerProcess.cjs", import.meta.url));
const ID = "whc_0000000000000000000001";
const STRANGER = "4711";

// Each process listens for its own exit, and this one plays many.
process.setMaxListeners(0);

let run: string;
let folder: string;
const servers: Server[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  run = randomUUID();
  // On macOS the folder for temporary files has too long a name for sockets in folders of it.
  folder = await mkdtemp(join(process.platform === "win32" ? tmpdir() : "/tmp", "kp-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) server.close();
  for (const child of children.splice(0)) {
    const exit = once(child, "exit");
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await exit;
  }
  await rm(folder, { recursive: true });
});

interface Process {
  readonly pid?: number;
  readonly engine?: string;
  readonly words?: Map<string, Word>;
  readonly temporary?: string;
}

function ownOf(platform: NodeJS.Platform, { pid = process.pid, temporary = folder }: Process = {}) {
  return { pid, platform, env: { TMPDIR: temporary } };
}

/** A process of the run, played by this one. */
function peer(form: NodeJS.Platform, { words = new Map(), ...options }: Process = {}): Peers {
  return createPeers(ownOf(form, options), options.engine ?? run, (id) => words.get(id) ?? "nothing");
}

const saying = (word: Word, id = ID) => new Map([[id, word]]);

let lastPid = 900_000_000;

/** A process of the run, where it listens, and what the addresses of all processes of its run begin with. */
async function listener(form: NodeJS.Platform, words = new Map<string, Word>()) {
  // Those of other tests listen too.
  const pid = ++lastPid;
  const own = peer(form, { pid, words });
  await own.ask(ID);
  const found = await addressesOf(ownOf(form)).list();
  const address = found.find((name) => name.endsWith(`-${pid}`)) ?? "";
  return { own, address, prefix: address.replace(/[\da-f]{8}-\d+$/, "") };
}

/** A process of the run, and somebody else's that listens as if it were another one. */
async function besideStranger(form: NodeJS.Platform, onConnection: (socket: Socket) => void) {
  const { own, prefix } = await listener(form);
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  }).listen({ path: `${prefix}00000000-${STRANGER}` });
  servers.push(server);
  await once(server, "listening");
  return { own, server };
}

/** A real process of the run. */
async function start(form: NodeJS.Platform): Promise<ChildProcess> {
  const child = fork(CHILD, [form, run, folder]);
  children.push(child);
  await once(child, "message");
  return child;
}

/** Writes for as long as the other side lets it. */
function goOn(socket: Socket): void {
  const write = () => {
    while (socket.writable && socket.write(" ".repeat(10_000)));
  };
  socket.on("drain", write);
  write();
}

/** How many connections this process begins meanwhile. */
async function connectionsDuring(work: () => Promise<unknown>): Promise<number> {
  let begun = 0;
  const count = () => {
    begun++;
  };
  subscribe("net.client.socket", count);
  await work().finally(() => unsubscribe("net.client.socket", count));
  return begun;
}

describe.each(FORMS)("at addresses as on %s", (form) => {
  test("keep counts before delete, delete before nothing, and each says what it means at that moment", async () => {
    const own = peer(form, { words: saying("keep") });
    expect(await own.ask(ID)).toBe("nothing");
    expect(own.isHeard).toBe(true);
    const [first, second] = [saying("nothing"), saying("delete")];
    peer(form, { words: first });
    // Its asking shows that it listens.
    await peer(form, { words: second }).ask(ID);
    expect(await own.ask(ID)).toBe("delete");
    first.set(ID, "keep");
    expect(await own.ask(ID)).toBe("keep");
    expect(await own.ask("whc_other")).toBe("nothing");
    first.clear();
    second.clear();
    expect(await own.ask(ID)).toBe("nothing");
  });

  test("of processes that decide at the same moment at least one hears the other", async () => {
    const turns = fc.nat({ max: 12 });
    const decision = fc.record({ startsAfter: turns, decidesAfter: turns });
    let concurrent = 0;
    await fc.assert(
      fc.asyncProperty(decision, decision, async (one, other) => {
        const engine = randomUUID();
        const decide = async ({ startsAfter, decidesAfter }: typeof one, own: Word, opposite: Word) => {
          const words = new Map<string, Word>();
          for (let n = startsAfter; n > 0; n--) await turn();
          const peers = peer(form, { engine, words });
          for (let n = decidesAfter; n > 0; n--) await turn();
          words.set(ID, own);
          return (await peers.ask(ID)) === opposite;
        };
        const heard = await Promise.all([decide(one, "keep", "delete"), decide(other, "delete", "keep")]);
        if (heard.every(Boolean)) concurrent++;
        expect(heard).toContain(true);
      }),
      { seed, numRuns: 150 },
    );
    expect(concurrent).toBeGreaterThan(0);
  });

  test("so it is with real processes", async () => {
    const [one, other] = await Promise.all([start(form), start(form)]);
    for (let n = 0; n < 100; n++) {
      const id = `whc_${n}`;
      const answers = Promise.all([once(one, "message"), once(other, "message")]);
      const [first, second] = n % 2 === 0 ? [one, other] : [other, one];
      first.send({ id, word: "keep" });
      second.send({ id, word: "delete" });
      const [[toOne], [toOther]] = await answers;
      const [toKeeper, toDeleter] = n % 2 === 0 ? [toOne, toOther] : [toOther, toOne];
      expect([toKeeper === "delete", toDeleter === "keep"]).toContain(true);
    }
  });

  test("each is asked once about each configuration", async () => {
    const asked = vi.fn((): Word => "keep");
    await createPeers(ownOf(form), run, asked).ask(ID);
    const own = peer(form);
    await Promise.all([own.ask("whc_1"), own.ask("whc_1"), own.ask("whc_2")]);
    await own.ask("whc_3");
    expect(asked.mock.calls).toEqual([["whc_1"], ["whc_2"], ["whc_3"]]);
  });

  test("many questions at once are few connections", async () => {
    const words = new Map(
      Array.from({ length: 1_000 }, (_, n) => [`whc_${n}`, n % 2 === 0 ? "keep" : "delete"]),
    );
    await peer(form, { words: words as Map<string, Word> }).ask(ID);
    const own = peer(form);
    let answers: Word[] = [];
    const connections = await connectionsDuring(async () => {
      answers = await Promise.all([...words.keys()].map((id) => own.ask(id)));
    });
    expect(answers).toEqual([...words.values()]);
    expect(connections).toBe(1);
  });

  test("processes of another run are not asked", async () => {
    const asked = vi.fn((): Word => "keep");
    const theirs = createPeers(ownOf(form), `${run}0`, asked);
    await theirs.ask(ID);
    expect(await connectionsDuring(async () => expect(await peer(form).ask(ID)).toBe("nothing"))).toBe(0);
    expect(asked).not.toHaveBeenCalled();
  });

  test("processes of two containers may have the same number", async () => {
    await peer(form, { pid: 7, words: saying("keep") }).ask(ID);
    expect(await peer(form, { pid: 7 }).ask(ID)).toBe("keep");
  });

  test("a process that has ended says nothing", async () => {
    const child = await start(form);
    child.send({ id: ID, word: "keep" });
    await once(child, "message");
    const own = peer(form);
    expect(await own.ask(ID)).toBe("keep");
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
    expect(await own.ask(ID)).toBe("nothing");
  });

  test("nor does one that ends when it is asked", async () => {
    const { own, server } = await besideStranger(form, (socket) => {
      server.close();
      socket.destroy();
    });
    const asked = once(server, "connection");
    expect(await own.ask(ID)).toBe("nothing");
    await asked;
  });

  test("a process that does not answer is an error that names it", async () => {
    const { own } = await besideStranger(form, (socket) => socket.once("data", () => late.abort()));
    const late = new AbortController();
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(late.signal);
    await expect(own.ask(ID)).rejects.toThrow(
      `nothing was deleted or taken over: the processes of this deployment's providers ask each other what they stand for, and process ${STRANGER} does not answer (no answer within 10 s). Deploy again.`,
    );
    expect(timeout.mock.calls).toEqual([[10_000]]);
  });

  test.each([
    ["nothing", ""],
    ["another word", '["perhaps"]\n'],
    ["a word too many", '["keep","keep"]\n'],
    ["a word too few", "[]\n"],
    ["no list", '"keep"\n'],
    ["no JSON", "keep\n"],
    ["no end", '["keep"]'],
  ])("so is one that answers %s", async (_, answer) => {
    const { own } = await besideStranger(form, (socket) => socket.once("data", () => socket.end(answer)));
    await expect(own.ask(ID)).rejects.toThrow(`process ${STRANGER} does not answer (`);
  });

  test("so is one that goes on and on", async () => {
    const { own } = await besideStranger(form, goOn);
    await expect(own.ask(ID)).rejects.toThrow(
      `process ${STRANGER} does not answer (no answer of this package)`,
    );
  });

  test("a failed question is asked again", async () => {
    let answer = "?\n";
    const { own } = await besideStranger(form, (socket) => socket.once("data", () => socket.end(answer)));
    await expect(own.ask(ID)).rejects.toThrow();
    answer = '["keep"]\n';
    expect(await own.ask(ID)).toBe("keep");
  });

  test("whatever somebody sends, a process goes on to answer", async () => {
    const { address: path } = await listener(form, saying("keep"));
    const sent = ["", "\n", "{}\n", "[1]\n", '["whc_1"', "\xff\xfe\n", undefined];
    for (const text of sent) {
      const socket = connect({ path });
      socket.on("error", () => {});
      const answer: string[] = [];
      socket.setEncoding("utf8").on("data", (data) => answer.push(String(data)));
      const closed = new Promise((resolve) => socket.on("close", resolve));
      if (text === undefined) goOn(socket);
      else if (text.endsWith("\n")) socket.write(text);
      else socket.end(text);
      await closed;
      expect(answer).toEqual([]);
    }
    connect({ path })
      .on("error", () => {})
      .destroy();
    expect(await peer(form).ask(ID)).toBe("keep");
  });

  test("a process that cannot say what it means does not answer, and goes on", async () => {
    let fails = true;
    const broken = createPeers(ownOf(form, { pid: 9 }), run, () => {
      if (fails) throw new Error("broken");
      return "keep";
    });
    await broken.ask(ID);
    const own = peer(form);
    await expect(own.ask(ID)).rejects.toThrow("process 9 does not answer");
    fails = false;
    expect(await own.ask(ID)).toBe("keep");
  });
});

test.skipIf(process.platform !== "linux")(
  "one process alone writes nothing and makes no connection",
  async () => {
    const own = peer("linux", { words: saying("keep") });
    expect(await connectionsDuring(() => own.ask(ID))).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  },
);

describe.skipIf(!HAS_FILES)("files of sockets", () => {
  const place = () => join(folder, `kompliant-${process.getuid?.()}`);

  test("stand in a folder of the user's own, and end with their process", async () => {
    const child = await start("darwin");
    const exit = once(child, "exit");
    expect((await lstat(place())).mode & 0o777).toBe(0o700);
    expect(await readdir(place())).toEqual([expect.stringMatching(new RegExp(`-${child.pid}$`))]);
    child.send("exit");
    await exit;
    expect(await readdir(place())).toEqual([]);
  });

  test("are removed by nobody else", async () => {
    const child = await start("darwin");
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
    const before = await readdir(place());
    expect(before).toHaveLength(1);
    const other = await start("darwin");
    const otherExit = once(other, "exit");
    other.send({ id: ID, word: "keep" });
    expect((await once(other, "message"))[0]).toBe("nothing");
    other.send("exit");
    await otherExit;
    expect(await readdir(place())).toEqual(before);
  });

  const inTheWay: [string, () => Promise<unknown>][] = [
    ["a link", () => mkdir(join(folder, "a"), 0o700).then(() => symlink("a", place()))],
    ["open to others", () => mkdir(place()).then(() => chmod(place(), 0o755))],
    ["a file", () => writeFile(place(), "", { mode: 0o600 })],
  ];
  // Only root can give something away.
  if (process.getuid?.() === 0)
    inTheWay.push(["another user's", () => mkdir(place(), 0o700).then(() => chown(place(), 65_534, 65_534))]);

  test.each(inTheWay)("are not put into a folder that is %s, and nobody is heard", async (_, prepare) => {
    const { prefix } = await listener("darwin");
    await rm(place(), { recursive: true });
    await prepare();
    const isFolder = (await stat(place())).isDirectory();
    if (isFolder) await writeFile(`${prefix}00000000-${STRANGER}`, "");
    const [own, other] = [peer("darwin", { words: saying("keep") }), peer("darwin")];
    expect(await connectionsDuring(() => Promise.all([own.ask(ID), other.ask(ID)]))).toBe(0);
    expect([own.isHeard, other.isHeard]).toEqual([false, false]);
    if (isFolder) expect(await readdir(place())).toEqual([`${basename(prefix)}00000000-${STRANGER}`]);
  });

  test("are not made where the name would be cut off", async () => {
    const temporary = join(folder, "x".repeat(100));
    await mkdir(temporary);
    const own = peer("darwin", { temporary });
    expect(await own.ask(ID)).toBe("nothing");
    expect(own.isHeard).toBe(false);
    expect(await readdir(folder, { recursive: true })).toEqual(["x".repeat(100)]);
  });

  test("a process whose file has gone while it ran does not guess what others say", async () => {
    const own = peer("darwin");
    await own.ask(ID);
    await rm(place(), { recursive: true });
    await expect(own.ask(ID)).rejects.toThrow("this one can no longer find the others");
  });

  test("of others with a name of the run at most 100 are asked, and none of those with another name", async () => {
    const { own, prefix } = await listener("darwin");
    for (const name of ["notes.txt", "0000000g-1", "00000000-1x", "00000000-", "00000000-1 "])
      await writeFile(`${prefix}${name}`, "");
    expect(await connectionsDuring(() => own.ask(ID))).toBe(0);
    for (let n = 0; n < 101; n++) await writeFile(`${prefix}0000${1_000 + n}-${n}`, "");
    expect(
      await connectionsDuring(() =>
        expect(own.ask(ID)).rejects.toThrow("of 101 others at most 100 are asked"),
      ),
    ).toBe(0);
    await rm(`${prefix}00001000-0`);
    expect(await connectionsDuring(() => own.ask(ID))).toBe(100);
  });
});
