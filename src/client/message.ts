/** Reads the fields of a delta or a message: text, reasoning, tool calls, images, sources, in the shapes of many vendors. It shows nothing. */
import { asObject, type JsonObject } from '../base/json.ts';
import type { Answer } from './answer.ts';

/** The output that one chunk added; '' when none. */
export interface ChunkOutput {
  text: string;
  reasoning: string;
}

/** Nested no deeper than any vendor sends it. */
const MAX_DEPTH = 5;

/** Fields with reasoning, the best first: several often hold the same text. */
const reasoningFields = [
  'reasoning_content', // DeepSeek, Moonshot, Zhipu, Qwen, vLLM, llama.cpp
  'reasoning', // OpenRouter, Groq, Together, newer vLLM
  'thinking', // Ollama
  'reasoning_text', // Copilot
  'reasoning_details', // OpenRouter, MiniMax
  'thinking_blocks', // LiteLLM
];
const isReasoning = new Set(reasoningFields);

/** Fields without content for a reader. */
const silent = new Set([
  'role',
  'content',
  'name',
  'id',
  'type',
  'object',
  'index',
  'finish_reason',
  'error',
  'usage',
  'logprobs',
  'signature',
  'reasoning_signature',
  'thought_signature',
  'encrypted_content',
  'provider_specific_fields',
  'extra_content',
  'token_ids',
  'padding',
  'obfuscation',
]);

type FieldReader = (value: unknown, answer: Answer, output: ChunkOutput, whole: boolean) => void;

const sources: FieldReader = (value, answer) => answer.citations.add(value);
const images: FieldReader = (value, answer) => answer.images.add(value, answer.unread);

const readers: ReadonlyMap<string, FieldReader> = new Map<string, FieldReader>([
  ['refusal', (value, answer, output) => readContent(value, answer, output, 'refusal')],
  [
    'tool_calls',
    (value, answer, _output, whole) => {
      if (whole) answer.toolCalls.addWhole(value, answer.unread);
      else answer.toolCalls.addPieces(value, answer.unread);
    },
  ],
  [
    'function_call',
    (value, answer, _output, whole) => {
      if (whole) answer.toolCalls.addWhole([{ function: value }], answer.unread);
      else answer.toolCalls.addFunctionCall(value, answer.unread);
    },
  ],
  ['images', images], // OpenRouter, LiteLLM, Ollama
  ['image', images],
  ['annotations', sources], // OpenAI, OpenRouter
  ['citations', sources],
  ['search_results', sources],
  ['references', sources], // Volcengine
  ['context', (value, answer) => answer.citations.add(asObject(value)?.citations ?? [])], // Azure
  ['audio', (_value, answer) => answer.unread.note('audio')],
]);

/** `whole`: a complete message, not a piece of one. */
export function readMessage(
  message: JsonObject,
  answer: Answer,
  output: ChunkOutput,
  whole: boolean,
): void {
  const { content } = message;
  if (typeof content === 'string') output.text += content;
  else if (content !== undefined && content !== null)
    readContent(content, answer, output, 'content');
  let reasons = false;
  for (const name in message) {
    if (name === 'content' || name === 'role') continue;
    const value = message[name];
    if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) continue;
    if (isReasoning.has(name)) reasons = true;
    // The older field repeats the call of the newer one.
    else if (name === 'function_call' && Array.isArray(message.tool_calls)) continue;
    else {
      const read = readers.get(name);
      if (read) read(value, answer, output, whole);
      else if (!silent.has(name)) answer.unread.noteField('delta', name);
    }
  }
  if (reasons) readReasoning(message, answer, output);
}

function readReasoning(message: JsonObject, answer: Answer, output: ChunkOutput): void {
  let found = '';
  for (const name of reasoningFields) {
    const value = message[name];
    if (value === undefined || value === null) continue;
    const text = textOf(value, MAX_DEPTH);
    if (text === null) answer.unread.note('reasoning');
    if (text === null || text === '') continue;
    if (found === '') found = text;
    else if (!found.includes(text)) answer.unread.note('reasoning in two fields that differ');
  }
  output.reasoning += found;
}

type PartKind = 'text' | 'reasoning' | 'image' | 'source' | 'tool call' | 'nothing';

/** What a part of a content list is, by its `type`. */
const partKinds: ReadonlyMap<string, PartKind> = new Map([
  ['text', 'text'],
  ['output_text', 'text'],
  ['input_text', 'text'],
  ['text_delta', 'text'],
  ['refusal', 'text'],
  ['thinking', 'reasoning'], // Mistral, Anthropic
  ['thinking_delta', 'reasoning'],
  ['reasoning', 'reasoning'],
  ['reasoning_text', 'reasoning'],
  ['reasoning_content', 'reasoning'],
  ['summary_text', 'reasoning'],
  ['redacted_thinking', 'nothing'],
  ['image_url', 'image'],
  ['output_image', 'image'],
  ['input_image', 'image'],
  ['image', 'image'],
  ['image_generation_call', 'image'],
  ['url_citation', 'source'],
  ['citation', 'source'],
  ['tool_reference', 'source'], // Mistral, with web search
  ['reference', 'nothing'], // Mistral: numbers of documents that we sent
  ['tool_use', 'tool call'], // Anthropic
]);

/** Content that is not a plain string: any JSON. */
function readContent(content: unknown, answer: Answer, output: ChunkOutput, what: string): void {
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  for (const part of parts) {
    if (part === null) continue;
    if (typeof part === 'string') output.text += part;
    else if (typeof part === 'number') output.text += String(part);
    else {
      const object = asObject(part);
      if (object === null) answer.unread.note(what);
      else readPart(object, answer, output);
    }
  }
}

function readPart(part: JsonObject, answer: Answer, output: ChunkOutput): void {
  const { unread } = answer;
  const kind = typeof part.type === 'string' ? partKinds.get(part.type) : 'text';
  switch (kind) {
    case 'image':
      answer.images.add(part, unread);
      break;
    case 'source':
      answer.citations.add(part);
      break;
    case 'tool call':
      answer.toolCalls.addPieces([part], unread);
      break;
    case 'nothing':
      break;
    default: {
      const text = textOf(part, MAX_DEPTH);
      if (text === null && isImage(part)) answer.images.add(part, unread);
      else if (text === null) unread.noteNamed('a content part', part.type);
      else if (kind === 'reasoning') output.reasoning += text;
      else output.text += text;
      if (Array.isArray(part.annotations)) answer.citations.add(part.annotations);
    }
  }
}

/** Gemini's parts have no type. */
function isImage({ inlineData, inline_data, image_url, b64_json }: JsonObject): boolean {
  return [inlineData, inline_data, image_url, b64_json].some((value) => value !== undefined);
}

/** Fields that hold the text of an object, the best first. */
const textFields = ['text', 'thinking', 'reasoning', 'summary', 'refusal', 'content', 'value'];

/** The text of a string, a list or an object; null when it holds something that is not understood. */
function textOf(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  if (depth === 0) return null;
  if (Array.isArray(value)) return joined(value, depth);
  const object = asObject(value);
  if (object === null) return null;
  if (typeof object.type === 'string' && /encrypted|redacted/.test(object.type)) return '';
  let has = false;
  for (const field of textFields) {
    if (!Object.hasOwn(object, field)) continue;
    has = true;
    const text = textOf(object[field], depth - 1);
    if (text !== '') return text;
  }
  return has || !Object.entries(object).some(isContent) ? '' : null;
}

function joined(list: readonly unknown[], depth: number): string | null {
  let text = '';
  for (const item of list) {
    const more = textOf(item, depth - 1);
    if (more === null) return null;
    text += more;
  }
  return text;
}

/** Whether a field may hold words; those around them (type, id, index) do not. */
function isContent([name, value]: [string, unknown]): boolean {
  return !silent.has(name) && name !== 'format' && value !== null && value !== '';
}
