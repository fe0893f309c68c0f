import * as z from "zod";

/** What a request may write of a configuration. */
export const writable = z.object({ url: z.string() });
