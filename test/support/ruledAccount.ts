import type { Client } from "../../provider/src/core/api/client.js";
import { KompliantError } from "../../provider/src/core/api/errors.js";
import type { ProviderConfig } from "../../provider/src/core/api/providerConfig.js";
import type { Runtime } from "../../provider/src/core/api/runtime.js";
import { resolveSettings } from "../../provider/src/core/api/settings.js";
import { sample } from "./printed.js";

export const ACCOUNT = "lv_4K8mPxR9N2jL7hS5TdWfY1";

const published: Record<string, string> = sample;

export interface RuledAccount extends Client {
  readonly urls: Map<string, string>;
  readonly calls: {
    method: "create" | "list" | "update" | "delete";
    id?: string;
    url?: string;
    ok: boolean;
  }[];
}

/**
 * The rules of one account in virtual time, where thousands of runs are to be played through. Everything that is
 * about the API itself is tested against the emulator.
 */
export function ruledAccount(
  runtime: Runtime,
  urls: Map<string, string>,
  setting: ProviderConfig["get"] = () => undefined,
): RuledAccount {
  const resolved = resolveSettings({ get: (key) => setting(key) ?? published[key] }, {});
  if (!resolved.ok) throw new Error(resolved.problems.join("\n"));
  const calls: RuledAccount["calls"] = [];
  let created = 0;
  const refuse = (method: "create" | "get" | "update" | "delete", code: string, subCode?: string): never => {
    throw new KompliantError(
      { method: `webhook.config.${method}`, accountId: ACCOUNT },
      {
        kind: "refused",
        status: 400,
        errors: [{ code, ...(subCode ? { subCode } : {}), message: "no", details: [] }],
      },
      "https://api.kompliant.com",
    );
  };
  const call = async (entry: RuledAccount["calls"][number], act: () => void): Promise<void> => {
    await runtime.sleep(1 + runtime.random() * 20);
    calls.push(entry);
    act();
    entry.ok = true;
    await runtime.sleep(1 + runtime.random() * 20);
  };
  const free = (method: "create" | "update", url: string) => {
    if ([...urls.values()].includes(url)) refuse(method, "SYSTEM_RULE_VIOLATION", "URL_ALREADY_EXISTS");
  };
  return {
    accountId: ACCOUNT,
    settings: resolved.settings,
    urls,
    calls,
    create: async ({ url }) => {
      const id = `whc_new${++created}`;
      await call({ method: "create", id, url, ok: false }, () => {
        free("create", url);
        if (urls.size >= 20) refuse("create", "SYSTEM_RULE_VIOLATION", "MAX_WEBHOOK_URL_LIMIT");
        urls.set(id, url);
      });
      return id;
    },
    update: (id, { url }) =>
      call({ method: "update", id, url, ok: false }, () => {
        if (!urls.has(id)) refuse("update", "ENTITY_NOT_FOUND");
        free("update", url);
        urls.set(id, url);
      }),
    delete: (id) =>
      call({ method: "delete", id, ok: false }, () => {
        if (!urls.delete(id)) refuse("delete", "ENTITY_NOT_FOUND");
      }),
    list: async () => {
      let configs: Awaited<ReturnType<Client["list"]>> = [];
      await call({ method: "list", ok: false }, () => {
        configs = [...urls].map(([config_id, url]) => ({
          config_id,
          url,
          created_at: "2026-01-01T00:00:00.000Z",
        }));
      });
      return configs;
    },
    get: async () => refuse("get", "BAD_REQUEST"),
  };
}
