/** Which conversation goes on, in one line for people. */
import { agoWords } from '../../base/duration.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { messageText } from '../sessions/message-text.ts';
import type { Turn } from './conversations.ts';

/** Of the newest prompt, in characters: enough to recognise it. */
const MAX_WORDS = 40;

/** `continuing work: 3 turns, the last 20 min ago: "Why is …"`, or that it is new. `now`: in ms since 1970. */
export function whichConversation(
  { name, turns }: { name: string | null; turns: readonly Turn[] },
  now: number,
): string {
  const last = turns.at(-1);
  if (last === undefined) return name === null ? 'new conversation' : `new conversation ${name}`;
  const at = Date.parse(last.at);
  const age = Number.isNaN(at) ? '' : `, the last ${agoWords(at, now)}`;
  const prompt = last.messages.find(({ role }) => role === 'user');
  const words = oneLine(messageText(prompt?.content ?? ''));
  const said = words === '' ? '' : `: "${shorten(words, MAX_WORDS)}"`;
  return `continuing ${name ?? 'it'}: ${turns.length} ${turns.length === 1 ? 'turn' : 'turns'}${age}${said}`;
}
