import * as z from "zod";
import { type Outcome, type Rule, refused, type World } from "./rule.js";
import type { Store } from "./store.js";

export const account_id = z.string().min(1);

/** @param apply what becomes of a request whose parameters have the shape */
export function withParams<T>(
  shape: z.ZodType<T>,
  apply: (store: Store, params: T, world: World) => Outcome,
): Rule {
  return (store, params, world) => {
    const parsed = shape.safeParse(params);
    if (parsed.success) return apply(store, parsed.data, world);
    const details = parsed.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
    return refused("BAD_REQUEST", "The request is not valid.", { details });
  };
}
