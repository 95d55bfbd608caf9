/** Which conversation goes on, in one line for people. */
import { durationWords } from '../../base/duration.ts';
import type { Turn } from './conversations.ts';

const MINUTE_MS = 60_000;

/** `continuing work: 3 turns, 20 min ago`, or that it begins. `now`: in ms since 1970. */
export function conversationWords(
  { name, turns }: { name: string | null; turns: readonly Turn[] },
  now: number,
): string {
  const last = turns.at(-1);
  if (last === undefined) return name === null ? 'a new conversation' : `${name} begins`;
  const age = now - Date.parse(last.at);
  const ago = Number.isNaN(age) ? '' : `, ${ageWords(age)}`;
  return `continuing ${name ?? 'it'}: ${turns.length} ${turns.length === 1 ? 'turn' : 'turns'}${ago}`;
}

/** `just now`, `20 min ago`. */
export function ageWords(milliseconds: number): string {
  return milliseconds < MINUTE_MS ? 'just now' : `${durationWords(milliseconds)} ago`;
}
