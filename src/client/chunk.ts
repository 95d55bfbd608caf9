/** Reads one chat chunk, or a complete response, into the answer. It uses no schema, because it runs a million times in a long answer, and it refuses nothing but errors. */
import { asObject, type JsonObject } from '../base/json.ts';
import type { ErrorBody } from '../transport/error-body.ts';
import type { Answer } from './answer.ts';
import { errorInChunk, wordsOfStrange } from './chunk-error.ts';
import { nextReason } from './finish-reasons.ts';
import { type ChunkOutput, readMessage } from './message.ts';
import { usageIn } from './usage.ts';

/** How often a whole message is compared with the text that was streamed: each time costs as much as the text is long. */
const MAX_COMPARISONS = 16;

/** What one chunk brings: its output, and the error in it, if any. */
export interface ReadChunk extends ChunkOutput {
  error: ErrorBody | null;
}

/** Fills the answer; null when it is not a chunk. `json` is any result of JSON.parse. */
export function readChunk(json: unknown, answer: Answer): ReadChunk | null {
  const chunk = asObject(json);
  if (!chunk) return null;
  const output: ReadChunk = { text: '', reasoning: '', error: errorInChunk(chunk) };
  if (output.error === null) answer.begun = true;
  readHead(chunk, answer);
  const choices = choicesOf(chunk);
  if (choices !== null) {
    const isWhole = chunk.object === 'chat.completion';
    const only = choices.length === 1 ? asObject(choices[0]) : null;
    if (only !== null) readChoice(only, answer, output, isWhole);
    else for (const choice of ours(choices, answer)) readChoice(choice, answer, output, isWhole);
  } else if (output.error === null) readWithoutChoices(chunk, answer, output);
  return output;
}

function readHead(chunk: JsonObject, answer: Answer): void {
  if (typeof chunk.id === 'string') answer.id = chunk.id;
  if (typeof chunk.model === 'string' && chunk.model !== '') answer.model = chunk.model;
  const requestId = chunk['x-gateway-request-id'];
  if (typeof requestId === 'string') answer.requestId = requestId;
  if (typeof chunk.service_tier === 'string') answer.serviceTier = chunk.service_tier.slice(0, 100);
  answer.usage = usageIn(chunk) ?? answer.usage;
  // One by one, by name: a loop over the names costs a tenth of a long answer.
  if (chunk.citations) answer.citations.add(chunk.citations); // Perplexity, xAI
  if (chunk.search_results) answer.citations.add(chunk.search_results); // Perplexity
  if (chunk.annotations) answer.citations.add(chunk.annotations);
  if (chunk.references) answer.citations.add(chunk.references); // Volcengine
  if (chunk.web_search) answer.citations.add(chunk.web_search); // Zhipu
  if (chunk.search_info) answer.citations.add(asObject(chunk.search_info)?.search_results ?? []); // DashScope
}

/** The list of choices: at the top, or where a proxy wraps the response. An object in its place is the only choice. */
function choicesOf(chunk: JsonObject): readonly unknown[] | null {
  const found =
    chunk.choices ??
    asObject(chunk.result)?.choices ??
    asObject(chunk.output)?.choices ??
    asObject(chunk.data)?.choices;
  if (Array.isArray(found)) return found;
  return asObject(found) === null ? null : [found];
}

/** One answer is requested (`n` is refused as a parameter), so a lone choice is ours, whatever its index is; of several those with the first index, or with none. */
function ours(choices: readonly unknown[], answer: Answer): JsonObject[] {
  const all = choices.map(asObject).filter((choice) => choice !== null);
  const isFirst = ({ index }: JsonObject): boolean =>
    index === undefined || index === null || index === 0 || index === '0';
  const first = all.filter(isFirst);
  const chosen = first.length > 0 ? first : all.slice(0, 1);
  if (chosen.length < all.length) answer.unread.note('a second answer');
  return chosen;
}

function readChoice(
  choice: JsonObject,
  answer: Answer,
  output: ChunkOutput,
  isWhole: boolean,
): void {
  if (choice.finish_reason !== null && choice.finish_reason !== undefined)
    answer.finishReason = nextReason(answer.finishReason, choice.finish_reason);
  const delta = asObject(choice.delta);
  const message = asObject(choice.message);
  const before = output.text;
  if (typeof choice.delta === 'string') output.text += choice.delta;
  if (delta !== null && !(isWhole && isRepeated(delta, answer, output)))
    readMessage(delta, answer, output, false);
  else if (delta === null && message === null && typeof choice.text === 'string')
    output.text += choice.text;
  if (output.text !== before) {
    answer.hasDeltas = true;
    if (!isWhole) answer.hasPieces = true;
  }
  if (message !== null) {
    const isPiece = delta === null && !answer.hasDeltas && !isWhole;
    if (isPiece) readMessage(message, answer, output, false);
    // Perplexity repeats all text so far beside each delta.
    else readWholeMessage(message, answer, output, output.text !== before);
  }
  if (choice.annotations !== undefined) answer.citations.add(choice.annotations);
}

/** A last delta that holds all that was streamed, once more. */
function isRepeated(delta: JsonObject, answer: Answer, output: ChunkOutput): boolean {
  const { content } = delta;
  if (!answer.hasPieces || typeof content !== 'string' || content === '') return false;
  const size = answer.text.size + output.text.length;
  return content.length === size && content === `${answer.text.whole}${output.text}`;
}

/** A complete message, of which all or a part may have been streamed already: only what it alone brings is used. */
function readWholeMessage(
  message: JsonObject,
  answer: Answer,
  output: ChunkOutput,
  mirrors: boolean,
): void {
  const whole: ChunkOutput = { text: '', reasoning: '' };
  readMessage(message, answer, whole, true);
  if (mirrors) return;
  output.text += whatIsNew('text', whole.text, output.text, answer);
  output.reasoning += whatIsNew('reasoning', whole.reasoning, output.reasoning, answer);
}

function whatIsNew(
  kind: 'text' | 'reasoning',
  whole: string,
  pending: string,
  answer: Answer,
): string {
  const kept = answer[kind];
  if (whole === '' || (kept.isEmpty && pending === '')) return whole;
  const before = kept.whole;
  answer.comparisons += 1;
  if (before !== null && answer.comparisons <= MAX_COMPARISONS) {
    const streamed = before + pending;
    if (streamed.includes(whole)) return '';
    if (whole.startsWith(streamed)) return whole.slice(streamed.length);
    if (whole.trim() === streamed.trim()) return '';
  } else if (before === null && whole.length === kept.size + pending.length) return '';
  answer.unread.note(`a whole message whose ${kind} differs from what was streamed`);
  return '';
}

/** Fields of a chunk without choices that hold no content. */
const plainFields = new Set([
  'id',
  'object',
  'type',
  'created',
  'created_at',
  'model',
  'usage',
  'done',
  'done_reason',
  'choices',
  'system_fingerprint',
  'service_tier',
  'provider',
  'prompt_filter_results',
  'timings',
  'x_groq',
  'base_resp',
  'success',
  'errors',
  'messages',
  'p',
  'citations',
  'search_results',
  'annotations',
  'references',
  'web_search',
  'search_info',
]);

/** Shapes of their own: Cloudflare's `response`, Ollama's `message`. */
function readWithoutChoices(chunk: JsonObject, answer: Answer, output: ChunkOutput): void {
  const inner = asObject(chunk.result) ?? chunk;
  const { response } = inner;
  const message = asObject(inner.message);
  if (typeof response === 'string') output.text += response;
  if (message !== null) readMessage(message, answer, output, false);
  if (Array.isArray(inner.tool_calls)) answer.toolCalls.addPieces(inner.tool_calls, answer.unread);
  if (inner.done === true)
    answer.finishReason = nextReason(answer.finishReason, inner.done_reason ?? 'stop');
  if (typeof response === 'string' || message !== null) return;
  const unknown = Object.keys(chunk)
    .slice(0, 50)
    .filter((name) => !plainFields.has(name));
  for (const name of unknown) answer.unread.noteField('chunk', name);
  if (unknown.length > 0) answer.strangeWords = wordsOfStrange(chunk) || answer.strangeWords;
}
