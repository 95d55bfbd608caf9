/** Whether to send again, and when: one table, no clock, no network. A paid request is never sent twice unless the first provably bought nothing. */
import type { ExitName } from '../base/errors.ts';
import { isSwitchedOff } from './blocked.ts';
import { sendCodes } from './send-error.ts';
import { type Failure, isTlsCode } from './verdict.ts';

const MAX_TRIES = 3;
const SHORTEST_MS = 500;
const LONGEST_MS = 8000;

/** Verdicts by the error's own code that no retry changes, whatever the HTTP status. */
const settled: ReadonlySet<ExitName> = new Set(['balance', 'refused', 'already_retrieved']);

/** Statuses after which a free request may be tried again. */
const freeStatuses = new Set([408, 425, 429]);

export interface RetryRules {
  paid: boolean;
  /** A longer Retry-After than this is not waited for, in ms. */
  maxWaitMs: number;
  /** In all; default 3. */
  maxTries?: number | undefined;
}

/** Milliseconds to wait before the next try, or null to give up. `tried` counts from 1; `random` is uniform in [0, 1). */
export function retryWait(
  failure: Failure,
  tried: number,
  rules: RetryRules,
  random: number,
): number | null {
  if (tried >= (rules.maxTries ?? MAX_TRIES) || !mayRepeat(failure, rules.paid)) return null;
  const requested = failure.kind === 'status' ? failure.retryAfterMs : null;
  if (requested === null) {
    const ceiling = Math.min(LONGEST_MS, 1000 * 2 ** tried);
    return SHORTEST_MS + random * (ceiling - SHORTEST_MS);
  }
  if (requested > rules.maxWaitMs) return null;
  // A server that says 0, or a date that is past, is not retried at once, and not three times in a row.
  return Math.max(requested, SHORTEST_MS * tried);
}

function mayRepeat(failure: Failure, paid: boolean): boolean {
  switch (failure.kind) {
    case 'never_arrived':
      return !isFinal(failure.error.details.code) && !isSwitchedOff(failure.error);
    case 'lost':
      return !paid && failure.error.retryable;
    case 'status':
      // The same in two seconds: an account without money, a text that breaks a rule.
      if (settled.has(failure.error.exit)) return false;
      if (paid && failure.error.billed !== 'no') return false;
      if (paid) return failure.inEnvelope && (failure.status === 429 || failure.status === 503);
      return failure.status >= 500 || freeStatuses.has(failure.status);
  }
}

/** A certificate, or a proxy's refusal, is the same in two seconds; so is a request that cannot be written. */
function isFinal(code: string | undefined): boolean {
  return isTlsCode(code) || code === sendCodes.proxy || code?.startsWith('ERR_') === true;
}

/** `Retry-After` as seconds or an HTTP date, in ms from `now` (ms since 1970), never below 0; null when absent or unreadable. */
export function readRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  // The three forms of an HTTP date name a weekday and a time; Date.parse alone would read a year into anything.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s.*\d\d:\d\d:\d\d/i.test(text)) return null;
  // An asctime date names no zone and means GMT.
  const date = Date.parse(/GMT|UTC|[+-]\d{4}$/i.test(text) ? text : `${text} GMT`);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** `X-RateLimit-Reset` in ms from `now`: milliseconds or seconds since 1970 by their size, else seconds from now; null when absent or unreadable. */
export function readLimitReset(header: string | null, now: number): number | null {
  const text = header?.trim() ?? '';
  if (!/^\d{1,16}(\.\d+)?$/.test(text)) return null;
  const value = Number(text);
  if (value > 1e12) return Math.max(0, value - now);
  return value > 1e9 ? Math.max(0, value * 1000 - now) : value * 1000;
}
