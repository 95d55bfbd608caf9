/** The public JSON of `alltoken budget`. Fields are only ever added. */
import * as z from 'zod/mini';
import { failureSchema } from './common.ts';

const text = z.nullable(z.string());

/** USD, a plain decimal; null for a cap on single calls, and where it is not known. */
const amount = z.nullable(z.string().check(z.regex(/^-?\d+(\.\d+)?$/)));

const commonFields = {
  schema: z.literal('alltoken.budget.v1'),
  ok: z.literal(true),
  exit: z.literal(0),
  warnings: z.array(z.string()),
};

const capSchema = z.object({
  /** As it is set: `budget.day`, `budget.tags.ci.month`. */
  name: z.string(),
  per: z.enum(['call', 'day', 'month']),
  tag: text,
  limit: z.string(),
  /** Today or this month, UTC. */
  spent: amount,
  /** By calls that run now. */
  reserved: amount,
  /** By calls that were killed: what they may have cost. */
  unsettled: amount,
  /** Of the cap, whatever `gateway` says; below zero never. */
  left: amount,
  /** RFC 3339; null for a cap on single calls. */
  begins_anew: text,
});

/** A call without an outcome, that no running process answers for. */
const unsettledSchema = z.object({
  call: z.string(),
  at: z.string(),
  /** What counts for it; null: not known, and nothing counts. */
  amount,
  tags: z.array(z.string()),
  gateway: text,
  command: text,
  model: text,
});

const overviewSchema = z.object({
  ...commonFields,
  command: z.literal('budget'),
  /** Only calls to this gateway count in `spent`, `reserved` and `unsettled`; null: all but the sandbox. */
  gateway: text,
  caps: z.array(capSchema),
  /** Calls that run now, and those that wait for them. */
  running: z.int(),
  waiting: z.int(),
  unsettled: z.array(unsettledSchema),
});

const releaseSchema = z.object({
  ...commonFields,
  command: z.literal('budget release'),
  released: z.array(unsettledSchema),
});

/** What `--json` prints. */
export const budgetDocumentSchema = z.union([overviewSchema, releaseSchema, failureSchema]);

export type BudgetDocument = z.infer<typeof overviewSchema>;
export type ReleaseDocument = z.infer<typeof releaseSchema>;
export type UnsettledCall = z.infer<typeof unsettledSchema>;
