/** Compares this machine's clock with the gateway's. It never sets a clock. */
import type { Send } from '../../base/deps.ts';
import { durationWords } from '../../base/duration.ts';
import { CliError } from '../../base/errors.ts';
import type { Gateway } from '../../gateways/types.ts';
import type { Found } from './check.ts';

/** A larger difference breaks what depends on time; in ms. */
const tolerance = 5 * 60_000;

/** Wraps `send` and records, for each response with a date, how many ms `now` is ahead of it. */
export function withSkews(send: Send, skews: number[], now: () => number): Send {
  return async (request) => {
    const reply = await send(request);
    const at = Date.parse(reply.headers.get('date') ?? '');
    // A cache repeats the date of the first response, with its age.
    const age = Number(reply.headers.get('age') ?? 0);
    if (!Number.isNaN(at)) skews.push(now() - at - (age > 0 ? age * 1000 : 0));
    return reply;
  };
}

/** The smallest difference counts: a late or cached response can only increase it. Throws `local_io` when it is too large. */
export function checkClock({ embedded }: Gateway, skews: readonly number[]): Found<null> {
  // It uses the same clock.
  if (embedded) return { value: null, detail: 'not compared: the gateway uses the same clock' };
  const skew = [...skews].sort((a, b) => Math.abs(a) - Math.abs(b))[0];
  if (skew === undefined) return { value: null, detail: 'not compared: the gateway sent no date' };
  if (Math.abs(skew) <= tolerance) return { value: null, detail: "matches the gateway's" };
  const side = skew < 0 ? 'behind' : 'ahead of';
  throw new CliError(
    'local_io',
    `this clock is ${durationWords(Math.abs(skew))} ${side} the gateway's: presigned URLs and daily budgets will fail`,
    { code: 'clock_skew' },
  );
}
