/** `alltoken sessions show` and `export`: one conversation, to read or to take elsewhere. */
import type { Deps } from '../../base/deps.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { SessionOverview } from '../../schemas/sessions.ts';
import type { Conversation } from '../../work/ask/conversations.ts';
import { exportedMessages, markdownText } from '../../work/sessions/export.ts';
import { roleOf, wholeText } from '../../work/sessions/message-text.ts';
import { overviewOf } from '../../work/sessions/overview.ts';
import { findSession } from '../../work/sessions/shelf.ts';
import { sessionsDocument } from './document.ts';

type Events = AsyncGenerator<OutputEvent, void, undefined>;

export async function* showSession(name: string, deps: Deps): Events {
  const { conversation, session } = await open(name, deps);
  yield* damageOf(session);
  const turns = conversation.turns.map(({ at, gateway, model, system, messages }) => ({
    at,
    gateway,
    model,
    system,
    messages: messages.map((message) => ({
      role: roleOf(message),
      text: wholeText(message),
    })),
  }));
  const parts = turns.map(({ at, model, system, messages }, index) => {
    const head = `[${index + 1}] ${at.replace('T', ' ').slice(0, 16)} ${model}`.trimEnd();
    const said = messages.map(({ role, text }) =>
      role === 'assistant' ? text : quoted(text, role === 'user' ? '> ' : `${role}> `),
    );
    return [head, ...(system === null ? [] : [quoted(system, 'system> ')]), ...said].join('\n\n');
  });
  yield {
    type: 'output',
    content: { text: parts.map((part) => `${part.trimEnd()}\n`).join('\n') },
    document: sessionsDocument({ command: 'sessions show', session, turns }),
  };
}

export async function* exportSession(name: string, deps: Deps): Events {
  const { conversation, session } = await open(name, deps);
  yield* damageOf(session);
  const messages = exportedMessages(conversation.turns);
  yield {
    type: 'output',
    content: { text: markdownText(name, messages) },
    document: sessionsDocument({
      command: 'sessions export',
      session,
      model: session.model,
      messages,
    }),
  };
}

async function open(
  name: string,
  deps: Deps,
): Promise<{ conversation: Conversation; session: SessionOverview }> {
  const { conversation, changedAt } = await findSession(name, deps);
  return { conversation, session: overviewOf(conversation, changedAt) };
}

async function* damageOf({ name, damaged_lines: count }: SessionOverview): Events {
  if (count === 0) return;
  const what = count === 1 ? 'line is' : 'lines are';
  yield { type: 'warning', message: `${name}: ${count} damaged ${what} skipped` };
}

function quoted(text: string, mark: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${mark}${line}`.trimEnd())
    .join('\n');
}
