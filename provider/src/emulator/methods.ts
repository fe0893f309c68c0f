/** The methods that there are, by their full names. */
export type Method = ConfigMethod | KeyMethod;
export type ConfigMethod = `webhook.config.${ConfigWord}`;
export type KeyMethod = `webhook.key.${"create" | "activate" | "get"}`;
/** The last word of a `webhook.config` method. */
export type ConfigWord = (typeof CONFIG_WORDS)[number];

export const CONFIG_WORDS = ["create", "get", "list", "update", "delete"] as const;

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
