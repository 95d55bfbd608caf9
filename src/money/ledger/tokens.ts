/** How many tokens a call used, under whichever names its gateway reports them. It never guesses: what is not reported is null. */
import { asObject, type JsonObject } from '../../base/json.ts';

export interface UsedTokens {
  prompt: number | null;
  /** With the reasoning. */
  completion: number | null;
  /** The sum of the two where the total is not reported. */
  total: number | null;
  /** Part of the prompt; 0 where not reported. */
  cached: number;
}

export function tokensOf(usage: JsonObject | null): UsedTokens {
  const prompt = count(usage?.prompt_tokens) ?? count(usage?.input_tokens);
  const completion = count(usage?.completion_tokens) ?? count(usage?.output_tokens);
  const sum = prompt === null || completion === null ? null : prompt + completion;
  return {
    prompt,
    completion,
    total: count(usage?.total_tokens) ?? sum,
    cached: usage === null ? 0 : cachedOf(usage),
  };
}

function cachedOf(usage: JsonObject): number {
  const details = asObject(usage.prompt_tokens_details ?? usage.input_tokens_details);
  return count(details?.cached_tokens) ?? count(usage.cache_read_input_tokens) ?? 0;
}

function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null;
}
