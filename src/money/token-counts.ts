/** What the usage of a call is priced by, under whichever names a gateway reports it. It never guesses: what can be read in two ways that cost differently is null. */
import { asObject, type JsonObject } from '../base/json.ts';
import type { TokenCounts } from './estimate.ts';

/** null: not reported, all zeros, contradictory, or with something that is not priced by text tokens. Takes any object. */
export function tokenCounts(usage: JsonObject | null): TokenCounts | null {
  if (usage === null || hasMore(usage)) return null;
  const cache = cacheOf(usage);
  const plain = plainOf(usage);
  if (cache === null || plain === null) return null;
  const { reasoning, extra } = plain;
  const place = placeOf(usage, cache, plain);
  if (place === null) return null;
  const inCache = cache.read + cache.written;
  const prompt = place === 'beside' ? plain.prompt + inCache : plain.prompt;
  // Some count the reasoning beside the answer: the total has it, or it is more than the answer.
  const rest =
    extra === null ? 0 : place === 'beside' && extra >= inCache ? extra - inCache : extra;
  const beside = rest > 0 ? rest : (reasoning ?? 0) > plain.completion ? (reasoning ?? 0) : 0;
  const completion = plain.completion + beside;
  // No answer comes from nothing: some servers leave the count at 0.
  if (prompt === 0 && (completion === 0 || reportsPrompt(usage))) return null;
  const counts = [prompt, completion, prompt + completion];
  if (!counts.every((value) => Number.isSafeInteger(value))) return null;
  return {
    prompt,
    completion,
    cached: cache.read,
    written: cache.written,
    writtenLong: cache.long,
    reasoning,
  };
}

interface Plain {
  prompt: number;
  completion: number;
  /** null: not reported. */
  reasoning: number | null;
  /** What the total has beside the two; null where it is not reported, or is less than they are. */
  extra: number | null;
}

function plainOf(usage: JsonObject): Plain | null {
  const total = count(usage.total_tokens);
  const reported = {
    prompt: larger(usage.prompt_tokens, usage.input_tokens),
    completion: larger(usage.completion_tokens, usage.output_tokens),
  };
  const difference = (other: number | null): number | null =>
    total === null || other === null || total < other ? null : total - other;
  const prompt = reported.prompt ?? difference(reported.completion);
  const completion = reported.completion ?? difference(reported.prompt);
  if (prompt === null || completion === null) return null;
  const details = answerDetails(usage);
  const reasoning = count(details?.reasoning_tokens) ?? count(usage.reasoning_tokens);
  const extra = total === null || total < prompt + completion ? null : total - prompt - completion;
  return { prompt, completion, reasoning, extra };
}

interface Cache {
  read: number;
  written: number;
  /** Part of what was written: for more than five minutes. */
  long: number;
}

/** null where two fields disagree, or one cannot be read. */
function cacheOf(usage: JsonObject): Cache | null {
  const details = promptDetails(usage);
  const read = agreed(
    details?.cached_tokens,
    details?.cache_read_tokens,
    details?.cache_read_input_tokens,
    usage.cache_read_input_tokens,
    usage.cache_read_tokens,
    usage.prompt_cache_hit_tokens,
    usage.cached_tokens,
  );
  const lifetimes = asObject(usage.cache_creation_by_ttl) ?? asObject(usage.cache_creation) ?? {};
  const sum = (values: readonly unknown[]): number | null =>
    values.length === 0 ? null : values.reduce<number>((all, one) => all + (count(one) ?? 0), 0);
  const longer = Object.entries(lifetimes).filter(([name]) => !/^(?:300|.*5m.*)$/.test(name));
  const written = agreed(
    details?.cache_write_tokens,
    details?.cache_creation_tokens,
    details?.cache_creation_input_tokens,
    usage.cache_creation_input_tokens,
    usage.cache_write_tokens,
    sum(Object.values(lifetimes)),
  );
  if (read === null || written === null) return null;
  return { read, written, long: sum(longer.map(([, value]) => value)) ?? 0 };
}

/** Whether the tokens of the cache are part of the prompt's; null where that cannot be told. */
function placeOf(
  usage: JsonObject,
  { read, written }: Cache,
  { prompt, reasoning, extra }: Plain,
): 'inside' | 'beside' | null {
  const inCache = read + written;
  if (inCache === 0) return 'inside';
  if (inCache > prompt) return 'beside';
  const isNative = usage.prompt_tokens == null && promptDetails(usage) === null;
  if (extra !== null) {
    // Anthropic's own fields have no total; who added one may have left out the cache.
    if (extra === 0) return isNative ? null : 'inside';
    if (extra === inCache) return extra === reasoning ? null : 'beside';
    if (reasoning === null || reasoning === 0) return null;
    if (extra === reasoning) return 'inside';
    return extra === inCache + reasoning ? 'beside' : null;
  }
  if (isNative) return 'beside';
  const missed = count(usage.prompt_cache_miss_tokens);
  if (missed !== null && missed + read === prompt) return 'inside';
  const details = promptDetails(usage);
  const isDetailed = Object.entries(details ?? {}).some(
    ([name, value]) => /cache/.test(name) && (count(value) ?? 0) > 0,
  );
  return isDetailed ? 'inside' : null;
}

/** Sound has prices of its own, and so has what the server did for the answer: a search, for example. */
function hasMore(usage: JsonObject): boolean {
  const sound = [promptDetails(usage), answerDetails(usage)].map(
    (details) => details?.audio_tokens,
  );
  const done = Object.values(asObject(usage.server_tool_use) ?? {});
  return [...sound, ...done, usage.num_search_queries].some(
    (value) => value != null && count(value) !== 0,
  );
}

export function promptDetails(usage: JsonObject): JsonObject | null {
  return asObject(usage.prompt_tokens_details) ?? asObject(usage.input_tokens_details);
}

function answerDetails(usage: JsonObject): JsonObject | null {
  return asObject(usage.completion_tokens_details) ?? asObject(usage.output_tokens_details);
}

function reportsPrompt(usage: JsonObject): boolean {
  return larger(usage.prompt_tokens, usage.input_tokens) !== null;
}

/** Of two names for the same count, one of them may be filled with 0. */
function larger(a: unknown, b: unknown): number | null {
  const [one, other] = [count(a), count(b)];
  return one === null ? other : other === null ? one : Math.max(one, other);
}

/** 0 where none is reported. */
function agreed(...values: readonly unknown[]): number | null {
  const reported = values.filter((value) => value != null).map(count);
  const [first = 0] = reported;
  return reported.every((value) => value === first) ? first : null;
}

function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null;
}
