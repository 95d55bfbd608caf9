import { describe, expect, test } from 'vitest';
import { draw, drawAt, expectFailed, expectNothingLeft } from '../../helpers/image.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import { created, json, picture, taskId } from '../../helpers/image-replies.ts';

const ark = (code: string) => ({ error: { code, message: 'the words', type: 'BadRequest' } });

describe('an error of another vendor, when an image is ordered', () => {
  test.each([
    [403, ark('AccountOverdueError'), 22, 'balance'],
    [429, { error: { code: '1113', message: 'the words' } }, 22, 'balance'],
    [400, ark('InputTextSensitiveContentDetected'), 26, 'refused'],
    [400, { error: { code: 'moderation_blocked', message: 'the words' } }, 26, 'refused'],
    [200, { base_resp: { status_code: 1026, status_msg: 'the words' } }, 26, 'refused'],
    [
      400,
      [{ error: { code: 400, message: 'the words', status: 'INVALID_ARGUMENT' } }],
      25,
      'rejected',
    ],
    [422, { detail: [{ loc: ['body', 'size'], msg: 'the words' }] }, 25, 'rejected'],
  ])('%d %j is %d, sent once, nothing bought', async (status, body, exit, name) => {
    const drawn = await draw({ create: json(status, body) }, ['--json', 'A cat']);
    expectFailed(drawn, { exit, name, message: /the words/, billed: 'no', taskId: null });
    expect(drawn.gateway.to('create')).toHaveLength(1);
    expectNothingLeft(drawn);
  });

  test('a refused field is named with the flag that leaves it out', async () => {
    const detail = [{ type: 'extra_forbidden', loc: ['body', 'quality'], msg: 'not permitted' }];
    const drawn = await draw({ create: json(422, { detail }) });
    expectFailed(drawn, {
      exit: 25,
      name: 'rejected',
      message: /quality: not permitted/,
      hint: /leave out quality: --param quality=null$/,
      billed: 'no',
    });
    const without = await draw({}, ['--param', 'quality=null', 'A cat']);
    expect(without.code).toBe(0);
    expect(without.gateway.to('create')[0]?.json).not.toHaveProperty('quality');
  });

  test.each([408, 499])('%d is asked again with the same Idempotency-Key', async (status) => {
    const drawn = await draw({ create: [json(status, {}), created()] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    const sent = drawn.gateway.to('create').map(({ headers }) => headers['idempotency-key']);
    expect(sent).toHaveLength(2);
    expect(new Set(sent).size).toBe(1);
  });
});

describe('an error of another vendor, while the image is made', () => {
  const failed = (more: object) => json(200, { id: taskId, status: 'failed', ...more });
  test.each([
    [{ error: { code: 'OutputImageSensitiveContentDetected', message: 'the words' } }],
    [
      {
        error: {
          code: 'x',
          innererror: { code: 'ResponsibleAIPolicyViolation' },
          message: 'the words',
        },
      },
    ],
    [{ error: { message: '{"error":{"code":"content_filter","message":"the words"}}' } }],
    [{ base_resp: { status_code: 1027, status_msg: 'the words' } }],
    [{ detail: [{ type: 'content_policy_violation', loc: ['body', 'prompt'], msg: 'the words' }] }],
  ])('a task that a policy refused is 26: %j', async (more) => {
    const drawn = await draw({ poll: failed(more) }, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 26, name: 'refused', message: /the words/, billed: 'unknown' });
  });

  test.each([
    [{ error: 'the words' }],
    [{ message: 'the words' }],
    [{ error: { message: { detail: [{ loc: ['x'], msg: 'the words' }] } } }],
  ])('one that failed is 44, with the words: %j', async (more) => {
    const drawn = await draw({ poll: failed(more) }, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 44, name: 'task_failed', message: /the words/, billed: 'unknown' });
  });
});

test('a storage that answers in XML is heard', async () => {
  const gateway = await startImageGateway();
  const xml =
    '<?xml version="1.0"?><Error><Code>EntityTooLarge</Code><Message>the words</Message></Error>';
  gateway.script = { put: (response) => void response.writeHead(400).end(xml) };
  const home = { 'in.png': picture(3000) };
  const drawn = await drawAt(gateway, ['--image', 'in.png', '-o', 'out.png', 'Red'], { home });
  expectFailed(drawn, {
    exit: 25,
    name: 'rejected',
    message: /EntityTooLarge: the words/,
    billed: 'no',
  });
});
