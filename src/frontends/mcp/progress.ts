/** Reports progress to a host that requested it: the events of the command about once a second, else the elapsed time. */
import type { Deps } from '../../base/deps.ts';
import { oneLine } from '../../base/json.ts';
import type { OutputEvent } from '../../schemas/events.ts';

const TICK_MS = 1000;
/** So long nothing is said before the time is. */
const SILENCE_MS = 5000;

export interface Progress {
  onEvent(event: OutputEvent): void;
  /** Reports nothing more. */
  end(): void;
}

/** For a host that did not ask. */
export const noProgress: Progress = { onEvent() {}, end() {} };

/** `report` gets increasing numbers and a line. */
export function startProgress(
  report: (progress: number, message: string) => void,
  { clock }: Pick<Deps, 'clock'>,
): Progress {
  const startedAt = clock.monotonic();
  let toldAt = Number.NEGATIVE_INFINITY;
  let waiting: string | null = null;
  let characters = 0;
  let count = 0;

  function flush(): void {
    const now = clock.monotonic();
    if (waiting === null && now - Math.max(toldAt, startedAt) >= SILENCE_MS)
      waiting = `${Math.round((now - startedAt) / 1000)} s`;
    if (waiting === null || now - toldAt < TICK_MS) return;
    count += 1;
    report(count, waiting);
    waiting = null;
    toldAt = now;
  }

  const tick = (): void => {
    flush();
    stop = clock.after(TICK_MS, tick, 'background');
  };
  let stop = clock.after(TICK_MS, tick, 'background');
  return {
    onEvent(event) {
      if (event.type === 'delta') characters += event.text.length;
      waiting = wordsFor(event, characters) ?? waiting;
      flush();
    },
    end: () => stop(),
  };
}

function wordsFor(event: OutputEvent, characters: number): string | null {
  switch (event.type) {
    case 'delta':
      return `${characters.toLocaleString('en-US')} characters so far`;
    case 'reasoning':
      return 'the model thinks';
    case 'status':
      return oneLine(event.message);
    case 'retry':
      return `trying again: ${oneLine(event.reason)}`;
    case 'progress':
      if (event.phase === 'lines') return null;
      return event.total_bytes === null
        ? `${event.bytes.toLocaleString('en-US')} bytes`
        : `${Math.floor((event.bytes / event.total_bytes) * 100)} % downloaded`;
    default:
      return null;
  }
}
