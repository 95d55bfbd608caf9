/** `alltoken sessions list`: the conversations of this machine, newest first. */
import type { Deps } from '../../base/deps.ts';
import { agoWords } from '../../base/duration.ts';
import { shorten } from '../../base/json.ts';
import type { OutputEvent, Table } from '../../schemas/events.ts';
import type { SessionOverview } from '../../schemas/sessions.ts';
import { overviewOf } from '../../work/sessions/overview.ts';
import { openShelf } from '../../work/sessions/shelf.ts';
import { sessionsDocument } from './document.ts';
import type { ListFlags } from './options.ts';

/** Of a terminal that does not say. */
const USUAL_COLUMNS = 80;
/** What the other columns of the table take, about. */
const OTHER_COLUMNS = 50;

export async function* listSessions(
  { limit }: ListFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const warnings: string[] = [];
  const shelf = await openShelf(deps);
  const sessions: SessionOverview[] = [];
  for await (const { conversation, changedAt } of shelf.read((message) => warnings.push(message))) {
    sessions.push(overviewOf(conversation, changedAt));
    if (sessions.length === limit) break;
  }
  for (const message of warnings) yield { type: 'warning', message };
  const left = shelf.names.length - sessions.length;
  if (sessions.length === limit && left > 0)
    yield { type: 'status', message: `${left} older ones are left out; see --limit` };
  if (shelf.names.length === 0) yield { type: 'status', message: 'no conversation is saved' };
  yield {
    type: 'output',
    content:
      sessions.length === 0
        ? { text: '' }
        : { table: deps.stdout.isTerminal ? forPeople(sessions, deps) : forPipes(sessions) },
    document: sessionsDocument({
      command: 'sessions list',
      sessions,
      total: shelf.names.length,
      warnings,
    }),
  };
}

function forPeople(
  sessions: readonly SessionOverview[],
  { stdout, clock }: Pick<Deps, 'stdout' | 'clock'>,
): Table {
  const room = Math.max(20, (stdout.columns ?? USUAL_COLUMNS) - OTHER_COLUMNS);
  const now = clock.now();
  return {
    head: ['name', 'changed', 'turns', 'model', 'gateway', 'begins'],
    align: ['left', 'left', 'right', 'left', 'left', 'left'],
    optional: [4, 3],
    rows: sessions.map((session) => [
      session.name,
      agoWords(Date.parse(session.changed_at), now),
      String(session.turns),
      session.model ?? '',
      session.gateway ?? '',
      shorten(session.first_words, room),
    ]),
  };
}

/** name, time of the last turn, turns, model, gateway, first words */
function forPipes(sessions: readonly SessionOverview[]): Table {
  return {
    head: [],
    rows: sessions.map(({ name, changed_at, turns, model, gateway, first_words }) => [
      name,
      changed_at,
      String(turns),
      model ?? '',
      gateway ?? '',
      first_words,
    ]),
  };
}
