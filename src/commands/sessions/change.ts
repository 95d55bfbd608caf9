/** `alltoken sessions remove` and `rename`. Nothing is changed unless all names are right. */
import type { Deps } from '../../base/deps.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { findPlaces } from '../../config/places.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { checkSessionName, sessionFile } from '../../work/ask/conversations.ts';
import { unknownSession } from '../../work/sessions/shelf.ts';
import { sessionsDocument } from './document.ts';

type Events = AsyncGenerator<OutputEvent, void, undefined>;

export async function* removeSessions(names: readonly string[], deps: Deps): Events {
  const directory = findPlaces(deps).sessions;
  const removed = [...new Set(names)];
  for (const name of removed) await checkThatItIsThere(name, directory, deps);
  for (const name of removed) {
    const file = sessionFile(directory, name, deps);
    await deps.files.remove(file).catch((error: unknown) => {
      throw notChanged(`remove ${file}`, error);
    });
  }
  yield {
    type: 'output',
    content: { text: removed.map((name) => `${name}\n`).join('') },
    document: sessionsDocument({ command: 'sessions remove', removed }),
  };
}

export async function* renameSession(from: string, to: string, deps: Deps): Events {
  const directory = findPlaces(deps).sessions;
  checkSessionName(to, '');
  await checkThatItIsThere(from, directory, deps);
  // As below, but the way out is not to remove the very conversation.
  if (from === to)
    throw new CliError('usage', `the conversation is called ${to} already`, {
      code: 'session_exists',
    });
  const file = sessionFile(directory, from, deps);
  const target = sessionFile(directory, to, deps);
  await moveTo(target, file, deps).catch((error: unknown) => {
    if (systemErrorCode(error) === 'EEXIST') throw taken(from, to);
    throw notChanged(`rename ${from}`, error);
  });
  yield {
    type: 'output',
    content: { text: `${to}\n` },
    document: sessionsDocument({ command: 'sessions rename', from, to }),
  };
}

/** Never over another file, also where two do it at once. A disk without second names gets a plain rename. */
async function moveTo(target: string, file: string, { files }: Deps): Promise<void> {
  try {
    await files.link(file, target);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST' || (await files.isTaken(target)))
      throw Object.assign(new Error(target), { code: 'EEXIST' });
    await files.rename(file, target);
    return;
  }
  await files.remove(file);
}

function taken(from: string, to: string): CliError {
  return new CliError('usage', `there is a conversation ${to} already`, {
    code: 'session_exists',
    next: runStep(['sessions', 'rename', from, `${to}-2`]),
  });
}

async function checkThatItIsThere(name: string, directory: string, deps: Deps): Promise<void> {
  checkSessionName(name, '');
  if (await deps.files.isTaken(sessionFile(directory, name, deps))) return;
  throw await unknownSession(name, directory, deps);
}

function notChanged(what: string, cause: unknown): CliError {
  return new CliError('local_io', `cannot ${what}: ${inPlainWords(cause)}`, {
    code: systemErrorCode(cause) ?? 'session_not_changed',
    billed: 'no',
    cause,
  });
}
