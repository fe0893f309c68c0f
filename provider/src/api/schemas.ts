import { z } from "zod";

// Objects are read loosely: Kompliant may add fields within a version.

const meta = z.object({
  trace_id: z.string().optional(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })).optional(),
});

const configuration = z.object({
  config_id: z.string().min(1),
  url: z.string(),
  created_at: z.string(),
  updated_at: z.string().optional(),
});

/** Each method's request parameters and the `data` of its answer. */
export const methods = {
  create: {
    params: z.object({ account_id: z.string().min(1), config: z.object({ url: z.string() }) }),
    data: z.object({ config_id: z.string().min(1) }),
  },
  get: {
    params: z.object({ account_id: z.string().min(1), config_id: z.string().min(1) }),
    data: configuration,
  },
  list: {
    params: z.object({ account_id: z.string().min(1) }),
    data: z.object({ configs: z.array(configuration) }),
  },
  update: {
    params: z.object({
      account_id: z.string().min(1),
      config_id: z.string().min(1),
      config: z.object({ url: z.string() }),
    }),
    data: z.object({}),
  },
  delete: {
    params: z.object({ account_id: z.string().min(1), config_id: z.string().min(1) }),
    data: z.object({}),
  },
} as const;

export type Params<M extends keyof typeof methods> = z.infer<(typeof methods)[M]["params"]>;
export type Data<M extends keyof typeof methods> = z.infer<(typeof methods)[M]["data"]>;

/** `{meta, data}`: what every success looks like. */
export const success = z.object({ meta: meta.optional(), data: z.unknown() });

/** `{meta?, errors}`: what every refusal by the application looks like. */
export const refusal = z.object({
  meta: meta.nullish(),
  errors: z
    .array(
      z.object({
        code: z.string().min(1),
        message: z.string().default(""),
        sub_code: z.string().nullish(),
        details: z.array(z.object({ field: z.string(), message: z.string() })).nullish(),
      }),
    )
    .min(1),
});
