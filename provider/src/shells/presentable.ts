import { PartialFailure, UserError } from "../core/failures.js";

// biome-ignore lint/suspicious/noExplicitAny: each method has parameters of its own
type Method = (...args: any[]) => Promise<any>;

/**
 * Lets nothing out of a shell's methods that may not be shown: whatever a message was made of, it leaves here.
 *
 * @param shown a message as it may be shown
 */
export function presentable<T extends object>(methods: T, shown: (message: string) => string): T {
  const guarded = Object.entries(methods).map(([name, method]: [string, Method]): [string, Method] => [
    name,
    async (...args) => {
      try {
        const result = await method(...args);
        const { failures } = (result ?? {}) as { readonly failures?: readonly { readonly reason: string }[] };
        if (failures === undefined) return result;
        return { ...result, failures: failures.map((each) => ({ ...each, reason: shown(each.reason) })) };
      } catch (error) {
        throw shownError(error, shown);
      }
    },
  ]);
  return Object.fromEntries(guarded) as T;
}

function shownError(error: unknown, shown: (message: string) => string): Error {
  if (error instanceof PartialFailure)
    return new PartialFailure(shown(error.message), error.id, error.properties);
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof UserError) return new UserError(shown(message));
  const unexpected = new Error(shown(message));
  unexpected.stack = shown(stack ?? "");
  return unexpected;
}
