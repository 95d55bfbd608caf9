/** The JSON shapes that every command's public output shares. zod/mini: a tenth of zod's start-up time, the same schemas. */
import * as z from 'zod/mini';

export const costSchema = z.object({
  /** A decimal string exactly as the source gave it; null when the cost is not known (never "0" for unknown). */
  amount: z.nullable(z.string().check(z.regex(/^\d+(\.\d+)?([eE][+-]?\d+)?$/))),
  currency: z.string(),
  source: z.enum(['gateway', 'catalog', 'unknown']),
});

export const errorSchema = z.object({
  exit: z.int(),
  name: z.string(),
  code: z.nullable(z.string()),
  type: z.nullable(z.string()),
  message: z.string(),
  status: z.nullable(z.int()),
  request_id: z.nullable(z.string()),
  retryable: z.boolean(),
  billed: z.enum(['yes', 'no', 'unknown']),
  task_id: z.nullable(z.string()),
  hint: z.nullable(z.string()),
});

/** What `--json` prints when a command without a richer document fails. */
export const failureSchema = z.object({
  schema: z.string(),
  ok: z.literal(false),
  command: z.nullable(z.string()),
  error: errorSchema,
});

export type Cost = z.infer<typeof costSchema>;
export type ErrorDocument = z.infer<typeof errorSchema>;
export type FailureDocument = z.infer<typeof failureSchema>;
