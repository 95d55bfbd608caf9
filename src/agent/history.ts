/** The list of messages, and the rule that it is valid before any request: every tool call has exactly one result, right behind it. Pure. */
import { isRecord, jsonText, plainCopy } from '../base/json.ts';
import { objectIn } from './arguments.ts';
import { usageError } from './failure.ts';
import type { AssistantMessage, ChatMessage, ToolCall, ToolMessage } from './types.ts';

/** Why a call has no result of its own. */
export type NoResult = 'aborted' | 'denied' | 'timeout';

export function resultMessage(callId: string, content: string): ToolMessage {
  return { role: 'tool', tool_call_id: callId, content };
}

function callsOf(message: ChatMessage | undefined): readonly ToolCall[] {
  return message?.role === 'assistant' ? (message.tool_calls ?? []) : [];
}

/** The calls of the last step that have no result yet, in their order. */
export function openCalls(messages: readonly ChatMessage[]): ToolCall[] {
  const at = messages.findLastIndex(({ role }) => role !== 'tool');
  const done = new Set(
    messages.slice(at + 1).flatMap((one) => (one.role === 'tool' ? [one.tool_call_id] : [])),
  );
  return callsOf(messages[at]).filter(({ id }) => !done.has(id));
}

/**
 * The list with one result for each call, and no result without a call. `missing`: the result of a call that has none. Returns
 * the list itself where nothing is to be mended.
 */
export function mended(
  messages: readonly ChatMessage[],
  missing: NoResult = 'aborted',
): readonly ChatMessage[] {
  const list: ChatMessage[] = [];
  let open = new Set<string>();
  let isMended = false;
  const close = (): void => {
    for (const id of open) list.push(resultMessage(id, JSON.stringify({ error: missing })));
    isMended ||= open.size > 0;
    open = new Set();
  };
  for (const message of messages) {
    if (message.role === 'tool') {
      if (open.delete(message.tool_call_id)) list.push(message);
      else isMended = true;
      continue;
    }
    close();
    list.push(message);
    open = new Set(callsOf(message).map(({ id }) => id));
  }
  close();
  return isMended ? list : messages;
}

const roles: ReadonlySet<unknown> = new Set(['system', 'user', 'assistant', 'tool', 'developer']);

/** A copy of messages from elsewhere. Throws `AllTokenError` usage for what is none. */
export function readMessages(messages: readonly ChatMessage[]): ChatMessage[] {
  if (!Array.isArray(messages)) throw usageError('messages is not a list', 'bad_messages');
  return messages.map((message: unknown, index) => {
    if (jsonText(message) === null || !isMessage(message))
      throw usageError(`messages[${index}] is not a message`, 'bad_messages');
    return asSent(plainCopy(message));
  });
}

/** Servers refuse arguments that are no object, and a list of calls that is null. */
function asSent(message: ChatMessage): ChatMessage {
  if (message.role !== 'assistant') return message;
  const { tool_calls: calls, ...rest } = message;
  if (calls == null) return rest;
  return { ...rest, tool_calls: calls.map(withObject) };
}

function withObject(call: ToolCall): ToolCall {
  const { arguments: text } = call.function;
  const isWhole = objectIn(text) !== null && text.trim() !== '';
  return isWhole ? call : { ...call, function: { ...call.function, arguments: '{}' } };
}

function isMessage(value: unknown): value is ChatMessage {
  if (!isRecord(value) || !roles.has(value.role)) return false;
  const { role, content, tool_calls: calls } = value;
  if (role === 'tool' && (typeof value.tool_call_id !== 'string' || typeof content !== 'string'))
    return false;
  if (calls != null && (role !== 'assistant' || !Array.isArray(calls) || !calls.every(isCall)))
    return false;
  const hasCalls = Array.isArray(calls) && calls.length > 0;
  return (
    typeof content === 'string' ||
    (Array.isArray(content) && content.every(isRecord)) ||
    (hasCalls && (content === null || content === undefined))
  );
}

function isCall(value: unknown): boolean {
  const called = isRecord(value) ? value.function : null;
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    isRecord(called) &&
    typeof called.name === 'string' &&
    typeof called.arguments === 'string'
  );
}

/** What a model said, as a message. A piece without text and calls is an empty answer. */
export function assistantMessage(text: string, calls: readonly ToolCall[]): AssistantMessage {
  if (calls.length === 0) return { role: 'assistant', content: text };
  return { role: 'assistant', content: text === '' ? null : text, tool_calls: [...calls] };
}
