/** What a message of a conversation says, for people. Nothing in a file is trusted: any JSON has a text. */
import { asObject, shorten } from '../../base/json.ts';

/** Of the address of a picture. */
const MAX_ADDRESS = 200;

/** The text, and a word for each other part; never the bytes of a picture. */
export function messageText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return content === null ? '' : '[unreadable content]';
  return content.map(partText).join('\n\n');
}

function partText(part: unknown): string {
  const fields = asObject(part);
  if (typeof fields?.text === 'string') return fields.text;
  const url = asObject(fields?.image_url)?.url;
  if (typeof url !== 'string') return '[unreadable part]';
  const data = /^data:([\w.+/-]{1,80})/.exec(url);
  if (data !== null) return `[${data[1]}, ${Math.ceil((url.length * 3) / 4 / 1000)} KB]`;
  // What is behind the question mark may open the file to whoever has it.
  return `[image ${shorten(url.replace(/[?#].*/s, ''), MAX_ADDRESS)}]`;
}

/** The text, and a line for each call of a tool. */
export function wholeText(message: unknown): string {
  const calls = toolsOf(message).tool_calls ?? [];
  const lines = calls.map((call) => {
    const { name, arguments: args } = asObject(asObject(call)?.function) ?? {};
    return `[tool_call] ${String(name)}(${String(args)})`;
  });
  return [messageText(contentOf(message)), ...lines].filter((text) => text !== '').join('\n\n');
}

/** What a message of a tool, or with calls of tools, has beside its content. */
export function toolsOf(message: unknown): { tool_calls?: unknown[]; tool_call_id?: string } {
  const { tool_calls: calls, tool_call_id: id } = asObject(message) ?? {};
  return {
    ...(Array.isArray(calls) && { tool_calls: calls }),
    ...(typeof id === 'string' && { tool_call_id: id }),
  };
}

export function roleOf(message: unknown): string {
  const role = asObject(message)?.role;
  return typeof role === 'string' ? shorten(role, 20) : 'unknown';
}

export function contentOf(message: unknown): unknown {
  return asObject(message)?.content ?? null;
}
