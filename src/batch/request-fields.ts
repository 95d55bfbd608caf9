/** Which fields of a line belong to its request where it has no envelope. The others are data of whoever wrote the file. */
import type { JsonObject } from '../base/json.ts';

/** Of a line; a body is streamed whatever they say, and `n` is checked. */
const ours: ReadonlySet<string> = new Set([
  ...['custom_id', 'method', 'url', 'model', 'body'],
  ...['n', 'stream', 'stream_options'],
]);

/** Fields of chat requests, of OpenAI and of servers compatible with it. */
const chatFields: ReadonlySet<string> = new Set([
  ...['max_tokens', 'max_completion_tokens', 'min_tokens', 'stop', 'stop_token_ids'],
  ...['temperature', 'top_p', 'top_k', 'top_a', 'min_p', 'typical_p', 'seed'],
  ...['frequency_penalty', 'presence_penalty', 'repetition_penalty', 'length_penalty'],
  ...['logit_bias', 'logprobs', 'top_logprobs', 'ignore_eos'],
  ...['tools', 'tool_choice', 'parallel_tool_calls', 'functions', 'function_call'],
  ...['response_format', 'guided_json', 'guided_regex', 'guided_choice', 'guided_grammar'],
  ...['reasoning', 'reasoning_effort', 'thinking', 'thinking_budget', 'enable_thinking'],
  ...['enable_search', 'search_options', 'web_search_options', 'chat_template_kwargs'],
  ...['modalities', 'audio', 'prediction', 'service_tier', 'store', 'metadata', 'user'],
  ...['safety_identifier', 'prompt_cache_key', 'prompt_cache_retention', 'verbosity'],
]);

export interface LooseFields {
  /** For the body, as they are. */
  sent: JsonObject;
  /** Names of those that are not sent. */
  left: readonly string[];
}

/** Of a line that is no data for a prompt. */
export function fieldsOf(line: JsonObject): LooseFields {
  const others = Object.entries(line).filter(([name]) => !ours.has(name));
  if (line.body !== undefined) return { sent: {}, left: others.map(([name]) => name) };
  const used = line.messages !== undefined ? 'messages' : 'prompt';
  return {
    sent: Object.fromEntries(others.filter(([name]) => chatFields.has(name))),
    left: others
      .map(([name]) => name)
      .filter((name) => !chatFields.has(name) && name !== used && name !== 'system'),
  };
}
