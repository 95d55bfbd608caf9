import { describe, expect, test } from 'vitest';
import {
  draw,
  expectFailed,
  expectNothingLeft,
  expectOneFile,
  type Failure,
} from '../../helpers/image.ts';
import type { ImageReply } from '../../helpers/image-gateway.ts';
import { created, errorReply, json } from '../../helpers/image-replies.ts';

const refusals: [number, string, Pick<Failure, 'exit' | 'name' | 'hint'>][] = [
  [400, 'invalid_request', { exit: 25, name: 'rejected', hint: /fix what the message names/ }],
  [
    400,
    'upstream_invalid_parameter',
    { exit: 25, name: 'rejected', hint: /fix what the message names/ },
  ],
  [400, 'upstream_content_violation', { exit: 26, name: 'refused', hint: /change the prompt/ }],
  [401, 'invalid_api_key', { exit: 21, name: 'auth', hint: /ALLTOKEN_API_KEY.*config doctor/ }],
  [402, 'insufficient_balance', { exit: 22, name: 'balance', hint: /top up.*nothing was bought/ }],
  [403, 'forbidden', { exit: 23, name: 'forbidden', hint: /config doctor/ }],
  [404, 'model_not_found', { exit: 24, name: 'not_found', hint: /alltoken image .*-m wan2/ }],
  [413, 'too_large', { exit: 25, name: 'rejected', hint: /fix what the message names/ }],
  [422, 'bad_value', { exit: 25, name: 'rejected', hint: /fix what the message names/ }],
  [429, 'rate_limited', { exit: 30, name: 'rate_limited', hint: /nothing was bought/ }],
  [503, 'all_providers_failed', { exit: 31, name: 'upstream', hint: /later; nothing was bought/ }],
];

describe('a create request that is refused', () => {
  test.each(refusals)(
    '%d %s: says so, buys nothing, leaves nothing',
    async (status, code, expected) => {
      const drawn = await draw({ create: errorReply(status, code) }, ['--json', 'A cat']);
      expectFailed(drawn, { ...expected, code, billed: 'no', taskId: null });
      expect(drawn.world.json()).toMatchObject({ task_id: null, files: [], status: null });
      expect(drawn.world.err()).toContain('request_id=req-err');
      expect(drawn.gateway.to('poll')).toEqual([]);
      expectNothingLeft(drawn);
    },
  );

  test.each(refusals)('%d %s: the books have it as not billed', async (status, code, { exit }) => {
    const { world } = await draw({ create: errorReply(status, code) });
    expect(world.ledger()).toMatchObject([
      { event: 'intent', command: 'image' },
      { event: 'outcome', exit, billed: 'no', task_id: null },
    ]);
  });

  test.each([400, 401, 402, 403, 404, 422])('%d is not sent again', async (status) => {
    const { gateway, world } = await draw({ create: errorReply(status, 'no') });
    expect(gateway.to('create')).toHaveLength(1);
    expect(world.sleeps).toEqual([]);
  });

  test('503 in the envelope is sent again, with the same Idempotency-Key', async () => {
    const script = { create: [errorReply(503, 'all_providers_failed'), created()] };
    const { code, gateway, world } = await draw(script);
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
    const keys = gateway.to('create').map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect(world.err()).toMatch(/^retry: .*all_providers_failed/m);
  });

  test('429 is waited for as long as it says', async () => {
    const busy = errorReply(429, 'rate_limited', {}, { 'retry-after': '7' });
    const { code, world } = await draw({ create: [busy, created()] });
    expect(code, world.err()).toBe(0);
    expect(world.sleeps[0]).toBe(7000);
  });

  test('429 that asks for more than a minute is told at once', async () => {
    const busy = errorReply(429, 'rate_limited', {}, { 'retry-after': '300' });
    const drawn = await draw({ create: busy }, ['--json', 'A cat']);
    expectFailed(drawn, {
      exit: 30,
      name: 'rate_limited',
      hint: /300 s.*--max-retry-wait 300/,
      billed: 'no',
    });
    expect(drawn.gateway.to('create')).toHaveLength(1);
    expectNothingLeft(drawn);
  });

  test('an error under status 200 is the error that it is', async () => {
    const body = { error: { code: 'insufficient_balance', message: 'no' } };
    const drawn = await draw({ create: json(200, body) }, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 22, name: 'balance', billed: 'no' });
    expectNothingLeft(drawn);
  });

  test('a message of many lines and control characters is one clean line', async () => {
    const message = 'a\nb\u001b[31mc\u0007\u202ed\u009be';
    const drawn = await draw({ create: errorReply(400, 'invalid_request', { message }) });
    const [line = ''] = drawn.world
      .err()
      .split('\n')
      .filter((one) => one.startsWith('alltoken:'));
    expect(line).toMatch(/a b.*c.*d.*e/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
    expect(drawn.world.err()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test('a message as long as a book is cut', async () => {
    const message = 'x'.repeat(100_000);
    const drawn = await draw({ create: errorReply(400, 'invalid_request', { message }) });
    expect(drawn.world.err().length).toBeLessThan(1000);
  });

  test('nobody listens: 32, nothing left', async () => {
    const drawn = await draw({}, ['--json', '--base-url', 'http://127.0.0.1:9/v1', 'A cat']);
    expect([20, 32]).toContain(drawn.code);
    expectNothingLeft(drawn);
  });

  test('a redirect is refused and not followed', async () => {
    const away: ImageReply = (response) =>
      void response.writeHead(307, { location: 'https://elsewhere.example/v1' }).end();
    const drawn = await draw({ create: away }, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 41, name: 'protocol', code: 'redirect', billed: 'unknown' });
    expect(drawn.gateway.requests).toHaveLength(1);
  });
});

describe('a create reply in another shape', () => {
  const shapes: [string, number, unknown][] = [
    ['200', 200, { id: 'igen_x', status: 'queued' }],
    ['201 with task_id', 201, { task_id: 'igen_x', task_status: 'queued' }],
    ['wrapped in data', 200, { data: { id: 'igen_x', status: 'queued' } }],
    ['without a status', 202, { id: 'igen_x' }],
  ];
  test.each(shapes)('%s', async (_name, status, body) => {
    const { code, world, gateway } = await draw({ create: json(status, body) });
    expect(code, world.err()).toBe(0);
    expect(gateway.to('poll')[0]?.path).toBe('/v1/images/generations/igen_x');
  });

  test('an id with strange letters stays one segment of the path', async () => {
    const { gateway } = await draw({
      create: json(202, { id: '../x?y#z', status: 'queued' }),
      poll: errorReply(401, 'no'),
      other: errorReply(401, 'no'),
    });
    expect(gateway.requests[1]?.path).toBe('/v1/images/generations/..%2Fx%3Fy%23z');
  });
});
