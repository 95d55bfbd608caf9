/** A conversation to take elsewhere: its messages as they are sent to the API, and as Markdown. */
import type { Turn } from '../ask/conversations.ts';
import { contentOf, roleOf, toolsOf, wholeText } from './message-text.ts';

interface Exported {
  role: string;
  content: unknown;
  /** Of an assistant that called tools, and of their results, as they are sent. */
  tool_calls?: unknown[];
  tool_call_id?: string;
}

/** The last instructions first. */
export function exportedMessages(turns: readonly Turn[]): Exported[] {
  const system = turns.findLast((turn) => turn.system !== null)?.system ?? null;
  return [
    ...(system === null ? [] : [{ role: 'system', content: system }]),
    ...turns.flatMap((turn) =>
      turn.messages.map((message) => ({
        role: roleOf(message),
        content: contentOf(message),
        ...toolsOf(message),
      })),
    ),
  ];
}

/** A heading for each message, and its text as it is. */
export function markdownText(title: string, messages: readonly Exported[]): string {
  const sections = messages.map((message) => {
    const { role } = message;
    const heading = `${role.slice(0, 1).toUpperCase()}${role.slice(1)}`;
    return `## ${heading}\n\n${wholeText(message).trimEnd()}\n`;
  });
  return [`# ${title}\n`, ...sections].join('\n');
}
