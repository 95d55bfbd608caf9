/** The messages of a chat request: what each holds, and that each tool call has its result. It reads nothing else of a request. */

import { asObject, type JsonObject, objectsIn, shorten } from '../base/json.ts';
import { invalid } from './envelope.ts';

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

/** Throws Rejection (400) that names what is wrong. */
export function readMessages(value: unknown): Message[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid('messages', 'messages is required and must be an array of at least one message.');
  }
  const messages = value.map((item: unknown, index) => readMessage(item, `messages[${index}]`));
  checkResults(messages);
  return messages;
}

/** As OpenAI and others want it: each call has one result, right after the message that has the call. */
function checkResults(messages: readonly Message[]): void {
  let open = new Set<string>();
  let caller = '';
  messages.forEach(({ callId, calls, role }, index) => {
    const at = `messages[${index}]`;
    if (role === 'tool') {
      if (open.delete(callId)) return;
      throw invalid(`${at}.tool_call_id`, `${at} is not the result of an open tool call.`);
    }
    checkNoneOpen(open, caller);
    open = new Set(calls.map(({ id }) => id));
    caller = at;
    if (open.size < calls.length) throw invalid(`${at}.tool_calls`, `${at} has an id twice.`);
  });
  checkNoneOpen(open, caller);
}

function checkNoneOpen(open: ReadonlySet<string>, caller: string): void {
  const [id] = open;
  if (id === undefined) return;
  const shown = JSON.stringify(shorten(id, 100));
  throw invalid(`${caller}.tool_calls`, `${caller} has a tool call without a result: ${shown}.`);
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
  const calls = role === 'assistant' ? objectsIn(message.tool_calls).map(readCall) : [];
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
