/** A conversation as a file for people or programs. It writes none. */
import { isRecord } from '../../base/json.ts';
import type { Conversation, Message } from './conversations.ts';

type Told = Pick<Conversation, 'turns'>;

/** A heading for each message, and its text as it is. */
export function conversationMarkdown({ turns }: Told): string {
  let system: string | null = null;
  const parts = turns.flatMap((turn) => {
    const isNew = turn.system !== null && turn.system !== system;
    system = turn.system ?? system;
    const said = turn.messages.map((message) => {
      const who = message.role === 'user' ? 'You' : turn.model;
      const cut = message.role === 'assistant' && turn.cut ? ' (cut)' : '';
      return `## ${who}${cut}\n\n${textOf(message)}\n`;
    });
    return isNew ? [`## Instructions\n\n${turn.system}\n`, ...said] : said;
  });
  return parts.join('\n');
}

/** The messages as a request has them. */
export function conversationJson({ turns }: Told): string {
  const system = turns.findLast((turn) => turn.system !== null)?.system ?? '';
  const messages = turns.flatMap((turn) => turn.messages);
  const first = system === '' ? [] : [{ role: 'system', content: system }];
  return `${JSON.stringify({ messages: [...first, ...messages] }, null, 2)}\n`;
}

/** Images are named, not drawn. */
function textOf({ content }: Message): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => {
      if (!isRecord(part)) return '';
      if (typeof part.text === 'string') return part.text;
      const image = isRecord(part.image_url) ? part.image_url.url : null;
      if (typeof image !== 'string') return '';
      return image.startsWith('data:') ? '(an image)' : `(an image: ${image})`;
    })
    .join('\n\n');
}
