/** The JSON shapes that every command's public output shares. zod/mini: a tenth of zod's start-up time, the same schemas. */
import * as z from 'zod/mini';

export const costSchema = z.object({
  /** A decimal string exactly as the source gave it; null when the cost is not known (never "0" for unknown). */
  amount: z.nullable(z.string().check(z.regex(/^\d+(\.\d+)?([eE][+-]?\d+)?$/))),
  currency: z.string(),
  source: z.enum(['gateway', 'catalog', 'unknown']),
});

/** One cap held against one call; amounts in USD. */
const capCheckSchema = z.object({
  /** As it was set: `--max-cost`, `budget.day`, `budget.tags.ci.month`. */
  name: z.string(),
  limit: z.string(),
  /** Today or this month, UTC; null for a cap on single calls. */
  spent: z.nullable(z.string()),
  /** By calls that run now. */
  reserved: z.nullable(z.string()),
  /** What the call can cost; more is possible where `known` is false. */
  bound: z.string(),
  known: z.boolean(),
  fits: z.boolean(),
});

/** What a dry run says of the caps. */
export const budgetVerdictSchema = z.object({
  /** false: the call would not be sent, and the command would exit 27. */
  fits: z.boolean(),
  /** The most that the call can cost, in USD, as far as it is known; null when nothing is. */
  bound: z.nullable(z.string()),
  /** Why it may cost more than that. */
  open: z.nullable(z.string()),
  caps: z.array(capCheckSchema),
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
export type CapCheck = z.infer<typeof capCheckSchema>;
export type BudgetVerdict = z.infer<typeof budgetVerdictSchema>;
export type ErrorDocument = z.infer<typeof errorSchema>;
export type FailureDocument = z.infer<typeof failureSchema>;
