import * as z from "zod";
import type { Emulator } from "./emulator.js";

/** The part of an emulator that can be had over its control interface. */
export type Controlled = Pick<
  Emulator,
  | "requests"
  | "clearRequests"
  | "faults"
  | "setFaults"
  | "configs"
  | "put"
  | "change"
  | "remove"
  | "keys"
  | "rotateKey"
>;

const change = z.strictObject({ url: z.string() });
const put = z.strictObject({
  url: z.string(),
  account_id: z.string().optional(),
  config_id: z.string().optional(),
});

const rotate = z.strictObject({ account_id: z.string().optional() });

/** @returns what the control interface answers: 404 for what it does not know, 400 for what cannot be done */
export function control(
  emulator: Controlled,
  verb: string,
  { pathname, searchParams }: URL,
  body: string,
): { readonly status: number; readonly body: unknown } {
  const [, , what = "", id = ""] = pathname.split("/");
  const accountId = searchParams.get("account_id") ?? undefined;
  const ok = (value: unknown = {}) => ({ status: 200, body: value });
  try {
    switch (`${verb} ${what}${id === "" ? "" : "/id"}`) {
      case "GET requests":
        return ok(emulator.requests);
      case "DELETE requests":
        emulator.clearRequests();
        return ok();
      case "GET faults":
        return ok(emulator.faults);
      case "PUT faults":
        emulator.setFaults(JSON.parse(body));
        return ok(emulator.faults);
      case "DELETE faults":
        emulator.setFaults([]);
        return ok(emulator.faults);
      case "GET configs":
        return ok(emulator.configs(accountId));
      case "POST configs": {
        const { url, account_id = accountId, config_id } = parse(put, body);
        return ok({
          config_id: emulator.put(url, {
            ...(account_id === undefined ? {} : { accountId: account_id }),
            ...(config_id === undefined ? {} : { configId: config_id }),
          }),
        });
      }
      case "PATCH configs/id":
        emulator.change(id, parse(change, body).url, accountId);
        return ok();
      case "DELETE configs/id":
        emulator.remove(id, accountId);
        return ok();
      case "GET keys":
        return ok(emulator.keys(accountId));
      case "POST keys": {
        const { account_id = accountId } = parse(rotate, body || "{}");
        return ok({ key_id: emulator.rotateKey(account_id) });
      }
      default:
        return { status: 404, body: { error: `the emulator has no ${verb} ${pathname}` } };
    }
  } catch (error) {
    return { status: 400, body: { error: (error as Error).message } };
  }
}

/** @throws TypeError that lists what is wrong with the body */
function parse<T>(shape: z.ZodType<T>, body: string): T {
  const parsed = shape.safeParse(JSON.parse(body));
  if (parsed.success) return parsed.data;
  throw new TypeError(
    parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the body"}: ${message}`).join("; "),
  );
}
