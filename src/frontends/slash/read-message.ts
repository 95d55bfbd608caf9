/** The message: one argument, or standard input. It looks for nothing in it. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { say } from '../../base/next-step.ts';
import { shellWord } from '../../base/shell-word.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { readStdin, stdinText } from '../../work/input/stdin.ts';

/** UTF-16 units. Longer ones are files. */
const MAX_LENGTH = 4 * 1024 * 1024;
const example = 'alltoken slash "/alltoken-chat Why is the sky blue?"';

type MessageDeps = Pick<Deps, 'stdin' | 'clock' | 'signal'>;

/** Throws `CliError` usage when there is none, more than one, or nobody ever writes it. */
export async function* readMessage(
  words: readonly string[],
  deps: MessageDeps,
): AsyncGenerator<OutputEvent, string, undefined> {
  if (words.length > 1)
    throw new CliError('usage', `one message is one argument; ${words.length} were given`, {
      code: 'too_many_words',
      next: say(`alltoken slash ${shellWord(shorten(oneLine(words.join(' ')), 200))}`),
    });
  const [word] = words;
  if (word === undefined && deps.stdin.isTerminal) throw noMessage();
  const message = word === undefined || word === '-' ? yield* piped(word === '-', deps) : word;
  if (message.trim() === '') throw noMessage();
  if (message.length > MAX_LENGTH)
    throw new CliError('usage', 'the message is longer than 4 MB', {
      code: 'message_too_long',
      next: say('attach a file: alltoken slash "/alltoken-chat -f notes.txt Sum this up"'),
    });
  return message;
}

async function* piped(
  patient: boolean,
  deps: MessageDeps,
): AsyncGenerator<OutputEvent, string, undefined> {
  const reading = readStdin(deps, patient);
  try {
    for (;;) {
      const { done, value } = await reading.next();
      if (done) return stdinText(value);
      yield { type: 'status', message: 'waiting for standard input' };
    }
  } catch (error) {
    // What it advises is for chat, whose input is no message.
    if (!(error instanceof CliError)) throw error;
    const { code } = error.details;
    const hint = code === 'stdin_silent' ? 'alltoken slash - waits as long as it takes' : example;
    throw new CliError(error.exit, error.message, { code, next: say(hint) });
  }
}

function noMessage(): CliError {
  return new CliError('usage', 'no message', { code: 'no_message', next: say(example) });
}
