/**
 * The methods that there are, by their full names.
 *
 * @inline
 */
export type Method = ConfigMethod | KeyMethod;
/** @inline */
export type ConfigMethod = `webhook.config.${ConfigWord}`;
/** @inline */
export type KeyMethod = "webhook.key.create" | "webhook.key.activate" | "webhook.key.get";
/**
 * The last word of a `webhook.config` method.
 *
 * @inline
 */
export type ConfigWord = "create" | "get" | "list" | "update" | "delete";

export const CONFIG_WORDS = ["create", "get", "list", "update", "delete"] as const satisfies ConfigWord[];

export const METHODS: readonly Method[] = [
  ...CONFIG_WORDS.map((word) => `webhook.config.${word}` as const),
  "webhook.key.create",
  "webhook.key.activate",
  "webhook.key.get",
];

/** @returns the method that a path calls; undefined if there is no such method */
export function methodOf(path: string): Method | undefined {
  return METHODS.find((method) => path === `/${method}`);
}
