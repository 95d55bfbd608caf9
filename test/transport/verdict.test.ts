import { describe, expect, test } from 'vitest';
import { CliError, type ExitName, exitCodes } from '../../src/base/errors.ts';
import { readErrorBody } from '../../src/transport/error-body.ts';
import { detailsOf, exitForInnerError, exitForStatus } from '../../src/transport/verdict.ts';

const envelope = (code: string | null) =>
  readErrorBody(JSON.stringify({ error: { code, message: 'm', type: 'api_error' } }), null);
const page = readErrorBody('<html><title>nginx</title></html>', null);

/** The exit code of a status: of the gateway and of somebody in between, for a free and for a paid request. */
function exits(status: number, code: string | null = null): number[] {
  return [envelope(code), page].flatMap((body) =>
    [false, true].map((paid) => exitCodes[exitForStatus(status, body, paid)].code),
  );
}

describe('the exit code of a status (gateway free, paid; somebody else free, paid)', () => {
  test.each([
    [400, [25, 25, 25, 25]],
    [401, [21, 21, 21, 21]],
    [402, [22, 22, 22, 22]],
    [403, [23, 23, 23, 23]],
    [404, [24, 24, 24, 24]],
    [405, [25, 25, 25, 25]],
    [409, [25, 25, 25, 25]],
    [410, [43, 43, 43, 43]],
    [413, [25, 25, 25, 25]],
    [415, [25, 25, 25, 25]],
    [418, [25, 25, 25, 25]],
    [422, [25, 25, 25, 25]],
    [429, [30, 30, 30, 30]],
    [500, [31, 31, 31, 46]],
    [501, [31, 31, 31, 46]],
    [502, [31, 31, 31, 46]],
    [503, [31, 31, 31, 46]],
    [504, [31, 31, 31, 46]],
    [529, [31, 31, 31, 46]],
    [300, [41, 41, 41, 41]],
    [301, [41, 41, 41, 41]],
    [302, [41, 41, 41, 41]],
    [303, [41, 41, 41, 41]],
    [304, [41, 41, 41, 41]],
    [307, [41, 41, 41, 41]],
    [308, [41, 41, 41, 41]],
  ])('%i', (status, expected) => {
    expect(exits(status)).toEqual(expected);
  });

  test.each([
    [400, 'upstream_content_violation', 26],
    [403, 'upstream_content_violation', 26],
    [500, 'upstream_content_violation', 26],
    [400, 'content_filter', 26],
    [410, 'image_already_retrieved', 42],
    [410, 'image_expired', 43],
    [410, 'result_expired', 43],
    [404, 'model_not_found', 24],
    [503, 'all_providers_failed', 31],
    [502, 'upstream_auth_failed', 31],
    [401, 'invalid_token', 21],
    [400, 'invalid_request', 25],
    [400, 'something_new', 25],
  ])('%i with %s is %i for a paid request', (status, code, exit) => {
    expect(exitCodes[exitForStatus(status, envelope(code), true)].code).toBe(exit);
  });

  test('follows the status, not a slug that contradicts it', () => {
    expect(exitForStatus(401, envelope('all_providers_failed'), true)).toBe('auth');
    expect(exitForStatus(402, envelope('rate_limited'), true)).toBe('balance');
    expect(exitForStatus(502, envelope('invalid_api_key'), true)).toBe('upstream');
  });
});

describe('the exit code of an error under status 200 or in a stream', () => {
  test.each<[code: string | number, exit: ExitName]>([
    ['upstream_content_violation', 'refused'],
    ['image_already_retrieved', 'already_retrieved'],
    ['image_expired', 'expired'],
    ['invalid_api_key', 'auth'],
    ['insufficient_balance', 'balance'],
    ['model_not_found', 'not_found'],
    ['invalid_request', 'rejected'],
    ['rate_limited', 'rate_limited'],
    ['all_providers_failed', 'upstream'],
    ['upstream_error', 'upstream'],
    [401, 'auth'],
    ['402', 'balance'],
    [429, 'rate_limited'],
    [503, 'upstream'],
    ['something_new', 'protocol'],
    [200, 'protocol'],
    [1234, 'protocol'],
    ['-1', 'protocol'],
    ['toString', 'protocol'],
    ['constructor', 'protocol'],
    ['__proto__', 'protocol'],
    ['invalid_model', 'rejected'],
    ['context_length_exceeded', 'rejected'],
    ['rate_limit_exceeded', 'rate_limited'],
    ['', 'protocol'],
  ])('%j is %s', (code, exit) => {
    const body = readErrorBody(JSON.stringify({ error: { message: 'm', code } }), null);
    expect(exitForInnerError(body)).toBe(exit);
  });

  test('without a code is a broken contract', () => {
    expect(exitForInnerError(envelope(null))).toBe('protocol');
    expect(exitForInnerError(page)).toBe('protocol');
  });
});

describe('a slug that is the name of something in JavaScript', () => {
  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])('%s', (code) => {
    expect(exitForStatus(400, envelope(code), true)).toBe('rejected');
    expect(exitForStatus(503, envelope(code), true)).toBe('upstream');
  });
});

describe('what is told of an error', () => {
  test('is all that the body says; the id in it goes before the header’s', () => {
    const body = readErrorBody(
      '{"error":{"code":"c","type":"t","message":"m","request_id":"body","task_id":"task"}}',
      409,
    );
    const details = detailsOf(body, { status: 409, requestId: 'header' });
    expect(details).toMatchObject({
      code: 'c',
      type: 't',
      status: 409,
      requestId: 'body',
      taskId: 'task',
    });
    expect(detailsOf(page, { requestId: 'header' }).requestId).toBe('header');
    expect(detailsOf(page, {}).requestId).toBeUndefined();
  });

  test.each<[ExitName, billed: string, retryable: boolean]>([
    ['auth', 'no', false],
    ['rejected', 'no', false],
    ['rate_limited', 'no', true],
    ['upstream', 'no', true],
    ['network', 'no', true],
    ['protocol', 'unknown', false],
    ['outcome_unknown', 'unknown', false],
  ])('%s: billed %s, retryable %s', (exit, billed, retryable) => {
    const error = new CliError(exit, 'm');
    expect([error.billed, error.retryable]).toEqual([billed, retryable]);
  });
});

describe('a field that is refused as such', () => {
  const details = (error: object) =>
    detailsOf(readErrorBody(JSON.stringify({ error: { message: 'no', ...error } }), 400), {});

  test.each([
    [{ code: 'unsupported_parameter', param: 'seed' }, 'seed'],
    [
      { code: 'invalid_request', param: 'stream_options.include_usage' },
      'stream_options.include_usage',
    ],
    [{ code: 'invalid_request', param: 'stream' }, 'stream'],
    [{ code: 'invalid_request', param: 'temperature' }, undefined],
    [{ code: 'unsupported_parameter' }, undefined],
  ])('%j: %s', (error, field) => expect(details(error).refusedField).toBe(field));
});
