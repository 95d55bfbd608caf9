/** A stop that gives what is on its way a moment to arrive: the id of a task that was just bought, a picture that is told once. */

const LAST_BYTES_MS = 3000;

export interface GracePeriod {
  readonly signal: AbortSignal;
  forget(): void;
}

/** Aborts some time after `signal`, with its reason. */
export function gracePeriod(signal: AbortSignal): GracePeriod {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    timer = setTimeout(() => late.abort(signal.reason), LAST_BYTES_MS);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return {
    signal: late.signal,
    forget() {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    },
  };
}
