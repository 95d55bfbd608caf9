/** Reads the body of a chat request, as strictly as the real gateway, and keeps what the sandbox uses. It never answers. */

import { asObject, type JsonObject, objectsIn } from '../base/json.ts';
import { parseJsonObject } from './body.ts';
import { invalid } from './envelope.ts';
import { type Message, readMessages } from './messages.ts';
import { checkOptions } from './request-options.ts';

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
  const tools = objectsIn(fields.tools).map(readTool);
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

function isNonEmptyString(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
