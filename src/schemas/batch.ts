/** The public JSON of `alltoken batch`: its document, its events, and the lines of its output. Fields are only ever added. */
import * as z from 'zod/mini';
import { loweredSchema } from './chat.ts';
import {
  budgetVerdictSchema,
  costSchema,
  errorSchema,
  failureSchema,
  warningSchema,
} from './common.ts';

const batchCostSchema = z.extend(costSchema, {
  /** Something in it has no known cost, so that the amount is the least. */
  at_least: z.optional(z.boolean()),
});

const head = { schema: z.literal('alltoken.batch.v1'), command: z.literal('batch') };

const partSchema = z.nullable(
  z.object({
    /** From 0. */
    index: z.int(),
    count: z.int(),
  }),
);

const runFields = {
  ...head,
  gateway: z.string(),
  /** Of lines that name none; null where there is none. */
  model: z.nullable(z.string()),
  /** Absolute. */
  output: z.string(),
  shard: partSchema,
  /** Lines of the input that are of this part. */
  lines: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  /** They may have been sent, and have no result. */
  unknown: z.int(),
  /** They were not sent. */
  skipped: z.int(),
  /** Of all lines together, of earlier runs too. */
  cost: batchCostSchema,
  duration_ms: z.number(),
  warnings: z.array(z.string()),
};

const successSchema = z.object({ ...runFields, ok: z.literal(true), exit: z.literal(0) });
const failedSchema = z.object({
  ...runFields,
  ok: z.literal(false),
  exit: z.int(),
  error: errorSchema,
});

const dryRunSchema = z.object({
  ...head,
  ok: z.literal(true),
  exit: z.literal(0),
  dry_run: z.literal(true),
  gateway: z.string(),
  model: z.nullable(z.string()),
  output: z.string(),
  shard: partSchema,
  lines: z.int(),
  /** Lines that have a result already. */
  finished: z.int(),
  /** Lines that would be sent. */
  to_send: z.int(),
  /** Those among them that may be paid for twice: with `--retry-failed` or `--resend-unknown`. */
  paid_twice: z.int(),
  /** Lines that can be no request. */
  unreadable: z.int(),
  /** What they cost together, in USD; null where a price is not known. `open`: why it may be more than that. */
  price: z.object({
    max: z.nullable(z.string()),
    currency: z.literal('USD'),
    source: z.enum(['catalog', 'unknown']),
    open: z.nullable(z.string()),
    /** The same if each answer has at most so many tokens; absent where that costs no less. */
    short: z.optional(z.object({ max_tokens: z.int(), max: z.string() })),
  }),
  /** The first request that would be sent; null where there is none. */
  request: z.nullable(
    z.object({ method: z.literal('POST'), url: z.string(), body: z.looseObject({}) }),
  ),
  /** What a cap made of the length of that answer; null where none did. */
  cap: z.nullable(loweredSchema),
  /** The caps held against the first request alone. */
  verdict: budgetVerdictSchema,
});

export const batchDocumentSchema = z.union([
  successSchema,
  failedSchema,
  dryRunSchema,
  failureSchema,
]);

/** What work yields beside its document. */
const stepSchemas = [
  z.object({
    type: z.literal('progress'),
    phase: z.literal('lines'),
    /** Lines that have a result, of earlier runs too. */
    done: z.int(),
    total: z.int(),
    failed: z.int(),
    in_flight: z.int(),
    /** Lines a second, of the last moments. */
    per_second: z.number(),
    /** null where nothing is known yet. */
    eta_ms: z.nullable(z.number()),
    /** USD so far. */
    spent: z.string(),
    /** USD, if the other lines cost as much as those so far; null where nothing is known yet. */
    projected: z.nullable(z.string()),
    /** Why the last request was refused, where none was answered since. */
    refusal: z.nullable(z.object({ exit: z.string(), code: z.nullable(z.string()) })),
  }),
  z.object({ type: z.literal('status'), message: z.string() }),
  warningSchema,
] as const;

/** One line of `--jsonl`. */
export const batchEventSchema = z.union([
  ...stepSchemas,
  z.extend(successSchema, { type: z.literal('result') }),
  z.extend(dryRunSchema, { type: z.literal('result') }),
  z.extend(failedSchema, { type: z.literal('error') }),
  z.extend(failureSchema, { type: z.literal('error') }),
]);

/** One line of the output file. */
export const batchOutputSchema = z.object({
  id: z.string(),
  /** Of the line, or `line-<number>` where it has none. */
  custom_id: z.string(),
  /** As the gateway answered, a whole chat.completion also where it was streamed; null where no answer came. */
  response: z.nullable(
    z.object({
      status_code: z.int(),
      request_id: z.nullable(z.string()),
      body: z.looseObject({}),
    }),
  ),
  error: z.nullable(z.object({ code: z.string(), message: z.string() })),
  alltoken: z.object({
    /** Its number in the input, from 1. */
    line: z.int(),
    /** Of the line's bytes, 16 hex digits: a changed line is noticed. */
    hash: z.string(),
    /** Of all tries of this line. */
    cost: batchCostSchema,
    /** Of all tries: what an earlier one bought is not undone by a later one that bought nothing. */
    billed: z.enum(['yes', 'no', 'unknown']),
    /** Requests sent, over all tries. */
    attempts: z.int(),
    /** Of the latest try alone; absent where it was the only one. */
    last: z.optional(
      z.object({ cost: costSchema, billed: z.enum(['yes', 'no', 'unknown']), attempts: z.int() }),
    ),
    /** Its lines in the ledger; null where none was written. */
    call: z.nullable(z.string()),
    /** USD that its tries of unknown cost can have cost together, where a cap needed that. */
    bound: z.optional(z.string()),
    warnings: z.optional(z.array(z.string())),
  }),
});

export type BatchCost = z.infer<typeof batchCostSchema>;
export type OutputLine = z.infer<typeof batchOutputSchema>;
export type BatchDocument = z.infer<typeof successSchema> | z.infer<typeof failedSchema>;
export type BatchDryRun = z.infer<typeof dryRunSchema>;
export type BatchProgress = z.infer<(typeof stepSchemas)[0]>;
