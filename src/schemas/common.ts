/** The JSON shapes that every command's public output shares. zod/mini: a tenth of zod's start-up time, the same schemas. */
import * as z from 'zod/mini';

export const costSchema = z.object({
  /** A decimal string exactly as the source gave it; null when the cost is not known (never "0" for unknown). */
  amount: z.nullable(z.string().check(z.regex(/^\d+(\.\d+)?([eE][+-]?\d+)?$/))),
  currency: z.string(),
  source: z.enum(['gateway', 'catalog', 'unknown']),
});

/** A decimal string; null when it is not listed, which does not mean free. */
const price = z.nullable(z.string().check(z.regex(/^\d+(\.\d+)?$/)));

const rare = z.optional(price);

const rareRates = {
  /** Of input that is written to the cache. */
  cache_write: rare,
  /** Of reasoning tokens, where they cost something else than the rest of the answer. */
  reasoning: rare,
  /** USD for one request. */
  request: rare,
};

/** USD for a million tokens. */
export const pricesSchema = z.object({
  input: price,
  output: price,
  cached_input: price,
  ...rareRates,
  /** For the whole request if its prompt has so many tokens or more; an absent price is as below. */
  tiers: z.optional(
    z.array(
      z.object({
        from_prompt_tokens: z.int(),
        input: rare,
        output: rare,
        cached_input: rare,
        ...rareRates,
      }),
    ),
  ),
  /** Listed prices above 0 that depend on something else than tokens and requests. */
  not_counted: z.optional(z.array(z.string())),
  /** Set if it is not USD; then no price is known. */
  currency: z.optional(z.string()),
  unit: z.literal('per_million_tokens'),
});

/** A value of a header, as it was sent: a plain number as a number, anything else as text; null where it was not sent. */
const limitValue = z.nullable(z.union([z.number(), z.string()]));

/** The limits that the last reply named, as sent; the unit of `reset` is the gateway's own. */
export const rateLimitSchema = z.object({
  limit: limitValue,
  remaining: limitValue,
  reset: limitValue,
});

/** One cap held against one call; amounts in USD. */
const capCheckSchema = z.object({
  /** As it was set: `--max-cost`, `budget.day`, `budget.tags.ci.month`. */
  name: z.string(),
  limit: z.string(),
  /** Today or this month, UTC; null for a cap on single calls. */
  spent: z.nullable(z.string()),
  /** By calls that run now, or wait before this one. */
  reserved: z.nullable(z.string()),
  /** What calls that were killed may have cost. */
  unsettled: z.nullable(z.string()),
  /** What the call can cost; more is possible where `known` is false. */
  bound: z.string(),
  known: z.boolean(),
  /** false: it is not sent. */
  fits: z.boolean(),
  /** It fits, but not beside what others have reserved: it waits for them. */
  waits: z.boolean(),
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

const words = z.optional(z.string());

/** In any step. `first`: what a person has to do before; `why`: what it is good for. Both are for people only. */
const around = {
  why: words,
  first: words,
  when: z.optional(z.enum(['later', 'afterwards', 'if_another'])),
};

/** What to do after a failure. More kinds of steps may come. */
const nextStepSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('resume'),
    /** Of the job, for `alltoken tasks resume`. */
    id: z.string(),
    adopt: words,
    flags: z.optional(z.array(z.string())),
    fill: words,
    within_ms: z.optional(z.number()),
    ...around,
  }),
  z.object({
    do: z.literal('retry'),
    after_ms: z.optional(z.number()),
    free: z.optional(z.boolean()),
    ...around,
  }),
  z.object({
    do: z.literal('use-model'),
    model: z.string(),
    command: z.enum(['chat', 'search', 'image', 'video']),
    gateway: words,
    /** In place of the gateway's own. */
    base_url: words,
    search: z.optional(z.boolean()),
    ...around,
  }),
  /** `fill`, here and elsewhere: what the reader puts at the end, as `<id>`. */
  z.object({ do: z.literal('set-flag'), flag: z.string(), value: words, fill: words, ...around }),
  z.object({ do: z.literal('leave-out'), flag: z.string(), ...around }),
  z.object({
    do: z.literal('run'),
    argv: z.array(z.string()),
    fill: words,
    for: z.optional(z.literal('user')),
    ...around,
  }),
  /** Of the agent host whose sandbox is in the way; only the user may change it. */
  z.object({
    do: z.literal('host-setting'),
    host: z.enum(['codex', 'claude']),
    file: z.string(),
    setting: z.string(),
    value: z.string(),
    ...around,
  }),
  z.object({ do: z.literal('check-usage'), at: words, gateway: words, ...around }),
  z.object({
    do: z.literal('continue-chat'),
    session: words,
    gateway: words,
    base_url: words,
    ...around,
  }),
  z.object({
    do: z.literal('did-you-mean'),
    values: z.array(z.string()),
    for: z.optional(z.literal('shell')),
    ...around,
  }),
  z.object({
    do: z.literal('say'),
    words: z.string(),
    for: z.optional(z.enum(['user', 'shell'])),
    ...around,
  }),
]);

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
  /** The limit on spending that refused the call; absent from other failures. */
  cap: z.optional(capCheckSchema),
  /** The hint as data: alternatives, the best first; [] where there is none. */
  next: z.array(nextStepSchema),
});

/** What `--json` prints when a command without a richer document fails. */
export const failureSchema = z.object({
  schema: z.string(),
  ok: z.literal(false),
  command: z.nullable(z.string()),
  error: errorSchema,
});

export type PricesDocument = z.infer<typeof pricesSchema>;
export type Cost = z.infer<typeof costSchema>;
export type RateLimit = z.infer<typeof rateLimitSchema>;
export type CapCheck = z.infer<typeof capCheckSchema>;
export type BudgetVerdict = z.infer<typeof budgetVerdictSchema>;
export type StepDocument = z.infer<typeof nextStepSchema>;
export type ErrorDocument = z.infer<typeof errorSchema>;
export type FailureDocument = z.infer<typeof failureSchema>;

/** A warning as an event. */
export const warningSchema = z.object({
  type: z.literal('warning'),
  message: z.string(),
  /**
   * What is missing, where something is that was paid for; -q shows these, too. ledger: a call, so reports and budgets may not
   * count it; journal: what the record of a job should say; conversation: turns; result: a part of what came.
   */
  lost: z.optional(z.enum(['ledger', 'journal', 'conversation', 'result'])),
});
export type WarningEvent = z.infer<typeof warningSchema>;
