/** Finds the error in a chunk, in any place where one has been seen. It runs for every chunk, so a good one is left after a few looks. */
import { asText, type JsonObject } from '../base/json.ts';
import { type ErrorBody, errorInJson } from '../transport/error-body.ts';

/** Fields at the top that are an error where there are no choices: hermes, vLLM, FastAPI, Cloudflare, DashScope. */
const loose = [
  'error_message',
  'error_msg',
  'error_type',
  'error_code',
  'detail',
  'errors',
  'ResponseMetadata',
  '__type',
] as const;

/** null: there is none. An error object whose fields are all empty is none. */
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
  return isLoose(chunk) ? errorInJson(chunk, null) : null;
}

/** genkit and OpenRouter put it beside the delta. */
function errorInChoice(choices: readonly unknown[]): ErrorBody | null {
  for (const choice of choices) {
    const error = (choice as { error?: unknown } | null)?.error;
    const found = isSaid(error) ? errorInJson({ error }, null) : null;
    if (found !== null) return found;
  }
  return null;
}

function isLoose(chunk: JsonObject): boolean {
  if (chunk.object === 'error' || chunk.type === 'error') return true;
  if (loose.some((name) => chunk[name] !== undefined && chunk[name] !== null)) return true;
  // A message alone may be a note of the server; with a code, or as all that there is, it is an error.
  if (asText(chunk.message) === null || chunk.choices !== undefined) return false;
  return asText(chunk.code) !== null || Object.keys(chunk).length === 1;
}

/** Flags, numbers and what is empty are no error. */
function isSaid(error: unknown): boolean {
  if (error === undefined || error === null) return false;
  return typeof error === 'string' ? error.trim() !== '' : typeof error === 'object';
}
