import { sign } from "../../provider/src/core/api/signature.js";

export interface Answer {
  readonly status: number;
  readonly body: {
    readonly meta?: { readonly status: string; readonly trace_id: string; readonly version: string };
    readonly data?: Record<string, unknown>;
    readonly errors?: readonly {
      readonly code: string;
      readonly sub_code?: string;
      readonly message: string;
    }[];
  };
}

/** @param env the variables that lead to an emulator or a sandbox @param method the full name */
export async function callApi(
  env: Readonly<Record<string, string>>,
  method: string,
  params: Record<string, unknown> | string,
  { verb = "POST", without = "", ...headers }: Record<string, string> = {},
): Promise<Answer> {
  const key = env["KOMPLIANT_API_KEY"] ?? "";
  const sent = {
    "content-type": "application/json",
    authorization: `KSig1-HMAC-SHA256 ${sign(key, env["KOMPLIANT_SECRET_KEY"] ?? "")}`,
    "x-api-key": key,
    "x-api-auth-token": env["KOMPLIANT_AUTH_TOKEN"] ?? "",
    ...headers,
  };
  const response = await fetch(`${env["KOMPLIANT_BASE_URL"]}/${method}`, {
    method: verb,
    headers: Object.entries(sent).filter(([name]) => name !== without),
    ...(verb === "GET" ? {} : { body: typeof params === "string" ? params : JSON.stringify(params) }),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

/** The code of a refusal. */
export const code = ({ body }: Answer) => body.errors?.[0]?.code;
