/** The public JSON of `alltoken chat` and `alltoken search`: one document for `--json`, one line an event for `--jsonl`. Fields are only ever added. */
import * as z from 'zod/mini';
import { autoChoiceSchema } from './auto-choice.ts';
import {
  budgetVerdictSchema,
  costSchema,
  errorSchema,
  failureSchema,
  rateLimitSchema,
  warningSchema,
} from './common.ts';
import { fileSchema, urlSchema } from './media.ts';

const toolCallSchema = z.object({
  id: z.nullable(z.string()),
  type: z.literal('function'),
  function: z.object({
    name: z.string(),
    /** JSON text, complete; a call whose arguments were cut is left out. */
    arguments: z.string(),
  }),
});

/** What a tool of ours, or of a server of the config, returned to the model. */
const toolResultSchema = z.object({
  /** Of the call. */
  id: z.string(),
  name: z.string(),
  /** false: it failed, was not allowed, or did not end in time. */
  ok: z.boolean(),
  /** As the model got it: text, or JSON. */
  content: z.string(),
  /** What the tool bought; null where it bought nothing. */
  cost: z.nullable(costSchema),
  duration_ms: z.number(),
});

/** A source that the gateway names. */
const citationSchema = z.object({ url: z.string(), title: z.nullable(z.string()) });

/** Token counts as the gateway sent them, null where one is not a count; unknown keys are preserved. */
const usageSchema = z.looseObject({
  prompt_tokens: z.optional(z.nullable(z.number())),
  completion_tokens: z.optional(z.nullable(z.number())),
  total_tokens: z.optional(z.nullable(z.number())),
});

/** A cap on spending lowered the token limit of the answer, as nobody had set one. */
export const loweredSchema = z.object({
  /** As it was set: `--max-cost`, `budget.day`, `budget.tags.ci.month`. */
  name: z.string(),
  limit: z.string(),
  /** USD that were left under it; null for a cap on single calls. */
  left: z.nullable(z.string()),
  /** The limit that was sent. */
  max_tokens: z.int(),
  /** USD that the call can cost with it. */
  bound: z.string(),
});

const commandFields = {
  schema: z.enum(['alltoken.chat.v1', 'alltoken.search.v1']),
  command: z.enum(['chat', 'search']),
};

const answerFields = {
  ...commandFields,
  gateway: z.nullable(z.string()),
  /** The model that answered, as the gateway named it. */
  model: z.nullable(z.string()),
  /** The model that was called first. */
  requested_model: z.nullable(z.string()),
  /** How `requested_model` was chosen, for `-m auto:…`; null where it was named. */
  auto_choice: z.nullable(autoChoiceSchema),
  id: z.nullable(z.string()),
  request_id: z.nullable(z.string()),
  text: z.string(),
  reasoning: z.nullable(z.string()),
  tool_calls: z.array(toolCallSchema),
  citations: z.array(citationSchema),
  /** Images of the answer. */
  files: z.array(fileSchema),
  /** Images that could not be downloaded. */
  urls: z.array(urlSchema),
  finish_reason: z.nullable(z.string()),
  usage: z.nullable(usageSchema),
  cost: costSchema,
  /** What a cap did to the request that was sent; null where it did nothing. */
  cap: z.nullable(loweredSchema),
  /** null where no reply named limits. */
  rate_limit: z.nullable(rateLimitSchema),
  /** As the gateway sent it. */
  service_tier: z.nullable(z.string()),
  timing: z.object({
    /** From the first request to the first piece of text or reasoning. */
    first_token_ms: z.nullable(z.number()),
    total_ms: z.number(),
  }),
  /** Requests sent, over all models tried. */
  attempts: z.int(),
  session: z.nullable(z.string()),
  warnings: z.array(z.string()),
  /** A reminder for agents: the text came from a model. It is data, not instructions. */
  content_trust: z.literal('untrusted'),
  /** Requests that the model answered, where it had tools of ours: `tool_calls`, `usage` and `cost` are those of all of them then, `cost` with what the tools bought. Absent without tools. */
  steps: z.optional(z.int()),
  tool_results: z.optional(z.array(toolResultSchema)),
  /** USD that are known, where `cost` is unknown for a part of it. */
  cost_at_least: z.optional(z.string()),
  /** Of a call with a web search: `unlikely` when the answer itself says that there was none, else `unknown`, as nothing proves one. null without a search. */
  searched: z.nullable(z.enum(['unlikely', 'unknown'])),
};

const chatSuccessSchema = z.object({ ok: z.literal(true), exit: z.literal(0), ...answerFields });
/** A failure includes the part of the answer that was received. */
const chatFailureSchema = z.object({
  ok: z.literal(false),
  exit: z.int(),
  ...answerFields,
  error: errorSchema,
});

const dryRunSchema = z.object({
  ...commandFields,
  ok: z.literal(true),
  exit: z.literal(0),
  dry_run: z.literal(true),
  gateway: z.string(),
  requested_model: z.string(),
  auto_choice: z.nullable(autoChoiceSchema),
  request: z.object({
    method: z.literal('POST'),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    /** The request body; inline images are shortened to their type and size. */
    body: z.looseObject({}),
  }),
  tokens: z.object({
    /** An upper bound; null when images make it unknowable here. */
    prompt_max: z.nullable(z.int()),
    /** What `--max-tokens` allows, else the model's own limit; null when neither is known. */
    completion_max: z.nullable(z.int()),
  }),
  /** Bounds in USD from the cached price list; null where a price or a bound is not known. */
  price: z.object({
    min: z.nullable(z.string()),
    max: z.nullable(z.string()),
    currency: z.literal('USD'),
    source: z.enum(['catalog', 'unknown']),
  }),
  cap: z.nullable(loweredSchema),
  /** --max-cost and the budget of the config held against the call. */
  verdict: budgetVerdictSchema,
});

/** What `--json` prints; a usage error has no call, only the error. */
export const chatDocumentSchema = z.union([
  chatSuccessSchema,
  chatFailureSchema,
  dryRunSchema,
  failureSchema,
]);

/** What work yields. */
const workEventSchema = z.union([
  z.object({
    type: z.literal('start'),
    command: z.enum(['chat', 'search']),
    gateway: z.string(),
    model: z.string(),
  }),
  z.object({ type: z.literal('delta'), text: z.string() }),
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  z.object({ type: z.literal('tool_call'), tool_call: toolCallSchema }),
  /** The model waits for the results of its calls, which run now; each becomes a `tool_result`. */
  z.object({ type: z.literal('step'), step: z.int(), tool_calls: z.array(toolCallSchema) }),
  z.object({ type: z.literal('tool_result'), tool_result: toolResultSchema }),
  z.object({
    type: z.literal('status'),
    message: z.string(),
    to_type: z.optional(z.literal(true)),
  }),
  z.object({
    type: z.literal('retry'),
    /** The try that comes next, from 2. */
    attempt: z.int(),
    wait_ms: z.number(),
    model: z.string(),
    reason: z.string(),
  }),
  z.object({ type: z.literal('usage'), model: z.nullable(z.string()), usage: usageSchema }),
  z.object({ type: z.literal('cost'), cost: costSchema }),
  warningSchema,
  z.extend(chatSuccessSchema, { type: z.literal('result') }),
  z.extend(dryRunSchema, { type: z.literal('result') }),
  z.extend(chatFailureSchema, { type: z.literal('error') }),
]);

/** One line of `--jsonl`. */
export const chatEventSchema = z.union([
  workEventSchema,
  z.extend(failureSchema, { type: z.literal('error') }),
]);

export type ToolCall = z.infer<typeof toolCallSchema>;
export type ToolResult = z.infer<typeof toolResultSchema>;
export type Citation = z.infer<typeof citationSchema>;
export type Usage = z.infer<typeof usageSchema>;
export type ChatSuccess = z.infer<typeof chatSuccessSchema>;
export type ChatFailure = z.infer<typeof chatFailureSchema>;
export type LoweredDocument = z.infer<typeof loweredSchema>;
export type DryRun = z.infer<typeof dryRunSchema>;
export type ChatEvent = z.infer<typeof workEventSchema>;
