/** Parses one chat chunk, or a complete response, into the answer. It uses no schema, because it runs a million times in a long answer. */
import { asObject, asText, type JsonObject } from '../base/json.ts';
import type { ErrorBody } from '../transport/error-body.ts';
import type { Answer } from './answer.ts';
import { errorInChunk } from './chunk-error.ts';

/** The output that one chunk added; '' when none. */
export interface ChunkOutput {
  text: string;
  reasoning: string;
}

/** Returns the error in the chunk, or what it added; null when it is not a chunk. `json` is any result of JSON.parse. */
export function readChunk(
  json: unknown,
  answer: Answer,
): ChunkOutput | { error: ErrorBody } | null {
  const chunk = asObject(json);
  if (!chunk) return null;
  const error = errorInChunk(chunk);
  if (error) return { error };
  answer.begun = true;
  readHead(chunk, answer);
  const output: ChunkOutput = { text: '', reasoning: '' };
  if (!Array.isArray(chunk.choices)) return output;
  for (const item of chunk.choices) {
    const choice = asObject(item);
    // Some gateways leave the index out; of several answers only the first is used (`n` is refused as a parameter).
    if (choice && (choice.index === undefined || choice.index === 0))
      readChoice(choice, answer, output);
  }
  return output;
}

function readHead(chunk: JsonObject, answer: Answer): void {
  if (typeof chunk.id === 'string') answer.id = chunk.id;
  if (typeof chunk.model === 'string' && chunk.model !== '') answer.model = chunk.model;
  const requestId = chunk['x-gateway-request-id'];
  if (typeof requestId === 'string') answer.requestId = requestId;
  if (typeof chunk.service_tier === 'string') answer.serviceTier = chunk.service_tier.slice(0, 100);
  if (typeof chunk.usage === 'object') {
    const usage = asObject(chunk.usage);
    if (usage) answer.usage = usage;
  }
}

function readChoice(choice: JsonObject, answer: Answer, output: ChunkOutput): void {
  // Some servers send an empty one until the real one.
  if (typeof choice.finish_reason === 'string' && choice.finish_reason !== '')
    answer.finishReason = choice.finish_reason;
  const delta = asObject(choice.delta) ?? asObject(choice.message);
  if (!delta) {
    if (typeof choice.text === 'string') output.text += choice.text;
    return;
  }
  output.text += contentText(delta.content);
  if (typeof delta.refusal === 'string') output.text += delta.refusal;
  const reasoning = delta.reasoning_content ?? delta.reasoning;
  if (typeof reasoning === 'string') output.reasoning += reasoning;
  if (Array.isArray(delta.tool_calls)) readToolCalls(delta.tool_calls, answer);
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => asText(asObject(part)?.text) ?? '').join('');
}

function readToolCalls(pieces: readonly unknown[], answer: Answer): void {
  pieces.forEach((item, position) => {
    const piece = asObject(item);
    if (!piece) return;
    const called = asObject(piece.function);
    const id = asText(piece.id);
    const key = typeof piece.index === 'number' ? piece.index : (id ?? position);
    answer.addToolCallPiece(key, {
      id,
      name: asText(called?.name) ?? '',
      arguments: argumentsText(called?.arguments),
    });
  });
}

/** JSON text in the standard; a few servers send the object itself. */
function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  return asObject(value) ? JSON.stringify(value) : '';
}
