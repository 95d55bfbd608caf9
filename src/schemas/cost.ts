/** The public JSON of `alltoken cost`. Fields are only ever added. */
import * as z from 'zod/mini';
import { costGroupings } from './choices.ts';
import { costSchema, failureSchema, pricesSchema } from './common.ts';

const text = z.nullable(z.string());
const count = z.nullable(z.number());

/** USD, a plain decimal; below zero only where it is a difference. */
const amount = z.nullable(z.string().check(z.regex(/^-?\d+(\.\d+)?$/)));

const commonFields = {
  schema: z.literal('alltoken.cost.v1'),
  ok: z.literal(true),
  exit: z.literal(0),
  command: z.literal('cost'),
  warnings: z.array(z.string()),
};

const lastCallSchema = z.object({
  ...commonFields,
  kind: z.literal('last_call'),
  cost: costSchema,
  call: z.object({
    /** Our own id of it. */
    call: z.string(),
    at: z.string(),
    command: z.string(),
    gateway: z.string(),
    model: text,
    requested_model: z.string(),
    request_id: text,
    task_id: text,
    session: text,
    tags: z.array(z.string()),
    /** null: the output failed before the end was known. */
    exit: count,
    billed: z.enum(['yes', 'no', 'unknown']),
    attempts: z.number(),
    /** As the gateway sent it. */
    usage: z.nullable(z.record(z.string(), z.unknown())),
    duration_ms: count,
    first_token_ms: count,
  }),
  /** The newest without an outcome: `call` itself where that was killed, else one that began later. */
  open_call: z.nullable(
    z.object({
      call: z.string(),
      at: z.string(),
      command: z.string(),
      gateway: z.string(),
      model: z.string(),
    }),
  ),
});

const estimateSchema = z.object({
  ...commonFields,
  kind: z.literal('estimate'),
  gateway: z.string(),
  model: z.string(),
  cost: costSchema,
  tokens: z.object({
    prompt: z.int(),
    /** Part of the prompt. */
    cached: z.int(),
    /** Part of the prompt: written to the cache. */
    cache_write: z.int(),
    /** Without the reasoning. */
    completion: z.int(),
    reasoning: z.int(),
  }),
  prices: pricesSchema,
  parts: z.array(
    z.object({
      part: z.enum(['request', 'input', 'cached_input', 'cache_write', 'output', 'reasoning']),
      /** 0 of the request. */
      tokens: z.int(),
      /** For a million tokens; of the request, for one. */
      price: amount,
      amount,
    }),
  ),
  /** When the prices were fetched. */
  fetched_at: text,
});

const stretchFields = {
  /** The first moment. */
  since: z.string(),
  /** The first moment that is not part of it; null: no end. */
  until: text,
  by: z.enum(costGroupings),
  /** Only calls with this tag, of this model, to this gateway; `gateway` null: all but the sandbox. */
  filter: z.object({ tag: text, model: text, gateway: text }),
  /** Rows that --limit left out; the totals have them. */
  rows_left_out: z.int(),
  /** Lines of the ledger that are torn or not ours. */
  skipped_lines: z.int(),
};

const tallyFields = {
  calls: z.int(),
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  /** The sum of what is known; null when nothing is. `catalog` when an estimate is part of it. */
  cost: costSchema,
  /** The same by source. */
  sources: z.object({ gateway: amount, catalog: amount }),
  /** Calls whose cost is part of the sum. */
  known_calls: z.int(),
  /** Calls that may have cost something, with the amount unknown. */
  unknown_calls: z.int(),
  /** Calls that surely cost nothing. */
  unbilled_calls: z.int(),
};

/** null: without a tag, or without a session. */
const key = { key: text };

const totalsSchema = z.object({
  ...commonFields,
  kind: z.literal('totals'),
  ...stretchFields,
  totals: z.object(tallyFields),
  rows: z.array(z.object({ ...key, ...tallyFields })),
});

const callsSchema = z.object({
  ...commonFields,
  kind: z.literal('calls'),
  since: stretchFields.since,
  until: stretchFields.until,
  filter: stretchFields.filter,
  /** Oldest first. */
  rows: z.array(
    z.object({
      /** Of the outcome; of the request where there is none. */
      time: z.string(),
      command: z.string(),
      gateway: z.string(),
      /** As answered; as requested where no answer named it. */
      model: z.string(),
      prompt_tokens: count,
      completion_tokens: count,
      ...{ amount: text, currency: z.string(), source: z.string() },
      tags: z.array(z.string()),
      session: text,
      /** The gateway's id of the request. */
      request_id: text,
      /** `open`: no outcome yet, or killed. `unknown`: it may have cost something. */
      state: z.enum(['billed', 'not_billed', 'unknown', 'open']),
      /** Our own id of it. */
      call: z.string(),
      task_id: text,
    }),
  ),
  rows_left_out: stretchFields.rows_left_out,
  skipped_lines: stretchFields.skipped_lines,
});

const comparisonFields = {
  calls: z.int(),
  /** Calls with token counts and a known cost: what the three amounts are of. */
  compared_calls: z.int(),
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  /** What they cost. */
  real: costSchema,
  /** What they would have cost. */
  what_if: costSchema,
  /** The second less the first: below zero, it would have been cheaper. */
  difference: amount,
  /** Calls with token counts and an unknown cost, and what they would have cost. */
  unknown_calls: z.int(),
  unknown_what_if: costSchema,
  /** Calls without token counts, and jobs: they cannot be priced so. */
  left_out_calls: z.int(),
};

const whatIfSchema = z.object({
  ...commonFields,
  kind: z.literal('what_if'),
  gateway: z.string(),
  /** The other model. */
  model: z.string(),
  prices: pricesSchema,
  fetched_at: text,
  ...stretchFields,
  totals: z.object(comparisonFields),
  rows: z.array(z.object({ ...key, ...comparisonFields })),
});

/** What `--json` prints. */
export const costDocumentSchema = z.union([
  lastCallSchema,
  estimateSchema,
  totalsSchema,
  callsSchema,
  whatIfSchema,
  failureSchema,
]);

export type LastCallDocument = z.infer<typeof lastCallSchema>;
export type EstimateDocument = z.infer<typeof estimateSchema>;
export type TotalsDocument = z.infer<typeof totalsSchema>;
export type CallsDocument = z.infer<typeof callsSchema>;
export type CallRow = CallsDocument['rows'][number];
export type WhatIfDocument = z.infer<typeof whatIfSchema>;
export type TallyDocument = Omit<TotalsDocument['rows'][number], 'key'>;
export type ComparisonDocument = Omit<WhatIfDocument['rows'][number], 'key'>;
