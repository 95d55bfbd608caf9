/** The most tokens and money that a call can cost, computed before it is sent. It refuses nothing. */

import { asObject } from '../../base/json.ts';
import type { CatalogueModel } from '../../client/catalogue.ts';
import type { Bound } from '../../money/budget/caps.ts';
import { costBounds } from '../../money/estimate.ts';
import type { DryRun } from '../../schemas/chat.ts';
import type { Extras, Pricing } from './terms.ts';

/** A tool that the gateway runs itself, such as a search, is billed separately. */
function runsThere(tools: unknown): boolean {
  return !Array.isArray(tools) || tools.some((tool) => asObject(tool)?.type !== 'function');
}

/** Chat templates add a few tokens around each message. */
const TOKENS_AROUND_MESSAGE = 16;

/** Fields of `--param` that do not change the price, or whose tokens are counted. */
const harmless: ReadonlySet<string> = new Set([
  'max_completion_tokens',
  'max_tokens',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'user',
  'tools',
  'tool_choice',
  'response_format',
  'reasoning_effort',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'parallel_tool_calls',
  'metadata',
  'store',
  'stream_options',
  'functions',
  'function_call',
  'min_p',
  'repetition_penalty',
  'prompt_cache_key',
  'safety_identifier',
  'verbosity',
]);

export interface CallBounds extends Pick<DryRun, 'tokens' | 'price'> {
  bound: Bound;
  /** Tokens of the prompt, but for images and searches. */
  counted: number;
  /** How many answers it asks for, each as long as `tokens.completion_max`. */
  answers: number;
}

/** `tokens.completion_max` is that of one answer; the price is that of all. `tokens` is null where nothing limits it: an image, a search, an answer without a limit. */
export function boundsOf(
  model: string,
  body: Record<string, unknown>,
  { extras, prices }: Pricing,
): CallBounds {
  const listed = prices?.models.find(({ id }) => id === model) ?? null;
  const prompt = promptBytes(body);
  const tokens = {
    prompt_max: prompt.isAll ? prompt.count : null,
    completion_max: completionBound(body, listed),
  };
  const answers = answersIn(body) ?? 1;
  const { prompt_max: before, completion_max: one } = tokens;
  const price = costBounds(listed, before, one === null ? null : one * answers);
  const atLeast = prompt.count;
  const bound = boundOf({ model, tokens, atLeast, answers, price, body, extras, listed });
  return { tokens, price, bound, counted: prompt.count, answers };
}

interface Known extends Pick<CallBounds, 'tokens' | 'price'> {
  model: string;
  /** Tokens of the prompt, images and searches aside. */
  atLeast: number;
  answers: number;
  body: Record<string, unknown>;
  extras: Extras;
  listed: CatalogueModel | null;
}

function boundOf(known: Known): Bound {
  const { model, tokens, atLeast, answers, price, body, extras, listed } = known;
  const { prompt_max: prompt, completion_max: completion } = tokens;
  if (price.source === 'unknown')
    return {
      amount: '0',
      openReason:
        listed?.currency === undefined
          ? `the price of ${model} is unknown`
          : `the price of ${model} is in ${listed.currency}, not in USD`,
      priceUnknown: true,
      uncapped: false,
    };
  const odd = extras.param.find(
    ({ key, value }) =>
      value !== null &&
      (key === 'n'
        ? answersIn(body) === null
        : !harmless.has(key) || (key === 'tools' && runsThere(value))),
  );
  const others = uncounted(listed, body);
  const reasons = [
    ...(others.length === 0
      ? []
      : [`the listed price of ${others.join(', ')} of ${model} is not counted`]),
    ...(odd === undefined ? [] : [`the cost of --param ${odd.key} is unknown`]),
    ...(prompt === null ? ['the tokens of an image or a search are not known in advance'] : []),
    ...(completion === null && !isFree(listed, atLeast)
      ? ['the answer has no token limit (add --max-tokens, and a number of tokens to --thinking)']
      : []),
  ];
  // Without a limit, or with a parameter that may bypass it, the model's own limit counts.
  const isUnlimited =
    completion === null && [extras.thinking, ...limitsIn(body)].some((set) => set !== undefined);
  const amount = costBounds(listed, atLeast, (completion ?? 0) * answers).max ?? '0';
  const open = reasons.length === 0 ? null : reasons.join('; ');
  return {
    amount,
    openReason: open,
    priceUnknown: false,
    uncapped: odd !== undefined || isUnlimited,
  };
}

/** However long it is, the answer costs nothing. */
function isFree(listed: CatalogueModel | null, prompt: number): boolean {
  return costBounds(listed, prompt, 0).max === costBounds(listed, prompt, 2 ** 40).max;
}

/** Prices of what stands in the prompt beside its text. */
const ofInput: ReadonlySet<string> = new Set([
  'image',
  'image_input',
  'image_token',
  'audio',
  'audio_input',
  'input_audio',
  'input_audio_cache',
  'input_image',
  'video',
  'file',
]);

/** Listed prices above 0 that this request may have to pay, and that no count of tokens tells. */
export function uncounted(
  listed: CatalogueModel | null,
  body: Record<string, unknown>,
): readonly string[] {
  const others = listed?.others ?? [];
  return others.length === 0 || hasMedia(body)
    ? others
    : others.filter((name) => !ofInput.has(name));
}

/** A part of a message that is not text. */
function hasMedia({ messages }: Record<string, unknown>): boolean {
  const all = Array.isArray(messages) ? messages : [];
  return all.some((message) => {
    const content = asObject(message)?.content;
    return Array.isArray(content) && content.some((part) => asObject(part)?.type !== 'text');
  });
}

/**
 * Everything that is sent counts, tools and schema too, and no token is shorter than a byte. With an image or a search that is
 * not all: their tokens are known only to the model.
 */
function promptBytes(body: Record<string, unknown>): { count: number; isAll: boolean } {
  const messages = Array.isArray(body.messages) ? body.messages.length : 0;
  // An image in the body is not text; a prompt that looks like one is.
  const text = JSON.stringify(body, (key, value: unknown) =>
    key === 'url' && typeof value === 'string' && value.startsWith('data:') ? '' : value,
  );
  const isAll = !text.includes('"image_url"') && body.enable_search !== true;
  return {
    count: Buffer.byteLength(text) + messages * TOKENS_AROUND_MESSAGE,
    isAll,
  };
}

/** The most answers to one request that are counted; more are taken for a mistake. */
const MOST_ANSWERS = 1000;

/** How many answers it asks for; null where that is no such number. */
function answersIn({ n = 1 }: Record<string, unknown>): number | null {
  if (n === null) return 1;
  return isCount(n) && n >= 1 && n <= MOST_ANSWERS ? n : null;
}

function limitsIn(body: Record<string, unknown>): unknown[] {
  return [body.max_tokens, body.max_completion_tokens].filter((limit) => limit !== undefined);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** The larger of the two spellings of the limit, and the thinking on top; the model's own limit if none is set; null if none is known. */
function completionBound(
  body: Record<string, unknown>,
  listed: CatalogueModel | null,
): number | null {
  const limits = limitsIn(body);
  if (limits.length === 0) return listed?.max_output ?? listed?.context ?? null;
  const thinking =
    body.thinking === undefined || body.thinking === false ? 0 : body.thinking_budget;
  // Some servers treat a value below 1 as no limit.
  const numbers = limits.filter((limit) => isCount(limit) && limit > 0);
  if (numbers.length < limits.length || !isCount(thinking)) return null;
  return Math.max(...(numbers as number[])) + thinking;
}
