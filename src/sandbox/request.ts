/** Reads the body of a chat request, as strictly as the real gateway, and keeps what the sandbox uses. It never answers. */

import { asObject, type JsonObject } from '../base/json.ts';
import { parseJsonObject } from './body.ts';
import { invalid } from './envelope.ts';
import { checkOptions } from './request-options.ts';

export interface Message {
  role: string;
  /** All text parts, joined by a line break. */
  text: string;
  images: number;
  /** Tools that an assistant message calls; empty for others. */
  calls: { id: string; name: string }[];
  /** The call that a tool message is the result of; empty for others. */
  callId: string;
}

export interface Tool {
  name: string;
  /** A JSON Schema; undefined when the tool takes nothing. */
  parameters: unknown;
}

export interface ChatRequest {
  model: string;
  messages: Message[];
  stream: boolean;
  includeUsage: boolean;
  /** Infinity when not limited. */
  maxTokens: number;
  stop: string[];
  thinking: boolean;
  /** Tokens; Infinity when not limited. */
  thinkingBudget: number;
  search: boolean;
  tools: Tool[];
  /** Those that tool_choice allows. */
  callableTools: Tool[];
  /** The tool that must be called; null when text will do. */
  forcedTool: Tool | null;
  format: 'text' | 'json_object' | 'json_schema';
  /** For json_schema only. */
  schema: unknown;
}

/** Throws Rejection (400 `invalid_request`, naming the field) for anything the wire does not allow. Unknown fields are ignored. */
export function readChatRequest(body: Uint8Array): ChatRequest {
  const fields = parseJsonObject(body);
  const { model } = fields;
  if (typeof model !== 'string' || model.trim() === '') {
    throw invalid('model', 'model is required and must be a string.');
  }
  const messages = readMessages(fields.messages);
  checkOptions(fields);
  const tools = asObjects(fields.tools).map(readTool);
  const forced = forcedTool(fields.tool_choice, tools);
  const format = asObject(fields.response_format);
  return {
    model,
    messages,
    stream: fields.stream === true,
    includeUsage: asObject(fields.stream_options)?.include_usage === true,
    maxTokens: typeof fields.max_tokens === 'number' ? fields.max_tokens : Infinity,
    stop: Array.isArray(fields.stop) ? fields.stop.filter(isNonEmptyString) : [],
    thinking: fields.thinking === true,
    thinkingBudget: typeof fields.thinking_budget === 'number' ? fields.thinking_budget : Infinity,
    search: fields.enable_search === true,
    tools,
    callableTools: callableTools(fields.tool_choice, tools, forced),
    forcedTool: forced,
    format: readFormat(format),
    schema: asObject(format?.json_schema)?.schema,
  };
}

function readMessages(value: unknown): Message[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid('messages', 'messages is required and must be an array of at least one message.');
  }
  return value.map((item: unknown, index) => readMessage(item, `messages[${index}]`));
}

function readMessage(value: unknown, at: string): Message {
  const message = asObject(value);
  if (!message) throw invalid(at, `${at} must be an object.`);
  const { role, content } = message;
  if (typeof role !== 'string' || !['system', 'user', 'assistant', 'tool'].includes(role)) {
    throw invalid(`${at}.role`, `${at}.role must be system, user, assistant or tool.`);
  }
  if (role === 'tool' && typeof message.tool_call_id !== 'string') {
    throw invalid(`${at}.tool_call_id`, `${at} has the role tool and needs a tool_call_id.`);
  }
  const calls = role === 'assistant' ? asObjects(message.tool_calls).map(readCall) : [];
  const callId = role === 'tool' ? String(message.tool_call_id) : '';
  const rest = { role, calls, callId };
  if (typeof content === 'string') return { ...rest, text: content, images: 0 };
  if (role === 'assistant' && (content === null || content === undefined)) {
    return { ...rest, text: '', images: 0 };
  }
  if (!Array.isArray(content) || content.length === 0) {
    throw invalid(`${at}.content`, `${at}.content must be a string or an array of parts.`);
  }
  const parts = content.map((part: unknown, index) => readPart(part, `${at}.content[${index}]`));
  const texts = parts.filter((part) => part !== null);
  return { ...rest, text: texts.join('\n'), images: parts.length - texts.length };
}

/** The text of a text part; null for an image. */
function readPart(value: unknown, at: string): string | null {
  const part = asObject(value);
  if (part?.type === 'text') {
    if (typeof part.text !== 'string') throw invalid(`${at}.text`, `${at}.text must be a string.`);
    return part.text;
  }
  if (part?.type !== 'image_url') {
    throw invalid(`${at}.type`, `${at}.type must be text or image_url.`);
  }
  const image = asObject(part.image_url);
  const url = image?.url;
  if (typeof url !== 'string' || !/^(https?:\/\/|data:image\/[\w.+-]+;base64,)\S/.test(url)) {
    throw invalid(`${at}.image_url.url`, `${at}.image_url.url must be a web or data: image URL.`);
  }
  if (image?.detail !== undefined && !['auto', 'low', 'high'].includes(String(image.detail))) {
    throw invalid(`${at}.image_url.detail`, `${at}.image_url.detail must be auto, low or high.`);
  }
  return null;
}

function readCall({ id, function: called }: JsonObject): Message['calls'][number] {
  return { id: String(id), name: String(asObject(called)?.name) };
}

function readTool(tool: JsonObject): Tool {
  const definition = asObject(tool.function);
  return { name: String(definition?.name), parameters: definition?.parameters };
}

function forcedTool(choice: unknown, tools: readonly Tool[]): Tool | null {
  const [first] = tools;
  if (choice === 'required') {
    if (!first) throw invalid('tool_choice', 'tool_choice is required, but tools is empty.');
    return first;
  }
  const chosen = asObject(choice);
  if (!chosen) return null;
  const name = asObject(chosen.function)?.name;
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw invalid('tool_choice', 'tool_choice names a function that is not in tools.');
  return tool;
}

function callableTools(choice: unknown, tools: Tool[], forced: Tool | null): Tool[] {
  if (choice === 'none') return [];
  return asObject(choice) && forced ? [forced] : tools;
}

function readFormat(format: JsonObject | null): ChatRequest['format'] {
  if (format?.type === 'json_schema') return 'json_schema';
  return format?.type === 'json_object' ? 'json_object' : 'text';
}

function asObjects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject).filter((item) => item !== null) : [];
}

function isNonEmptyString(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
