/** Reads what a reply says of rate limits, as it was sent. It waits for nothing; retries have rules of their own. */
import type { ReplyHeaders, Send } from '../base/deps.ts';
import type { RateLimit } from '../schemas/common.ts';

/** The first that is there counts: the vendors' form, the IETF draft's, and the one of servers with a limit for requests and one for tokens. */
const spellings = ['x-ratelimit-*', 'ratelimit-*', 'x-ratelimit-*-requests'] as const;

/** Longer ones are no limits. */
const MAX_LENGTH = 100;

/** null where the reply says nothing of limits. */
export function readRateLimit(headers: ReplyHeaders): RateLimit | null {
  const read = (part: string): number | string | null => {
    for (const spelling of spellings) {
      const value = headers.get(spelling.replace('*', part))?.trim();
      if (value) return asSent(value);
    }
    return null;
  };
  const found = { limit: read('limit'), remaining: read('remaining'), reset: read('reset') };
  return Object.values(found).every((value) => value === null) ? null : found;
}

/** A plain number as one; anything else (`6m0s`, a date, two limits) as its text. */
function asSent(value: string): number | string {
  const number = Number(value);
  return /^\d{1,15}(\.\d+)?$/.test(value) && Number.isFinite(number)
    ? number
    : value.slice(0, MAX_LENGTH);
}

/** `rate_limit=599/600 reset=1764597600`: for a line of -v; '' without limits. */
export function rateLimitWords(limits: RateLimit | null): string {
  if (limits === null) return '';
  const { limit, remaining, reset } = limits;
  const count = `rate_limit=${remaining ?? '?'}/${limit ?? '?'}`;
  return reset === null ? count : `${count} reset=${reset}`;
}

/** Wraps `send` and passes on the limits of each reply that has some. */
export function withRateLimits(send: Send, onLimits: (limits: RateLimit) => void): Send {
  return async (request) => {
    const reply = await send(request);
    const limits = readRateLimit(reply.headers);
    if (limits !== null) onLimits(limits);
    return reply;
  };
}
