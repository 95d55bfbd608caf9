/** What polls of images and videos have in common: when to come again, and the faults that break a poll. It reads no task. */
import type { Call } from '../call.ts';
import { send } from '../envelope.ts';
import { takeFirst } from '../faults.ts';

/** Answers with trouble when a fault says so: a bare 503 and a dropped connection in turns. True when it did. */
export function brokenPoll({ exchange, faults, media }: Call): boolean {
  if (!takeFirst(faults, ['poll-errors'])) return false;
  exchange.notes.push('fault=poll-errors');
  media.turns.brokenPolls += 1;
  if (media.turns.brokenPolls % 2 === 1) send(exchange, 503, 'text/plain', 'Service Unavailable\n');
  else exchange.request.socket.destroy();
  return true;
}

interface PollWait {
  milliseconds: number;
  /** For the header: seconds. */
  retryAfter: string;
}

/** When to poll again: half a second, or what a fault makes of it. */
export function pollWait(call: Call): PollWait {
  return absurdWait(call) ?? { milliseconds: 500, retryAfter: '1' };
}

/** A day and less than nothing in turns; null when no fault asks for it. */
export function absurdWait({ exchange, faults, media }: Call): PollWait | null {
  if (!takeFirst(faults, ['absurd-poll'])) return null;
  exchange.notes.push('fault=absurd-poll');
  media.turns.absurdPolls += 1;
  const isFirst = media.turns.absurdPolls % 2 === 1;
  return { milliseconds: isFirst ? 86_400_000 : -1, retryAfter: 'soon' };
}
