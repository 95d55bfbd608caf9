import { describe, expect, test } from 'vitest';
import { videoDocumentSchema } from '../../../src/schemas/media.ts';
import { deadBaseUrl, envelope, inTurn, type Reply, whole } from '../../helpers/ask.ts';
import { completed, created, json, taskId } from '../../helpers/video-gateway.ts';
import { document, failureOf, filesIn, journalOf, withGateway } from '../../helpers/video-world.ts';

describe('video, when the gateway refuses,', () => {
  test.each<[string, Reply, number, RegExp]>([
    ['the request', envelope(400, 'invalid_request'), 25, /fix what the message names/],
    ['the prompt', envelope(400, 'upstream_content_violation'), 26, /change the prompt/],
    ['the key', envelope(401, 'invalid_api_key'), 21, /check the key/],
    ['for want of money', envelope(402, 'insufficient_balance'), 22, /top up/],
    ['the model', envelope(404, 'upstream_model_not_found'), 24, /alltoken video -g alltoken -m /],
    ['because it is busy', envelope(429, 'rate_limited'), 30, /wait a moment/],
    ['because of its provider', envelope(503, 'upstream_error'), 31, /later; nothing was bought/],
    [
      'in an error under 200',
      json(200, { error: { code: 'insufficient_balance', message: 'no' } }),
      22,
      /top up/,
    ],
  ])('%s, says that nothing was bought and leaves nothing', async (_what, create, exit, hint) => {
    const { gateway, world } = await withGateway({ create });
    expect(await world.video('A boat', '--json')).toBe(exit);
    expect(document(world, videoDocumentSchema)).toMatchObject({
      ok: false,
      exit,
      task_id: null,
      files: [],
      error: { billed: 'no', hint: expect.stringMatching(hint) },
    });
    expect(journalOf(world)).toEqual([]);
    expect(filesIn(world)).toEqual([]);
    expect(world.ledger()).toMatchObject([{ event: 'intent' }, { exit, billed: 'no' }]);
    expect(gateway.to('poll')).toEqual([]);
  });

  test.each([
    ['a 429', envelope(429, 'rate_limited')],
    ['a 503 in the envelope', envelope(503, 'all_providers_failed')],
  ])('tries again after %s', async (_what, refusal) => {
    const { gateway, world } = await withGateway({ create: inTurn(refusal, created()) });
    expect(await world.video('A boat', '--json'), world.err()).toBe(0);
    expect(gateway.to('create')).toHaveLength(2);
    expect(world.json()).toMatchObject({ attempts: 2 });
  });

  test('with a redirect, neither follows it nor buys again', async () => {
    const { gateway, world } = await withGateway({
      create: (response) => {
        response.writeHead(307, { location: '/v1/elsewhere' }).end();
      },
    });
    expect(await world.video('A boat')).toBe(41);
    expect(gateway.to('create')).toHaveLength(1);
    expect(gateway.requests.map(({ path }) => path)).not.toContain('/v1/elsewhere');
  });
});

describe('video, when the gateway cannot be reached,', () => {
  test('says that nothing was bought', async () => {
    const env = { ALLTOKEN_BASE_URL: await deadBaseUrl() };
    const { world } = await withGateway({}, { env });
    expect(await world.video('A boat', '--json')).toBe(32);
    expect(world.json()).toMatchObject({ error: { billed: 'no', retryable: true } });
    expect(journalOf(world)).toEqual([]);
  });
});

describe('video takes as a task', () => {
  const id = taskId(5);
  test.each<[string, Reply]>([
    ['a 200', json(200, { id, status: 'queued' })],
    ['a 201 with task_id', json(201, { task_id: id })],
    ['one inside data', json(202, { data: { id, status: 'SUBMITTED' } })],
    [
      'one that is done already',
      json(200, { id, status: 'completed', video_url: 'https://e.com' }),
    ],
  ])('%s', async (_what, create) => {
    const { gateway, world } = await withGateway({ create, poll: completed() });
    expect(await world.video('A boat'), world.err()).toBe(0);
    expect(gateway.to('poll')[0]?.path).toBe(`/v1/videos/generations/${id}`);
  });

  test.each<[string, Reply]>([
    ['a reply without an id', json(202, { status: 'queued' })],
    ['a page under 200', whole(200, 'text/html', '<html><title>Hello</title></html>')],
    ['no JSON', whole(202, 'application/json', 'ok')],
    ['an empty body', whole(202, 'application/json', '')],
  ])('not %s, and says that it may have been bought', async (_what, create) => {
    const { gateway, world } = await withGateway({ create });
    expect(await world.video('A boat', '--json')).toBeGreaterThanOrEqual(41);
    expect(world.json()).toMatchObject({ error: { billed: 'unknown' } });
    expect(failureOf(world).hint).toContain('alltoken tasks forget job_');
    expect(gateway.to('create')).toHaveLength(1);
    expect(journalOf(world)).toMatchObject([{ state: 'submitting' }]);
  });
});
