/** Finds the error in a chunk, in any place where one has been seen. It runs for every chunk, so a good one is left after a few looks. */
import { asObject, asText, type JsonObject, jsonText, oneLine, shorten } from '../base/json.ts';
import { type ErrorBody, errorInJson } from '../transport/error-body.ts';
import { wordsAnywhere } from '../transport/error-words.ts';
import { withoutBase64 } from './trace.ts';

/** Fields at the top that are an error where there are no choices: hermes, vLLM, FastAPI, Cloudflare, DashScope, AWS. */
const loose = [
  'error_message',
  'error_msg',
  'errorMessage',
  'error_type',
  'error_code',
  'detail',
  'err',
  'errors',
  'exception',
  'Error',
  'ResponseMetadata',
  '__type',
] as const;

/** Objects that some proxies put around a chunk, and so around its error. */
const wrappers = ['data', 'result', 'response', 'output'] as const;

/** null: there is none. An error object whose fields are all empty, or that reports success, is none. */
export function errorInChunk(chunk: JsonObject): ErrorBody | null {
  const { error, base_resp, choices } = chunk;
  const hasChoices = Array.isArray(choices) && choices.length > 0;
  if (isSaid(error)) {
    const found = errorInJson(hasChoices ? { error, request_id: chunk.request_id } : chunk, null);
    if (found !== null) return found;
  }
  if (base_resp !== undefined) {
    const found = errorInJson({ base_resp, trace_id: chunk.trace_id }, null);
    if (found !== null) return found;
  }
  if (hasChoices) return errorInChoice(choices);
  if (isLoose(chunk)) return errorInJson(chunk, null);
  for (const wrapper of wrappers) {
    const inner = asObject(chunk[wrapper]);
    if (inner !== null && isSaid(inner.error)) return errorInJson(inner, null);
  }
  return null;
}

/** What a chunk of no known shape says, once nothing else came. */
export function wordsOfStrange(chunk: JsonObject): string {
  const words = errorInJson(chunk, null)?.message ?? wordsAnywhere(chunk);
  return words || shorten(oneLine(withoutBase64(jsonText(chunk) ?? '')), 200);
}

/** genkit and OpenRouter put it beside the delta, others inside of it. */
function errorInChoice(choices: readonly unknown[]): ErrorBody | null {
  for (const item of choices) {
    const choice = asObject(item);
    if (choice === null) continue;
    const found =
      errorOf(choice) ?? errorOf(asObject(choice.delta)) ?? errorOf(asObject(choice.message));
    if (found !== null) return found;
  }
  return null;
}

function errorOf(place: JsonObject | null): ErrorBody | null {
  const error = place?.error;
  return isSaid(error) ? errorInJson({ error }, null) : null;
}

function isLoose(chunk: JsonObject): boolean {
  if (chunk.object === 'error' || chunk.type === 'error' || chunk.error === true) return true;
  if (loose.some((name) => chunk[name] !== undefined && chunk[name] !== null)) return true;
  // A message alone may be a note of the server; with a code, or as all that there is, it is an error.
  const words = asText(chunk.message) ?? asText(chunk.msg);
  if (words === null || chunk.choices !== undefined) return false;
  return asText(chunk.code) !== null || Object.keys(chunk).length === 1;
}

/** Flags, numbers and what is empty are no error. */
function isSaid(error: unknown): boolean {
  if (error === undefined || error === null) return false;
  return typeof error === 'string' ? error.trim() !== '' : typeof error === 'object';
}
