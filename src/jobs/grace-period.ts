/** Delays a signal for responses in flight: the id of a task that was just bought, or an image that is sent only once. It never cancels it. */
import type { Deps } from '../base/deps.ts';

const LAST_BYTES_MS = 3000;

export interface GracePeriod {
  readonly signal: AbortSignal;
  forget(): void;
}

/** Aborts some time after `signal`, with its reason. */
export function gracePeriod({ clock, signal }: Pick<Deps, 'clock' | 'signal'>): GracePeriod {
  const late = new AbortController();
  let cancel = (): void => {};
  const stop = (): void => {
    cancel = clock.after(LAST_BYTES_MS, () => late.abort(signal.reason));
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return {
    signal: late.signal,
    forget() {
      cancel();
      signal.removeEventListener('abort', stop);
    },
  };
}
