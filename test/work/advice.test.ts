import { describe, expect, test } from 'vitest';
import { CliError, type ErrorDetails, type ExitName } from '../../src/base/errors.ts';
import type { NextStep } from '../../src/base/next-step.ts';
import { builtInGateways } from '../../src/gateways/index.ts';
import { adviseOn } from '../../src/work/advice.ts';
import type { Situation } from '../../src/work/situation.ts';
import { hintOf } from '../helpers/hint.ts';

const gateway = builtInGateways.get('alltoken') ?? null;

function situation(kind: Situation['kind']): Situation {
  return { kind, gateway, keySource: 'ALLTOKEN_API_KEY', maxRetryWaitMs: 1000 };
}

describe('what to do about a failure', () => {
  // A row for each row of the table: who asked, the exit name, the details, and what is said.
  const rows: [Situation['kind'], ExitName, ErrorDetails, RegExp][] = [
    ['chat', 'no_key', {}, /^alltoken config doctor -g alltoken$/],
    [
      'models',
      'auth',
      {},
      /^check the key in ALLTOKEN_API_KEY: alltoken config doctor -g alltoken$/,
    ],
    [
      'config doctor',
      'auth',
      {},
      /^check the key in ALLTOKEN_API_KEY, or get .*, then: alltoken config doctor$/,
    ],
    [
      'image',
      'balance',
      {},
      /^top up at \S+, then run the same command again; nothing was bought$/,
    ],
    ['config doctor', 'balance', {}, /^top up at \S+, then: alltoken config doctor$/],
    [
      'video',
      'forbidden',
      {},
      /^check what the key is allowed to do: alltoken config doctor -g alltoken$/,
    ],
    [
      'image',
      'not_found',
      {},
      /^alltoken image -g alltoken -m \S+ …, or: alltoken models --type image -g alltoken$/,
    ],
    ['models', 'not_found', {}, /^check the base URL https/],
    ['image', 'rejected', {}, /^fix what the message names$/],
    ['image', 'refused', {}, /^change the prompt/],
    ['models', 'rate_limited', {}, /^wait a moment, then run the same command again$/],
    [
      'chat',
      'rate_limited',
      { retryAfterMs: 0 },
      /^wait a moment, then run the same command again/,
    ],
    ['image', 'rate_limited', { retryAfterMs: 5000 }, /^wait 5 s, .*--max-retry-wait 5; nothing/],
    ['models', 'upstream', {}, /^run the same command again later$/],
    ['models', 'network', {}, /^check the connection .*: alltoken config doctor -g alltoken$/],
    ['chat', 'timeout', {}, /--connect-timeout 60; nothing was bought$/],
    ['image', 'protocol', { billed: 'unknown' }, /^it may have been billed; look at your usage/],
    ['image', 'task_failed', {}, /^it may have been billed; look at your usage/],
    ['image', 'outcome_unknown', {}, /^it may have been billed; look at your usage at https/],
    ['chat', 'local_io', { code: 'ENOSPC' }, /^free disk space, then run the same command again$/],
    ['chat', 'local_io', { code: 'EMFILE' }, /^allow more open files \(ulimit -n\), then run/],
    ['chat', 'network', { code: 'EMFILE' }, /^allow more open files \(ulimit -n\), then run/],
    ['image', 'budget', { code: 'max_cost', status: 402 }, /^raise the limit of the proxy, then/],
    [
      'image',
      'budget',
      { code: 'cost_unbounded', status: 402 },
      /^start the proxy without that limit, then/,
    ],
    ['chat', 'local_io', { code: 'EACCES' }, /^check its permissions, then run/],
    [
      'chat',
      'network',
      { code: 'CERT_HAS_EXPIRED' },
      /^if the clock of this machine is wrong, set/,
    ],
  ];
  test.each(rows)('%s, %s %j', (kind, exit, details, words) => {
    expect(hintOf(adviseOn(new CliError(exit, 'm', details), situation(kind)))).toMatch(words);
  });

  test('is what the error says itself, where it says something', () => {
    const next: NextStep = { do: 'say', words: 'own' };
    const error = adviseOn(new CliError('auth', 'm', { next }), situation('chat'));
    expect(hintOf(error)).toBe('own');
  });

  test('does not depend on the message', () => {
    const says = (message: string): unknown =>
      adviseOn(new CliError('network', message), situation('chat')).details.next;
    expect(says('TLS failed: stopped by SIGINT')).toEqual(says('anything'));
  });
});
