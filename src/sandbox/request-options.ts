/** The optional fields of a chat request: what each may hold. It looks at one field at a time and keeps nothing. */

import { asObject, type JsonObject } from '../base/json.ts';
import { checkFields, flag, numberIn, type Rules, text, wholeNumberFrom } from './field-rules.ts';

const penalty = numberIn(-2, 2);

const rules: Rules = {
  stream: flag,
  stream_options: {
    allows: (value) => asObject(value) !== null && isFlagOrAbsent(asObject(value)?.include_usage),
    wanted: 'an object with include_usage true or false',
  },
  max_tokens: wholeNumberFrom(1),
  temperature: numberIn(0, 2),
  top_p: numberIn(0, 1),
  top_k: wholeNumberFrom(0),
  stop: {
    allows: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    wanted: 'an array of strings',
  },
  n: { allows: (value) => value === 1, wanted: '1: the sandbox gives one answer' },
  frequency_penalty: penalty,
  presence_penalty: penalty,
  user: text,
  tools: {
    allows: (value) => Array.isArray(value) && value.every(isTool),
    wanted: 'an array of {"type":"function","function":{"name":…,"parameters":{…}}}',
  },
  tool_choice: {
    allows: (value) =>
      ['auto', 'none', 'required'].includes(String(value)) || asObject(value)?.type === 'function',
    wanted: 'auto, none, required or {"type":"function","function":{"name":…}}',
  },
  response_format: {
    allows: isFormat,
    wanted: '{"type":"text"}, {"type":"json_object"} or json_schema with a schema',
  },
  enable_search: flag,
  thinking: flag,
  thinking_budget: wholeNumberFrom(0),
  conversation_id: { allows: Number.isInteger, wanted: 'a whole number' },
};

/** Throws Rejection (400) for the first field that holds what it may not; null counts as absent. */
export function checkOptions(fields: JsonObject): void {
  checkFields(fields, rules);
}

function isFlagOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'boolean';
}

function isTool(value: unknown): boolean {
  const tool = asObject(value);
  const definition = asObject(tool?.function);
  if (tool?.type !== 'function' || !definition) return false;
  const { name, parameters } = definition;
  if (typeof name !== 'string' || name === '') return false;
  return parameters === undefined || parameters === null || asObject(parameters) !== null;
}

function isFormat(value: unknown): boolean {
  const format = asObject(value);
  if (format?.type === 'text' || format?.type === 'json_object') return true;
  const schema = asObject(asObject(format?.json_schema)?.schema);
  return format?.type === 'json_schema' && schema !== null;
}
