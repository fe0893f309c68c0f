import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ConfigWord } from "../../provider/src/emulator/methods.js";
import { answer, type Credentials } from "../../provider/src/emulator/rules.js";
import type { Store, StoredConfig } from "../../provider/src/emulator/store.js";

/** What is done to one place of a true answer. */
export interface Change {
  /** A dotted path, for example `data.configs.0.url`. Where nothing is there to hold it, nothing is changed. */
  readonly at: string;
  /** `set` also adds; `repeat` puts an item of a list there once more. */
  readonly how: "set" | "remove" | "repeat";
  readonly to?: unknown;
}

/** What comes back for one call. */
export type Reaction =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** A text, or what is changed in the true answer. */
      readonly body: string | readonly Change[];
      /** Only so much of the body comes, then the connection is closed. */
      readonly cut?: number | undefined;
    }
  | { readonly kind: "close" }
  | { readonly kind: "reset" }
  | { readonly kind: "never" }
  /** Instead of HTTP. */
  | { readonly kind: "raw"; readonly bytes: string };

/** What a server does with one call instead of carrying it out and answering truly. */
export interface Turn {
  /** Whether the call is carried out. */
  readonly commits: boolean;
  readonly reaction: Reaction;
}

/** What has come back for one call. */
export interface Said {
  readonly method: ConfigWord;
  readonly configId: string | undefined;
  readonly url: string | undefined;
  readonly isTrue: boolean;
  readonly status: number;
  readonly text: string;
  readonly isWhole: boolean;
}

export interface HostileAccount {
  readonly id: string;
  /** What it really has. */
  configs(): readonly StoredConfig[];
  /** All answers, in their order. */
  readonly said: readonly Said[];
  /** Puts a configuration there. @returns its id */
  put(url: string): string;
  remove(configId: string): void;
}

export interface HostileServer extends AsyncDisposable {
  readonly baseUrl: string;
  /**
   * A new account.
   *
   * @param turns what becomes of its calls, one after another; undefined for the truth, as after the last
   * @param forever whether the turns begin anew after the last
   */
  open(turns: readonly (Turn | undefined)[], forever: boolean): HostileAccount;
}

/** Accounts that are kept truly, and of which is told what each of them is given. */
export async function startHostileServer(credentials: Credentials): Promise<HostileServer> {
  const accounts = new Map<
    string,
    (request: IncomingMessage, body: string, response: ServerResponse) => void
  >();
  let state = 1;
  const world = {
    credentials,
    now: () => new Date(),
    random: () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    },
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    accounts.get(JSON.parse(body).account_id)?.(request, body, response);
  });
  server.on("clientError", (_, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: (turns, forever) => {
      const id = `lv_hostile${accounts.size}`;
      const said: Said[] = [];
      let store: Store = { [id]: { configs: [], keys: [] } };
      let calls = 0;
      const configs = () => store[id]?.configs ?? [];
      const keep = (next: readonly StoredConfig[]) => {
        store = { [id]: { configs: next, keys: [] } };
      };
      const serve = (request: IncomingMessage, body: string, response: ServerResponse) => {
        const turn = turns[forever ? calls % Math.max(1, turns.length) : calls];
        calls++;
        const { config_id, config } = JSON.parse(body);
        const headers = request.headers as Record<string, string>;
        const truth = answer(
          store,
          { verb: "POST", path: request.url ?? "", headers, body },
          { ...world, accountIds: [id] },
        );
        if (turn?.commits !== false) store = truth.store;
        said.push({
          method: (request.url ?? "").replace("/webhook.config.", "") as ConfigWord,
          configId: config_id,
          url: config?.url,
          isTrue: turn === undefined,
          ...react(response, truth, turn?.reaction ?? TRUTH),
        });
      };
      accounts.set(id, serve);
      return {
        id,
        configs,
        said,
        put: (url) => {
          const config_id = `whc_${id.replace("_", "")}at${configs().length}`;
          keep([...configs(), { config_id, url, created_at: "2025-10-21T15:42:33.109Z" }]);
          return config_id;
        },
        remove: (configId) => keep(configs().filter(({ config_id }) => config_id !== configId)),
      };
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const TRUTH: Reaction = { kind: "answer", status: 0, headers: {}, body: [] };

function react(
  response: ServerResponse,
  truth: { readonly status: number; readonly body: unknown },
  reaction: Reaction,
): Pick<Said, "status" | "text" | "isWhole"> {
  const nothing = { status: 0, text: "", isWhole: false };
  switch (reaction.kind) {
    case "never":
      return nothing;
    case "close":
      response.destroy();
      return nothing;
    case "reset":
      response.socket?.resetAndDestroy();
      return nothing;
    case "raw":
      response.socket?.end(reaction.bytes);
      return nothing;
    case "answer": {
      const text =
        typeof reaction.body === "string"
          ? reaction.body
          : JSON.stringify(changed(truth.body, reaction.body));
      const status = reaction.status || truth.status;
      response.sendDate = false;
      response.writeHead(status, { "content-type": "application/json", ...reaction.headers });
      if (reaction.cut === undefined) {
        response.end(text);
        return { status, text, isWhole: true };
      }
      response.write(text.slice(0, reaction.cut), () => response.destroy());
      return { status, text: text.slice(0, reaction.cut), isWhole: false };
    }
  }
}

function changed(truth: unknown, changes: readonly Change[]): unknown {
  const root = { body: structuredClone(truth) };
  for (const { at, how, to } of changes) {
    const path = ["body", ...at.split(".")];
    const last = path.pop() ?? "";
    // biome-ignore lint/suspicious/noExplicitAny: whatever was made of the answer
    const holder = path.reduce((part: any, key) => part?.[key], root);
    if (typeof holder !== "object" || holder === null) continue;
    if (how === "remove") Array.isArray(holder) ? holder.splice(Number(last), 1) : delete holder[last];
    else if (how === "set") holder[last] = to;
    else if (Array.isArray(holder) && holder.length > 0) holder.push(holder[Number(last)] ?? holder[0]);
  }
  return root.body;
}
