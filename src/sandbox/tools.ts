/** Tools in the sandbox: which of them an answer calls, and what it says of their results. It runs none. */
import { randomBytes } from 'node:crypto';
import { shorten } from '../base/json.ts';
import type { ShapingFault } from './fault-names.ts';
import type { Message } from './messages.ts';
import { placeholder } from './placeholder.ts';
import type { ChatRequest, Tool } from './request.ts';

export interface ToolCall {
  id: string;
  name: string;
  /** JSON text, unless it was cut on purpose, or the message that wanted the call had something else. */
  arguments: string;
}

/** As many as OpenAI takes tools; lines after these are text. */
const mostLines = 128;
const mostCharactersOfResult = 20_000;

/** A line of a message that wants a call: a name, and what follows it. */
const wantedLine = /^[ \t]*tool:[ \t]*(\S+)[ \t]*(.*)$/gm;

/** Used when a fault wants a call and the request brought no tools. */
const inventedTool: Tool = {
  name: 'sandbox_tool',
  parameters: { type: 'object', properties: { note: { type: 'string' } }, required: ['note'] },
};

/**
 * The calls that an answer makes; none where it is a text. Arguments are sent as they were written, be they JSON or not,
 * as a model may do; `{}` where none were. A call that is forced, or wanted by a fault, has placeholders of `note`.
 */
export function callsOf(
  request: ChatRequest,
  faults: ReadonlySet<ShapingFault>,
  note: string,
): ToolCall[] {
  const { callableTools, forcedTool, tools } = request;
  const wanted = wantedCalls(request).filter(({ name }) => isIn(callableTools, name));
  if (wanted.length > 0) {
    return wanted.map(({ name, text }) => newCall(name, text || '{}'));
  }
  const byFault = faults.has('tool-call') || faults.has('cut-tool-call');
  const tool = forcedTool ?? (byFault ? (tools[0] ?? inventedTool) : null);
  if (!tool) return [];
  const value = placeholder(tool.parameters ?? { type: 'object' }, note);
  return [newCall(tool.name, JSON.stringify(value))];
}

/** What the tools returned, a line each, where the conversation ends with that; else empty. */
export function resultsOf({ messages }: ChatRequest): string {
  const end = messages.findLastIndex(({ role }) => role !== 'tool');
  const results = messages.slice(end + 1);
  if (results.length === 0) return '';
  const calls = messages[end]?.calls ?? [];
  const lines = results.map(({ callId, text }) => {
    const name = calls.find(({ id }) => id === callId)?.name ?? callId;
    return `${name}: ${shorten(text, mostCharactersOfResult)}`;
  });
  return ['Its tools returned:', ...lines].join('\n');
}

/** A sentence about the first tool that the message wants and the request does not offer; else empty. */
export function missingTool(request: ChatRequest): string {
  const missing = wantedCalls(request).find(({ name }) => !isIn(request.tools, name));
  return missing ? `This request offers no tool ${JSON.stringify(shorten(missing.name, 64))}.` : '';
}

/** From the newest message, if it is the user's: what was called before is not called again. */
function wantedCalls({ messages }: ChatRequest): { name: string; text: string }[] {
  const newest: Message | undefined = messages.findLast(({ role }) => role !== 'system');
  if (newest?.role !== 'user') return [];
  const wanted: { name: string; text: string }[] = [];
  for (const [, name = '', text = ''] of newest.text.matchAll(wantedLine)) {
    if (wanted.push({ name, text: text.trim() }) === mostLines) break;
  }
  return wanted;
}

function isIn(tools: readonly Tool[], name: string): boolean {
  return tools.some((tool) => tool.name === name);
}

function newCall(name: string, text: string): ToolCall {
  return { id: `call_${randomBytes(12).toString('hex')}`, name, arguments: text };
}
