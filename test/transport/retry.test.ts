import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/base/errors.ts';
import { retryWait } from '../../src/transport/retry.ts';
import type { Failure } from '../../src/transport/verdict.ts';

const CAP = 60_000;

const neverArrived = (code = 'ECONNREFUSED'): Failure => ({
  kind: 'never_arrived',
  error: new CliError('network', 'cannot reach it', { code }),
});

const lost = (exit: 'network' | 'timeout' | 'outcome_unknown'): Failure => ({
  kind: 'lost',
  error: new CliError(exit, 'it broke'),
});

const stopped: Failure = { kind: 'lost', error: new CliError('sigint', 'stopped by SIGINT') };

const status = (
  code: number,
  inEnvelope: boolean,
  retryAfterMs: number | null = null,
): Failure => ({
  kind: 'status',
  status: code,
  inEnvelope,
  retryAfterMs,
  error: new CliError('upstream', 'no'),
});

const wait = (failure: Failure, paid: boolean, tried = 1, random = 0.5): number | null =>
  retryWait(failure, tried, { paid, maxWaitMs: CAP }, random);

/** Which of the first three tries are followed by another. */
const tries = (failure: Failure, paid: boolean): boolean[] =>
  [1, 2, 3].map((tried) => wait(failure, paid, tried) !== null);

const twice = [true, true, false];
const never = [false, false, false];

describe('a free request goes out again', () => {
  test.each([
    ['never arrived', neverArrived(), twice],
    ['name resolution failed', neverArrived('EAI_AGAIN'), twice],
    ['lost on the way', lost('network'), twice],
    ['no byte in time', lost('timeout'), twice],
    ['stopped by a signal', stopped, never],
    ...[408, 425, 429, 500, 502, 503, 504].flatMap((code) => [
      [`${code} of the gateway`, status(code, true), twice] as const,
      [`${code} of somebody else`, status(code, false), twice] as const,
    ]),
    ...[301, 307, 400, 401, 402, 403, 404, 409, 410, 413, 415, 422].map(
      (code) => [`${code}`, status(code, true), never] as const,
    ),
  ] as const)('%s', (_, failure, expected) => {
    expect(tries(failure, false)).toEqual(expected);
  });
});

describe('a paid request goes out again only when it bought nothing for sure', () => {
  test.each([
    ['never arrived', neverArrived(), twice],
    ['name resolution failed', neverArrived('EAI_AGAIN'), twice],
    ['lost on the way', lost('outcome_unknown'), never],
    ['lost on the way, whatever it is called', lost('network'), never],
    ['no byte in time', lost('timeout'), never],
    ['stopped by a signal', stopped, never],
    ['429 of the gateway', status(429, true), twice],
    ['429 of somebody else', status(429, false), never],
    ['503 of the gateway', status(503, true), twice],
    ['503 of somebody else', status(503, false), never],
    ...[408, 425, 500, 502, 504].flatMap((code) => [
      [`${code} of the gateway`, status(code, true), never] as const,
      [`${code} of somebody else`, status(code, false), never] as const,
    ]),
    ...[301, 307, 400, 401, 402, 403, 404, 409, 410, 413, 415, 422].map(
      (code) => [`${code}`, status(code, true), never] as const,
    ),
  ] as const)('%s', (_, failure, expected) => {
    expect(tries(failure, true)).toEqual(expected);
  });
});

describe('what will be the same next time is not tried again', () => {
  test.each([
    ['a request that cannot be written', 'ERR_INVALID_CHAR', 'cannot reach it'],
    ['a proxy that refuses', 'proxy', 'cannot reach it: the proxy answered 407 to CONNECT'],
    ['a bad certificate', 'CERT_HAS_EXPIRED', 'cannot reach it: TLS failed (CERT_HAS_EXPIRED)'],
  ])('%s', (_, code, message) => {
    const failure: Failure = {
      kind: 'never_arrived',
      error: new CliError('network', message, { code }),
    };
    expect(tries(failure, false)).toEqual(never);
    expect(tries(failure, true)).toEqual(never);
  });
});

describe('the wait before the next try', () => {
  test.each([
    [1, 0, 500, 500],
    [1, 0.999999, 1000, 2000],
    [2, 0, 500, 500],
    [2, 0.999999, 2000, 8000],
  ])('after try %i with random %d is between %i and %i ms', (tried, random, least, most) => {
    for (const paid of [false, true]) {
      const ms = wait(neverArrived(), paid, tried, random);
      expect(ms).toBeGreaterThanOrEqual(least);
      expect(ms).toBeLessThanOrEqual(most);
    }
  });

  test('is what the server asked for, up to the cap', () => {
    for (const asked of [1000, 1700, 30_000, CAP]) {
      expect(wait(status(429, true, asked), true)).toBe(asked);
      expect(wait(status(503, false, asked), false)).toBe(asked);
      expect(wait(status(429, true, asked), true, 2)).toBe(asked);
    }
  });

  test('W24: is half a second and growing, however little the server asks for', () => {
    for (const asked of [0, 1, 499]) {
      expect(wait(status(429, true, asked), true)).toBe(500);
      expect(wait(status(429, true, asked), true, 2)).toBe(1000);
    }
  });

  test('is not waited for when the server asks for more than the cap', () => {
    for (const asked of [CAP + 1, 3_600_000, Number.MAX_SAFE_INTEGER])
      for (const paid of [false, true]) expect(wait(status(429, true, asked), paid)).toBeNull();
  });

  test('with a cap of 0 happens only when the server names no time', () => {
    const none = { paid: true, maxWaitMs: 0 };
    expect(retryWait(status(429, true, 1), 1, none, 0.5)).toBeNull();
    expect(retryWait(status(429, true), 1, none, 0.5)).toBeGreaterThanOrEqual(500);
  });

  test('does not make a request repeatable that is not', () => {
    expect(wait(status(400, true, 1000), false)).toBeNull();
    expect(wait(status(502, true, 1000), true)).toBeNull();
    expect(wait(status(429, true, 1000), true, 3)).toBeNull();
  });
});
