/** What is known of a conversation without reading it to anybody: its size, age, model and first words. */
import { oneLine, shorten } from '../../base/json.ts';
import type { SessionOverview } from '../../schemas/sessions.ts';
import type { Conversation } from '../ask/conversations.ts';
import { modelOf } from '../ask/model-of.ts';
import { contentOf, messageText, roleOf } from './message-text.ts';

const MAX_WORDS = 200;
const MAX_NAME = 100;

/** `changedAt`: of the file, in ms since 1970, where no turn has a time. */
export function overviewOf(
  { name, turns, damaged }: Conversation,
  changedAt: number,
): SessionOverview {
  const last = turns.at(-1);
  // What goes on with it: a search has a model of its own.
  const model = last && (modelOf(turns, last.gateway, 'chat') ?? last.model);
  const first = turns[0];
  const opening = first?.messages.find((message) => roleOf(message) === 'user');
  const words = opening === undefined ? '' : oneLine(messageText(contentOf(opening)));
  return {
    name,
    turns: turns.length,
    model: nameOf(model),
    gateway: nameOf(last?.gateway),
    created_at: isoTime(first?.at) ?? null,
    changed_at: isoTime(last?.at) ?? new Date(changedAt).toISOString(),
    first_words: shorten(words, MAX_WORDS),
    damaged_lines: damaged,
  };
}

function isoTime(text: string | undefined): string | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

function nameOf(text: string | undefined): string | null {
  return text ? shorten(oneLine(text), MAX_NAME) : null;
}
