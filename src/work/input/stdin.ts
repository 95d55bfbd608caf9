/** The standard input of `chat`: read completely when it is a pipe, with a time-out when nothing is ever written to it. */

import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { runStep, say } from '../../base/next-step.ts';

/** More than any model accepts; stops a mistake such as piping in a disk image. */
const MAX_BYTES = 32 * 1024 * 1024;
const NOTE_AFTER_MS = 2_000;
const GIVE_UP_AFTER_MS = 10_000;

type InputDeps = Pick<Deps, 'stdin' | 'clock' | 'signal'>;

/**
 * All bytes until end of file. `patient`: wait without a limit (`-`, or no prompt); otherwise yields 'slow' after 2 s
 * without a byte and throws `CliError` usage after 10 s: a parent process left the pipe open and will never write.
 */
export async function* readStdin(
  deps: InputDeps,
  patient: boolean,
): AsyncGenerator<'slow', Uint8Array, undefined> {
  const chunks = deps.stdin.chunks()[Symbol.asyncIterator]();
  const stopped = rejectWhenAborted(deps.signal);
  try {
    const first = chunks.next();
    first.catch(() => {}); // awaited below; until then a rejection counts as handled
    if (!patient && !(await comesWithin(first, NOTE_AFTER_MS, deps))) {
      yield 'slow';
      if (!(await comesWithin(first, GIVE_UP_AFTER_MS - NOTE_AFTER_MS, deps))) throw silent();
    }
    return await collect(first, chunks, stopped.promise);
  } finally {
    stopped.forget();
    // Not awaited: a read that never ends would block here.
    void chunks.return?.();
  }
}

async function collect(
  first: Promise<IteratorResult<Uint8Array>>,
  chunks: AsyncIterator<Uint8Array>,
  stopped: Promise<never>,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  let next = await Promise.race([first, stopped]);
  while (!next.done) {
    size += next.value.length;
    if (size > MAX_BYTES)
      throw new CliError('usage', 'standard input is larger than 32 MB', {
        code: 'stdin_too_large',
        next: say(
          'pass a part of it: head -c 30M input.txt | alltoken chat "your question"',
          'shell',
        ),
      });
    parts.push(next.value);
    next = await Promise.race([chunks.next(), stopped]);
  }
  return Buffer.concat(parts);
}

/** False when the time passed first; rejects on a signal. */
async function comesWithin(first: Promise<unknown>, ms: number, deps: InputDeps): Promise<boolean> {
  const settled = new AbortController();
  const pause = deps.clock.sleep(ms, AbortSignal.any([deps.signal, settled.signal]));
  const late = pause.then(() => false);
  late.catch(() => {}); // when the input arrives first, the pause rejects
  try {
    return await Promise.race([first.then(() => true), late]);
  } finally {
    settled.abort(new Error('no longer needed'));
  }
}

/** To race a read against; the caller forgets it when the read is over. */
export function rejectWhenAborted(signal: AbortSignal): {
  promise: Promise<never>;
  forget(): void;
} {
  let listener = (): void => {};
  const promise = new Promise<never>((_resolve, reject) => {
    listener = () => reject(signal.reason);
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener, { once: true });
  });
  promise.catch(() => {});
  return { promise, forget: () => signal.removeEventListener('abort', listener) };
}

function silent(): CliError {
  return new CliError('usage', 'standard input is open, but no data arrived within 10 s', {
    code: 'stdin_silent',
    next: {
      do: 'say',
      words: 'add --no-stdin or </dev/null to skip it, or - to wait for it',
      for: 'shell',
    },
  });
}

/** UTF-8 text of the input, without a byte order mark; throws `CliError` usage for other bytes. */
export function stdinText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CliError('usage', 'standard input is not UTF-8 text', {
      code: 'stdin_not_text',
      next: {
        ...runStep(['chat', '-f', '-'], '"what is this?" <image.png'),
        why: 'pass an image with',
      },
    });
  }
}
