import { sign } from "../../provider/src/core/api/signature.js";
import type { Emulator } from "../../provider/src/emulator/index.js";

/** The emulator's default account. */
export const accountId = "lv_4K8mPxR9N2jL7hS5TdWfY1";

/** Parameters of a create. */
export const create = (url: string) => ({ account_id: accountId, config: { url } });

/** @param method a path after the base URL, or the last word of a `webhook.config` method */
export async function call(
  { url, env }: Pick<Emulator, "url" | "env">,
  method: string,
  params: object,
  init: RequestInit = {},
): Promise<Response> {
  const key = env["KOMPLIANT_API_KEY"] ?? "";
  return fetch(`${url}${method.startsWith("/") ? method : `/webhook.config.${method}`}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `KSig1-HMAC-SHA256 ${sign(key, env["KOMPLIANT_SECRET_KEY"] ?? "")}`,
      "x-api-key": key,
      "x-api-auth-token": env["KOMPLIANT_AUTH_TOKEN"] ?? "",
    },
    body: JSON.stringify(params),
    ...init,
  });
}
