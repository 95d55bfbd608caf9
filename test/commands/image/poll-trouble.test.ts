import { describe, expect, test } from 'vitest';
import { draw, drawAt, expectFailed, expectOneFile, resume } from '../../helpers/image.ts';
import { type ImageReply, startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  dropped,
  errorReply,
  half,
  inline,
  json,
  page,
  picture,
  processing,
  result,
  stored,
  taskId,
} from '../../helpers/image-replies.ts';

const done = completed(inline(picture()));
const raw =
  (status: number, type: string, text: string): ImageReply =>
  (response) => {
    response.writeHead(status, { 'content-type': type });
    response.end(text);
  };

describe('passing trouble while polling does not end the wait', () => {
  const troubles: [string, ImageReply][] = [
    ['500 in the envelope', errorReply(500, 'ServerError')],
    ['502 in the envelope', errorReply(502, 'upstream_error')],
    ['503 in the envelope', errorReply(503, 'all_providers_failed')],
    ['an empty 500', raw(500, 'text/plain', '')],
    ['a 502 page', page(502)],
    ['a page under 200', page(200)],
    ['nothing under 200', raw(200, 'application/json', '')],
    ['half a JSON', raw(200, 'application/json', '{"id":"igen_01')],
    ['JSON that is no task', json(200, { hello: 'world' })],
    ['a list', json(200, [])],
    ['a list as long as an image', json(200, ['b64_json', 'x'.repeat(9000)])],
    ['null', json(200, null)],
    ['a number', json(200, 7)],
    ['a dropped connection', dropped],
    ['half a reply', half(result(inline(picture())), 0.01)],
    ['429', errorReply(429, 'rate_limited')],
    ['408', errorReply(408, 'timeout')],
    ['409, another reader is served', errorReply(409, 'claim_conflict')],
    ['an error under 200', json(200, { error: { code: 'upstream_error', message: 'no' } })],
  ];
  test.each(troubles)('%s, three times', async (_name, trouble) => {
    const drawn = await draw({ poll: [processing(), trouble, trouble, trouble, done] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
    expect(drawn.gateway.to('poll')).toHaveLength(5);
    expect(drawn.gateway.to('create')).toHaveLength(1);
  });

  test('is told once for each stretch of it', async () => {
    const bad = errorReply(500, 'ServerError');
    const { world } = await draw({ poll: [processing(), bad, bad, bad, processing(), bad, done] });
    expect(world.err().match(/still waiting for the task\n/g)).toHaveLength(2);
  });

  test('an error that ends it names its request and its status', async () => {
    const refusal = { error: { code: 'content_filter', message: 'no' } };
    const { code, world } = await draw(
      { poll: json(200, refusal, { 'x-request-id': 'req-poll' }) },
      ['--json', 'A cat'],
    );
    expect(code).toBe(26);
    expect(world.json().error).toMatchObject({
      status: 200,
      request_id: 'req-poll',
      task_id: taskId,
    });
  });

  test('another reader is no trouble at all', async () => {
    const { world } = await draw({
      poll: [processing(), errorReply(409, 'claim_conflict'), done],
    });
    expect(world.err()).not.toMatch(/claim_conflict|wait/);
  });

  test('another reader gets the picture: ours comes from its address', async () => {
    const gateway = await startImageGateway();
    gateway.script.poll = [errorReply(409, 'claimed'), completed(stored(gateway.fileUrl('a.png')))];
    const drawn = await drawAt(gateway);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
  });

  test('waits longer from time to time, up to half a minute', async () => {
    const bad = errorReply(500, 'ServerError');
    const { world } = await draw({ poll: [...Array(8).fill(bad), done] });
    expect(world.sleeps.slice(1, 9)).toEqual([2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000]);
  });

  test('keeps to Retry-After', async () => {
    const busy = errorReply(429, 'rate_limited', {}, { 'retry-after': '11' });
    const { world } = await draw({ poll: [processing(), busy, done] });
    expect(world.sleeps).toContain(11_000);
  });

  test('that lasts for half an hour: 45, the task can be come back to', async () => {
    const drawn = await draw({ poll: errorReply(500, 'ServerError') }, ['--json', 'A cat']);
    expectFailed(drawn, {
      exit: 45,
      name: 'still_running',
      code: 'unreachable',
      hint: new RegExp(`^hint: alltoken tasks resume ${taskId}$`),
      billed: 'unknown',
      taskId,
    });
    drawn.gateway.script = { poll: done };
    const later = await resume(drawn.world, drawn.gateway);
    expectOneFile(later.world);
  });
});
