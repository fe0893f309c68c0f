import * as z from "zod";
import type { Method } from "./method.js";

// Objects are read loosely: Kompliant may add fields within a version.

/** `whc_` and alphanumerics, as the documentation has it (with 22): nothing else is an id, whatever an answer says. */
const CONFIG_ID = /^whc_[A-Za-z0-9]{1,100}$/;

export function isConfigId(id: unknown): id is string {
  return typeof id === "string" && CONFIG_ID.test(id);
}

const configId = z.string().regex(CONFIG_ID);

/** `whk_YYYYMMDD_NN`, as the documentation has it, and wider, since nothing depends on its parts. */
const KEY_ID = /^whk_[A-Za-z0-9_]{1,100}$/;

export function isKeyId(id: unknown): id is string {
  return typeof id === "string" && KEY_ID.test(id);
}

const keyId = z.string().regex(KEY_ID);

/** Far more than an account may have. What is wrong with each of all that 1 MB can hold takes 300 MB to say. */
const MOST_CONFIGS = 1_000;

/** Of what is only shown, nobody reads more. */
export const MOST_SHOWN = 5;

/** The first few items of a list. */
function few<T extends z.ZodType>(each: T) {
  return z
    .array(z.unknown())
    .transform((all) => all.slice(0, MOST_SHOWN))
    .pipe(z.array(each));
}

/** What can be written of a configuration, and is listed of it. */
export const config = z.object({ url: z.string() });
export type Config = z.infer<typeof config>;

const FIELDS = Object.keys(config.shape) as (keyof Config)[];

/** What can be written, out of all that is said of a configuration. A field that is not there may come as null. */
export function configIn(said: Config): Config {
  return Object.fromEntries(FIELDS.map((field) => [field, said[field]]).filter(([, value]) => value != null));
}

/** The fields that two configurations do not have in common; all of them if one of the two is not there. */
export function differences(one: Config | undefined, other: Config | undefined): readonly string[] {
  return FIELDS.filter((field) => (one?.[field] ?? undefined) !== (other?.[field] ?? undefined));
}

export function isSameConfig(one: Config | undefined, other: Config | undefined): boolean {
  return differences(one, other).length === 0;
}

const configuration = config.extend({
  config_id: configId,
  created_at: z.string(),
  updated_at: z.string().nullish(),
});

/** Each method's request parameters and the `data` of its answer. */
export const methods = {
  "webhook.config.create": {
    params: z.object({ account_id: z.string().min(1), config }),
    data: z.object({ config_id: configId }),
  },
  "webhook.config.get": {
    params: z.object({ account_id: z.string().min(1), config_id: z.string().min(1) }),
    data: configuration,
  },
  "webhook.config.list": {
    params: z.object({ account_id: z.string().min(1) }),
    data: z.object({
      configs: z.array(z.unknown()).max(MOST_CONFIGS).pipe(z.array(configuration).refine(areDifferent)),
    }),
  },
  "webhook.config.update": {
    params: z.object({ account_id: z.string().min(1), config_id: z.string().min(1), config }),
    data: z.object({}),
  },
  "webhook.config.delete": {
    params: z.object({ account_id: z.string().min(1), config_id: z.string().min(1) }),
    data: z.object({}),
  },
  "webhook.key.create": {
    params: z.object({ account_id: z.string().min(1) }),
    data: z.object({ key_id: keyId, shared_secret: z.string().min(1), created_at: z.string() }),
  },
  "webhook.key.activate": {
    params: z.object({ key_id: z.string().min(1) }),
    data: z.object({ key_id: keyId, status: z.literal("ACTIVE"), activated_at: z.string() }),
  },
  "webhook.key.get": {
    params: z.object({ key_id: z.string().min(1) }),
    data: z.object({
      key_id: keyId,
      status: z.enum(["INACTIVE", "ACTIVE", "DELETED"]),
      created_at: z.string(),
      activated_at: z.string().nullish(),
    }),
  },
} as const satisfies Record<Method, { readonly params: z.ZodType; readonly data: z.ZodType }>;

export type Params<M extends Method> = z.infer<(typeof methods)[M]["params"]>;
export type Data<M extends Method> = z.infer<(typeof methods)[M]["data"]>;

/** A configuration that is listed twice has two URLs, or none that can be relied on. */
function areDifferent(configs: readonly { readonly config_id: string }[]): boolean {
  return new Set(configs.map(({ config_id }) => config_id)).size === configs.length;
}

/** One of the `errors` of a refusal. Its code decides; the rest is only shown, so nothing in it makes it unreadable. */
export const apiError = z.object({
  code: z.string().min(1),
  sub_code: z.string().nullish().catch(undefined),
  message: z.string().catch(""),
  details: few(z.object({ field: z.string(), message: z.string() })).catch([]),
});

const meta = z.object({
  status: z.unknown().optional(),
  trace_id: z.string().optional().catch(undefined),
  warnings: few(z.object({ code: z.string(), message: z.string() })).catch([]),
});
const none = { warnings: [] };

/** `{meta?, data?, errors?}`: what the answer to any method looks like; empty for what is no JSON object. */
export const envelope = z
  .object({
    // What is there and is no object is the status of no success.
    meta: meta
      .nullish()
      .transform((given): z.infer<typeof meta> => given ?? none)
      .catch({ ...none, status: "unreadable" }),
    data: z.unknown().optional(),
    errors: z.unknown().optional(),
  })
  .catch({ meta: none, data: undefined, errors: undefined });
