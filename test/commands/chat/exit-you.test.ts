import { describe, test } from 'vitest';
import { answerWell, ask, envelope, stream, whole } from '../../helpers/ask.ts';
import { type ExpectedFailure, expectFailure } from '../../helpers/expect-failure.ts';
import { chunk } from '../../helpers/server.ts';

const nothingSent = { billed: 'no', requests: 0, inLedger: false } as const;
/** The gateway said no in its envelope: asked once, nothing bought. */
const refusedOnce = { billed: 'no', requests: 1, inLedger: true, requestId: 'req-err' } as const;

describe('chat ends with a code of the twenties when the person must act', () => {
  test('2: a bad value', async () => {
    await expectFailure((...format) => ask(answerWell, ['--temperature', '3', 'Hi', ...format]), {
      ...nothingSent,
      exit: 2,
      name: 'usage',
      code: 'invalid_argument',
      message: /--temperature.*'3'.*from 0 to 2/,
      hint: /alltoken chat --help/,
    });
  });

  test('2: no prompt', async () => {
    await expectFailure((...format) => ask(answerWell, format), {
      ...nothingSent,
      exit: 2,
      name: 'usage',
      code: 'no_prompt',
      message: /no prompt/,
      hint: /alltoken chat "/,
    });
  });

  test('20: no key', async () => {
    const env = { ALLTOKEN_API_KEY: undefined as unknown as string };
    await expectFailure((...format) => ask(answerWell, ['Hi', ...format], { env }), {
      ...nothingSent,
      exit: 20,
      name: 'no_key',
      code: 'missing_key',
      message: /ALLTOKEN_API_KEY is not set/,
      hint: /export ALLTOKEN_API_KEY=/,
    });
  });

  test('20: a malformed key', async () => {
    const env = { ALLTOKEN_API_KEY: '"sk-at-quoted-0123456789"' };
    await expectFailure((...format) => ask(answerWell, ['Hi', ...format], { env }), {
      ...nothingSent,
      exit: 20,
      name: 'no_key',
      code: 'malformed_key',
      message: /malformed key in ALLTOKEN_API_KEY: it has quotes around it/,
      hint: /config doctor/,
    });
  });

  const verdicts: [number, string, Partial<ExpectedFailure> & { exit: number; name: string }][] = [
    [401, 'invalid_api_key', { exit: 21, name: 'auth', hint: /ALLTOKEN_API_KEY.*config doctor/ }],
    [402, 'insufficient_balance', { exit: 22, name: 'balance', hint: /top up at https:/ }],
    [403, 'forbidden', { exit: 23, name: 'forbidden', hint: /config doctor/ }],
    [404, 'model_not_found', { exit: 24, name: 'not_found', hint: /alltoken chat .*-m gpt-/ }],
    [400, 'invalid_request', { exit: 25, name: 'rejected', hint: /--dry-run/ }],
    [413, 'payload_too_large', { exit: 25, name: 'rejected', hint: /--dry-run/ }],
    [415, 'unsupported_media', { exit: 25, name: 'rejected', hint: /--dry-run/ }],
    [422, 'unprocessable', { exit: 25, name: 'rejected', hint: /--dry-run/ }],
    [409, 'duplicate_request', { exit: 25, name: 'rejected', hint: /--dry-run/ }],
    [400, 'upstream_content_violation', { exit: 26, name: 'refused', hint: /change the prompt/ }],
    [451, 'content_policy_violation', { exit: 26, name: 'refused', hint: /change the prompt/ }],
  ];
  test.each(verdicts)('%d %s is asked once', async (status, code, expected) => {
    await expectFailure((...format) => ask(envelope(status, code), ['Hi', ...format]), {
      ...refusedOnce,
      code,
      status,
      message: new RegExp(`it is ${code} \\[|it is ${code}$`),
      hint: null,
      ...expected,
    });
  });

  test('26: an answer stopped by content policy outranks the part of it that was printed', async () => {
    const reply = stream(chunk({ content: 'Once ' }), chunk({}, 'content_filter'));
    await expectFailure((...format) => ask(reply, ['Hi', ...format]), {
      exit: 26,
      name: 'refused',
      code: 'content_filter',
      status: 200,
      message: /stopped by content policy/,
      hint: /change the prompt/,
      requestId: 'req-1',
      billed: 'unknown',
      requests: 1,
      inLedger: true,
    });
  });

  test('25: a 4xx that is no envelope', async () => {
    const reply = whole(400, 'text/html', '<html><title>Bad Request</title></html>');
    await expectFailure((...format) => ask(reply, ['Hi', ...format]), {
      exit: 25,
      name: 'rejected',
      code: null,
      message: /an HTML page: Bad Request/,
      hint: /--dry-run/,
      status: 400,
      requestId: 'req-1',
      billed: 'no',
      requests: 1,
      inLedger: true,
    });
  });
});
