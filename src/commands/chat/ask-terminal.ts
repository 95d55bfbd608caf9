/** Reads the reply to a question of one call at a terminal. What was typed before the question is on the screen is no reply. */
import type { Deps } from '../../base/deps.ts';
import { rejectWhenAborted } from '../../work/input/stdin.ts';

/** Longer than any reply. */
const MAX_REPLY = 100;
/** So long it takes for what was typed ahead to arrive, in ms. */
const AHEAD_MS = 20;

/** One line; null at the end of the input. Rejects with the reason of the signal. */
export async function askLine(
  show: () => Promise<void>,
  signal: AbortSignal,
  { stdin, clock }: Pick<Deps, 'stdin' | 'clock'>,
): Promise<string | null> {
  const chunks = stdin.chunks()[Symbol.asyncIterator]();
  const stopped = rejectWhenAborted(signal);
  const decoder = new TextDecoder();
  try {
    let next = chunks.next();
    // The end of the input, which may come at once, is an answer to any question.
    for (let isDry = false; !isDry; ) {
      const pause = clock.sleep(AHEAD_MS, signal).then(() => null);
      const ahead = await Promise.race([next, pause]);
      isDry = ahead === null || ahead.done === true;
      if (!isDry) next = chunks.next();
    }
    await show();
    let line = '';
    for (;;) {
      const { done, value } = await Promise.race([next, stopped.promise]);
      if (done) return null;
      line += decoder.decode(value, { stream: true });
      const [first = '', ...more] = line.split(/[\r\n]/);
      if (more.length > 0 || line.length > MAX_REPLY) return first;
      next = chunks.next();
    }
  } finally {
    stopped.forget();
    // Not awaited: a read that never ends would block here.
    void chunks.return?.();
  }
}
