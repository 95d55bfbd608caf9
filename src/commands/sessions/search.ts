/** `alltoken sessions search`: the messages in which all the words stand. */
import type { Deps } from '../../base/deps.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { contentOf, messageText, roleOf } from '../../work/sessions/message-text.ts';
import { openShelf } from '../../work/sessions/shelf.ts';
import { sessionsDocument } from './document.ts';
import type { ListFlags } from './options.ts';

/** Characters before the first word, and of the whole excerpt. */
const BEFORE = 40;
const EXCERPT = 160;

interface Match {
  name: string;
  turn: number;
  at: string;
  role: string;
  excerpt: string;
}

export async function* searchSessions(
  words: readonly string[],
  { limit }: ListFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  // A word may be a phrase in quotes; the case does not matter.
  const wanted = words.map((word) => inOneLine(word).toLowerCase()).filter((word) => word !== '');
  const warnings: string[] = [];
  const matches: Match[] = [];
  const shelf = await openShelf(deps);
  for await (const { conversation } of shelf.read((message) => warnings.push(message))) {
    for (const [index, turn] of conversation.turns.entries())
      for (const message of turn.messages) {
        const excerpt = excerptOf(messageText(contentOf(message)), wanted);
        if (excerpt === null || matches.length > limit) continue;
        const { name } = conversation;
        matches.push({ name, turn: index + 1, at: turn.at, role: roleOf(message), excerpt });
      }
    if (matches.length > limit) break;
  }
  for (const message of warnings) yield { type: 'warning', message };
  if (matches.length > limit) yield { type: 'status', message: 'there are more; see --limit' };
  if (matches.length === 0) yield { type: 'status', message: 'nothing was found' };
  const shown = matches.slice(0, limit);
  const rows = shown.map(({ name, turn, role, excerpt }) => [name, String(turn), role, excerpt]);
  yield {
    type: 'output',
    content: deps.stdout.isTerminal
      ? {
          text: shown
            .map((match) => `${match.name} [${match.turn}] ${match.role}: ${match.excerpt}\n`)
            .join(''),
        }
      : { table: { head: [], rows } },
    document: sessionsDocument({ command: 'sessions search', matches: shown, warnings }),
  };
}

/** null where one of the words is missing. */
function excerptOf(text: string, wanted: readonly string[]): string | null {
  const line = inOneLine(text);
  const plain = line.toLowerCase();
  const [first = ''] = wanted;
  if (wanted.length === 0 || !wanted.every((word) => plain.includes(word))) return null;
  const from = Math.max(0, plain.indexOf(first) - BEFORE);
  const piece = line.slice(from, from + EXCERPT).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
  return `${from > 0 ? '…' : ''}${piece}${from + EXCERPT < line.length ? '…' : ''}`;
}

/** All of it, however long. */
function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
