/** A whole reply as the stream that the client has requested, in the fewest events that say the same. */
import { asObject, isRecord } from '../../base/json.ts';

/** `text`: a `chat.completion`. What it is otherwise is one event. */
export function chunksOf(text: string, wantsUsage: boolean): string[] {
  let reply: unknown;
  try {
    reply = JSON.parse(text);
  } catch {
    return [event(text.trim())];
  }
  const { choices, usage, ...top } = asObject(reply) ?? {};
  if (!Array.isArray(choices)) return [event(JSON.stringify(reply)), event('[DONE]')];
  const head = { ...top, object: 'chat.completion.chunk' };
  const content = choices.map((choice: unknown) => {
    const { message, ...rest } = asObject(choice) ?? {};
    return { ...rest, delta: isRecord(message) ? { ...message, ...indexed(message) } : {} };
  });
  return [
    event(JSON.stringify({ ...head, choices: content })),
    ...(wantsUsage && isRecord(usage)
      ? [event(JSON.stringify({ ...head, choices: [], usage }))]
      : []),
    event('[DONE]'),
  ];
}

/** Calls in pieces have an index. */
function indexed({ tool_calls: calls }: Record<string, unknown>): object {
  if (!Array.isArray(calls)) return {};
  return {
    tool_calls: calls.map((call: unknown, index) => ({ index, ...asObject(call) })),
  };
}

function event(data: string): string {
  return `data: ${data}\n\n`;
}
