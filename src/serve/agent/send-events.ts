/** Sends the log of a session as server-sent events: what is there, and then what comes. A slow reader holds up itself only. */
import type { Clock } from '../../base/deps.ts';
import { untilDrained } from '../drain.ts';
import type { Visit } from '../service.ts';
import type { EventLog } from './event-log.ts';

/** So often something is sent, ms: what stands between us and the client closes silent connections. */
export const HEARTBEAT_MS = 15_000;

/** Events that are written at once. */
const BATCH = 100;

export interface Wish {
  /** The number of the last event that the client has. */
  after: number;
  /** There will be no more; the log wakes when this changes. */
  isOver(): boolean;
}

export async function sendEvents(
  { response, cors }: Pick<Visit, 'response' | 'cors'>,
  log: EventLog,
  { after, isOver }: Wish,
  clock: Pick<Clock, 'after'>,
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    ...cors,
  });
  response.flushHeaders();
  let at = after;
  while (!response.destroyed) {
    const { oldest } = log;
    if (at + 1 < oldest) {
      response.write(`event: gap\ndata: ${JSON.stringify({ type: 'gap', after: at, oldest })}\n\n`);
      at = oldest - 1;
    }
    const entries = log.after(at, BATCH);
    for (const { id, type, text } of entries)
      response.write(`id: ${id}\nevent: ${type}\ndata: ${text}\n\n`);
    at = entries.at(-1)?.id ?? at;
    if (entries.length > 0) await untilDrained(response);
    else if (isOver()) break;
    else if ((await news(response, log, clock)) === 'none') response.write(': heartbeat\n\n');
  }
  response.end();
}

function news(
  response: Visit['response'],
  log: EventLog,
  clock: Pick<Clock, 'after'>,
): Promise<'some' | 'none'> {
  return new Promise((resolve) => {
    const done = (what: 'some' | 'none'): void => {
      stopTimer();
      stopListening();
      response.off('close', left);
      resolve(what);
    };
    const left = (): void => done('some');
    const stopTimer = clock.after(HEARTBEAT_MS, () => done('none'));
    const stopListening = log.onChange(() => done('some'));
    response.on('close', left);
  });
}
