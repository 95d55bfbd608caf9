/** This machine's clock against the gateway's. It sets none, and takes no time from anybody. */
import type { Send } from '../../base/deps.ts';
import { durationWords } from '../../base/duration.ts';
import { CliError } from '../../base/errors.ts';
import type { Gateway } from '../../gateways/types.ts';
import type { Found } from './check.ts';

/** Further apart, and things that count by time go wrong; in ms. */
const tolerance = 5 * 60_000;

/** The same way to send, which notes for each reply with a date by how many ms `now` is ahead of it. */
export function withSkews(send: Send, skews: number[], now: () => number): Send {
  return async (request) => {
    const reply = await send(request);
    const at = Date.parse(reply.headers.get('date') ?? '');
    // A cache repeats the date of the first reply, and says how long ago that was.
    const age = Number(reply.headers.get('age') ?? 0);
    if (!Number.isNaN(at)) skews.push(now() - at - (age > 0 ? age * 1000 : 0));
    return reply;
  };
}

/** The smallest difference counts: a late or stored reply only ever adds to it. Throws `local_io` when it is too large. */
export function checkClock({ embedded }: Gateway, skews: readonly number[]): Found<null> {
  // Its clock is ours.
  if (embedded) return { value: null, detail: 'not compared: this gateway has no other' };
  const skew = [...skews].sort((a, b) => Math.abs(a) - Math.abs(b))[0];
  if (skew === undefined)
    return { value: null, detail: 'not compared: the gateway did not tell the time' };
  if (Math.abs(skew) <= tolerance) return { value: null, detail: "as the gateway's" };
  const side = skew < 0 ? 'behind' : 'ahead of';
  throw new CliError(
    'local_io',
    `this clock is ${durationWords(Math.abs(skew))} ${side} the gateway's: presigned addresses and budgets by day will be wrong`,
    { code: 'clock_skew' },
  );
}
