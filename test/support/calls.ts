import type { Emulator } from "pulumi-kompliant/emulator";

export type Counts = Record<"create" | "get" | "list" | "update" | "delete", number>;

/** How often each method was called since the log was cleared. */
export function callsOf({ requests }: Pick<Emulator, "requests">): Counts {
  const counts: Counts = { create: 0, get: 0, list: 0, update: 0, delete: 0 };
  for (const { method } of requests) {
    const name = method.split(".").at(-1) as keyof Counts;
    counts[name]++;
  }
  return counts;
}

/** How many calls of a method have taken effect. */
export function doneOf({ requests }: Pick<Emulator, "requests">, method: keyof Counts): number {
  return requests.filter((each) => each.committed && each.method.endsWith(`.${method}`)).length;
}

/** The calls in their order, a letter each. */
export function lettersOf({ requests }: Pick<Emulator, "requests">): string {
  return requests.map(({ method }) => method.split(".").at(-1)?.charAt(0)).join("");
}
