/** What the finish reasons of many vendors mean, as a table. It decides no exit code. */
import { jsonText, shorten } from '../base/json.ts';

/** `open`: not finished, a placeholder. `unknown`: no table has it. */
export type Ending = 'open' | 'done' | 'length' | 'refused' | 'trouble' | 'unknown';

/** Compared without case and without what stands between the words. */
const endings: Readonly<Record<Exclude<Ending, 'unknown'>, readonly string[]>> = {
  // DashScope's native API sends the word "null" until the end.
  open: ['', 'null', 'none', 'in_progress', 'incomplete_chunk'],
  done: [
    'stop',
    'end_turn',
    'stop_sequence',
    'pause_turn',
    'tool_calls',
    'tool_call',
    'tool_use',
    'function_call',
    'eos',
    'eos_token',
    'end',
    'done',
    'complete',
    'completed',
    'finished',
    'finish',
    'success',
    'normal',
  ],
  length: [
    'length',
    'max_tokens',
    'max_token',
    'max_output_tokens',
    'max_length',
    'token_limit',
    'model_length', // Mistral
    'model_context_window_exceeded', // Anthropic
    'context_length',
    'max_completion_tokens',
    'max_new_tokens',
    'max_tokens_reached',
    'length_limit',
  ],
  refused: [
    'content_filter',
    'content_filtered',
    'content_policy',
    'content_policy_violation',
    'upstream_content_violation',
    'moderation',
    'moderation_blocked',
    'sensitive', // Zhipu
    'refusal', // Anthropic
    'guardrail_intervened', // Bedrock
    'safety', // Gemini, as are the next ones
    'recitation',
    'blocklist',
    'prohibited_content',
    'spii',
    'image_safety',
    'image_prohibited_content',
    'image_recitation',
    'model_armor',
    'datainspectionfailed', // DashScope
    'blocked',
    'content_blocked',
    'policy_violation',
    'safety_violation',
    'error_toxic', // Cohere
  ],
  trouble: [
    'error',
    'errored',
    'failed',
    'failure',
    'abort', // vLLM
    'aborted',
    'cancelled',
    'canceled',
    'timeout',
    'timed_out',
    'network_error', // Zhipu
    'insufficient_system_resource', // DeepSeek
    'engine_overloaded', // Moonshot
    'overloaded',
    'unavailable',
    'internal_error',
    'internal_server_error',
    'server_error',
    'upstream_error',
    'provider_error',
    'rate_limit',
    'interrupted',
    'malformed_function_call', // Gemini
    'unexpected_tool_call', // Gemini
    'malformed_tool_use', // Bedrock
    'error_limit', // Cohere
    'user_cancel', // Cohere
    'overloaded_error',
    'disconnected',
    'connection_error',
  ],
};

const byWord = new Map(
  Object.entries(endings).flatMap(([ending, words]) =>
    words.map((word) => [plain(word), ending as Ending] as const),
  ),
);

/** `content_filter`, `ContentFilter` and `content-filter` are one. */
function plain(reason: string): string {
  return reason.toLowerCase().replace(/[\s_-]+/g, '');
}

export function endingOf(reason: string): Ending {
  const word = plain(reason.slice(0, 100)).replace(/^finishreason(?=.)/, '');
  return byWord.get(word) ?? 'unknown';
}

/** Trouble that was reported is not made good by a later word. */
const weight: Readonly<Record<Ending, number>> = {
  open: 0,
  unknown: 1,
  done: 1,
  length: 2,
  trouble: 3,
  refused: 4,
};

/** The finish reason after one more was sent; `sent` is any JSON value. */
export function nextReason(known: string | null, sent: unknown): string | null {
  if (sent === undefined || sent === null || sent === false) return known;
  const reason = shorten(typeof sent === 'string' ? sent : (jsonText(sent) ?? 'object'), 100);
  const ending = endingOf(reason);
  if (ending === 'open') return known;
  return known !== null && weight[ending] < weight[endingOf(known)] ? known : reason;
}
