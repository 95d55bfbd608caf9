import { describe, expect, test } from 'vitest';
import { envelope, errLines, inTurn, lostReply, type Reply, whole } from '../../helpers/ask.ts';
import {
  completed,
  film,
  json,
  silence,
  storageAddress,
  task,
  taskId,
} from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  errorOf,
  failureOf,
  filesIn,
  recordOf,
  withGateway,
} from '../../helpers/video-world.ts';

const id = taskId();

describe('video understands', () => {
  test.each<[string, Reply]>([
    ['SUCCEEDED', completed({ status: 'SUCCEEDED' })],
    ['Success', completed({ status: 'Success' })],
    [
      'the shape of TokenHub',
      (response, request, count) =>
        json(200, {
          id,
          status: 'succeeded',
          data: [{ video_url: storageAddress(request, 'film.mp4') }],
        })(response, request, count),
    ],
    [
      'an address in content',
      (response, request, count) =>
        json(200, {
          id,
          status: 'succeeded',
          content: { video_url: storageAddress(request, 'film.mp4') },
        })(response, request, count),
    ],
    [
      'a task in data',
      (response, request, count) =>
        json(200, {
          data: { id, status: 'completed', video_url: storageAddress(request, 'film.mp4') },
        })(response, request, count),
    ],
  ])('%s', async (_what, poll) => {
    const { world } = await withGateway({ poll: inTurn(task('In-Progress'), poll) });
    expect(await world.video('A boat', '-o', 'a.mp4'), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
    expect(world.err()).not.toContain('warning');
  });

  test('an unknown word as still running, with one warning', async () => {
    const { world } = await withGateway({
      poll: inTurn(task('pondering'), task('pondering'), completed()),
    });
    expect(await world.video('A boat')).toBe(0);
    const warnings = errLines(world).filter((line) => line.startsWith('warning: '));
    expect(warnings).toEqual([expect.stringContaining('"pondering"')]);
  });
});

describe('video asks again', () => {
  test.each<[string, Reply]>([
    ['a 500', envelope(500, 'internal')],
    ['a 429', envelope(429, 'rate_limited')],
    ['a 404 of a task that is not everywhere yet', envelope(404, 'not_found')],
    ['a lost connection', lostReply],
    ['a page', whole(200, 'text/html', '<html></html>')],
    ['half a reply', whole(200, 'application/json', '{"id":"vgen_')],
    ['something that is not a task', json(200, { hello: 'world' })],
  ])('after %s', async (_what, trouble) => {
    const { gateway, world } = await withGateway({ poll: inTurn(trouble, trouble, completed()) });
    expect(await world.video('A boat'), world.err()).toBe(0);
    expect(gateway.to('poll')).toHaveLength(3);
    expect(gateway.to('create')).toHaveLength(1);
  });

  test('as late as it is told, between half a second and 30 s', async () => {
    const after =
      (seconds: string): Reply =>
      (response, request, count) => {
        response.setHeader('retry-after', seconds);
        return task('processing')(response, request, count);
      };
    const { world } = await withGateway({
      poll: inTurn(
        task('queued', { next_poll_after_ms: 1200 }),
        task('queued', { next_poll_after_ms: 1 }),
        task('queued', { next_poll_after_ms: 900_000 }),
        after('7'),
        after('0'),
        after('9999'),
        task('queued', { next_poll_after_ms: 'soon' }),
        completed(),
      ),
    });
    expect(await world.video('A boat')).toBe(0);
    expect(world.sleeps).toEqual([3000, 1200, 500, 30_000, 7000, 500, 30_000, 3000]);
  });
});

describe('video ends', () => {
  test.each([
    ['failed', 44, 'task_failed', 'failed'],
    ['FAILED', 44, 'task_failed', 'failed'],
    ['cancelled', 44, 'task_failed', 'was cancelled'],
    ['canceled', 44, 'task_failed', 'was cancelled'],
    ['expired', 44, 'task_failed', 'expired on the server'],
  ])('%s with 44', async (status, exit, name, words) => {
    const { gateway, world } = await withGateway({
      poll: task(status, { error: { code: 'upstream_error', message: 'the model fell over.' } }),
    });
    expect(await world.video('A boat', '--json')).toBe(exit);
    expect(errorOf(world)).toMatchObject({
      name,
      code: 'upstream_error',
      message: `the task ${words}: the model fell over.`,
      task_id: id,
      billed: 'unknown',
    });
    expect(recordOf(world)).toMatchObject({ state: 'ended' });
    expect(gateway.to('file')).toEqual([]);
    expect(filesIn(world)).toEqual([]);
  });

  test('failed for its content with 26', async () => {
    const { world } = await withGateway({
      poll: task('failed', { error: { code: 'upstream_content_violation', message: 'no' } }),
    });
    expect(await world.video('A boat')).toBe(26);
  });

  test('completed and expired with 43: the result is gone', async () => {
    const { gateway, world } = await withGateway({ poll: completed({ is_expired: true }) });
    expect(await world.video('A boat', '--json')).toBe(43);
    expect(errorOf(world)).toMatchObject({
      billed: 'yes',
      hint: expect.stringContaining('new run'),
    });
    expect(recordOf(world)).toMatchObject({ state: 'gone' });
    expect(gateway.to('file')).toEqual([]);
  });

  test('a 410 with 43', async () => {
    const { world } = await withGateway({ poll: envelope(410, 'result_expired') });
    expect(await world.video('A boat')).toBe(43);
    expect(recordOf(world)).toMatchObject({ state: 'gone' });
  });

  test('completed without an address with 41, and can be come back to', async () => {
    const { world } = await withGateway({ poll: task('completed') });
    expect(await world.video('A boat')).toBe(41);
    expect(failureOf(world).hint).toContain(`alltoken tasks resume ${id}`);
    expect(recordOf(world)).toMatchObject({ state: 'submitted' });
  });

  test.each<[string, Reply, string]>([
    ['the key', envelope(401, 'invalid_api_key'), 'invalid_api_key'],
    ['the task', envelope(404, 'task_not_found'), 'task_not_found'],
    ['the right to ask', envelope(403, 'forbidden'), 'forbidden'],
  ])('with 45 when the gateway no longer knows %s: it was bought', async (_what, poll, code) => {
    const { world } = await withGateway({ poll });
    expect(await world.video('A boat', '--json')).toBe(45);
    expect(failureOf(world).hint).toContain(`alltoken tasks resume ${id}`);
    expect(errorOf(world)).toMatchObject({
      code,
      task_id: id,
      billed: 'unknown',
      retryable: false,
    });
    expect(world.ledger().at(-1)).toMatchObject({ exit: 45, billed: 'unknown' });
  });
});

describe('video --wait', () => {
  test('ends with 45 and the line to come back with', async () => {
    const { gateway, world } = await withGateway({ poll: task('processing') });
    expect(await world.video('A boat', '--wait', '45', '--json')).toBe(45);
    expect(errorOf(world)).toMatchObject({
      name: 'still_running',
      task_id: id,
      billed: 'unknown',
      hint: `alltoken tasks resume ${id}`,
    });
    const slept = world.sleeps.reduce((sum, ms) => sum + ms, 0);
    expect(slept).toBeGreaterThan(44_000);
    expect(slept).toBeLessThanOrEqual(45_000);
    expect(gateway.to('poll').length).toBeGreaterThan(10);
    expect(recordOf(world)).toMatchObject({ state: 'submitted' });
  });

  test('0 buys and does not ask', async () => {
    const { gateway, world } = await withGateway();
    expect(await world.video('A boat', '--wait', '0')).toBe(45);
    expect(gateway.to('create')).toHaveLength(1);
    expect(gateway.to('poll')).toEqual([]);
  });

  test('is not longer because the gateway is in trouble', async () => {
    const { world } = await withGateway({ poll: lostReply });
    expect(await world.video('A boat', '--wait', '20')).toBe(45);
    expect(failureOf(world).line).toContain('the last request failed');
  });

  test('ends with --timeout too', async () => {
    const { world } = await withGateway({ poll: task('processing') });
    expect(await world.video('A boat', '--timeout', '30')).toBe(45);
  });

  test('is not held up by a gateway that is silent', async () => {
    const { world } = await withGateway({ poll: silence });
    const run = world.video('A boat', '--wait', '5', '--first-byte-timeout', '0.2');
    expect(await run).toBe(45);
  });
});
