/** Reads what a reply says of rate limits, as it was sent. It waits for nothing; retries have rules of their own. */
import type { ReplyHeaders, Send } from '../base/deps.ts';
import type { RateLimit } from '../schemas/common.ts';

/** The first that is there counts: the vendors' form, the IETF draft's, and the one of servers with a limit for requests and one for tokens. */
const namesOf = (part: string): readonly string[] => [
  `x-ratelimit-${part}`,
  `ratelimit-${part}`,
  `x-ratelimit-${part}-requests`,
];
const names = {
  limit: namesOf('limit'),
  remaining: namesOf('remaining'),
  reset: namesOf('reset'),
};

/** Longer ones are no limits, and a part of one may be a part of a key. */
const MAX_LENGTH = 100;

/** null where the reply says nothing of limits. */
export function readRateLimit(headers: ReplyHeaders): RateLimit | null {
  const limit = read(headers, names.limit);
  const remaining = read(headers, names.remaining);
  const reset = read(headers, names.reset);
  return limit === null && remaining === null && reset === null
    ? null
    : { limit, remaining, reset };
}

function read(headers: ReplyHeaders, spellings: readonly string[]): number | string | null {
  for (const name of spellings) {
    const value = headers.get(name)?.trim();
    if (value && value.length <= MAX_LENGTH) return asSent(value);
  }
  return null;
}

/** A plain number as one; anything else (`6m0s`, a date, two limits) as its text. */
function asSent(value: string): number | string {
  const number = Number(value);
  return /^\d{1,15}(\.\d+)?$/.test(value) && Number.isFinite(number) ? number : value;
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
