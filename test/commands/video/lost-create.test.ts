import { describe, expect, test } from 'vitest';
import { videoDocumentSchema } from '../../../src/schemas/media.ts';
import { envelope, inTurn, lostReply, type Reply, whole } from '../../helpers/ask.ts';
import { completed, created, film, listed, silence, taskId } from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  document,
  errorOf,
  failureOf,
  filesIn,
  laterProcess,
  recordOf,
  withGateway,
} from '../../helpers/video-world.ts';

/** A task on the gateway's list, made just after ours was sent. */
function onList(more: object = {}): object {
  return {
    id: taskId(7),
    status: 'processing',
    model: 'seedance-1.5-pro',
    is_expired: false,
    created_at: '2026-11-22T12:00:01Z',
    ...more,
  };
}

describe('video, when the reply to the purchase is lost,', () => {
  test.each<[string, Reply]>([
    ['cut before a byte', lostReply],
    [
      'cut in the middle',
      (response) => {
        response.writeHead(202, { 'content-type': 'application/json', 'content-length': 99 });
        response.write('{"id":"vgen_', () => setTimeout(() => response.destroy(), 10));
      },
    ],
    ['a 502 of some proxy', whole(502, 'text/html', '<html><title>Bad gateway</title></html>')],
    ['a 503 of some proxy', whole(503, 'text/plain', 'upstream connect error')],
  ])('buys no second one: %s', async (_what, create) => {
    const { gateway, world } = await withGateway({ create, list: listed(onList()) });
    expect(await world.video('A boat')).toBe(46);
    expect(gateway.to('create')).toHaveLength(1);
    const { id } = recordOf(world);
    expect(failureOf(world).line).toContain(taskId(7));
    expect(failureOf(world).hint).toContain(`alltoken tasks resume ${id} --adopt ${taskId(7)}`);
    expect(recordOf(world)).toMatchObject({ state: 'submitting', task_id: null });
  });

  test('nor after a silence', async () => {
    const { gateway, world } = await withGateway({ create: silence, list: listed(onList()) });
    expect(await world.video('A boat', '--first-byte-timeout', '0.1')).toBe(46);
    expect(gateway.to('create')).toHaveLength(1);
    expect(failureOf(world).hint).toContain(`--adopt ${taskId(7)}`);
  });

  test('says that it was perhaps billed when it is stopped while it looks', async () => {
    let stop = (): void => {};
    const { gateway, world } = await withGateway({ create: lostReply, list: () => stop() });
    stop = () => world.signal('SIGINT');
    expect(await world.video('A boat', '--json')).toBe(130);
    expect(gateway.to('create')).toHaveLength(1);
    expect(errorOf(world)).toMatchObject({ name: 'sigint', billed: 'unknown' });
    expect(errorOf(world).hint).toContain(recordOf(world).id);
  });

  test('says so in JSON, and in the books', async () => {
    const { world } = await withGateway({ create: lostReply, list: listed(onList()) });
    expect(await world.video('A boat', '--json')).toBe(46);
    expect(document(world, videoDocumentSchema)).toMatchObject({
      ok: false,
      exit: 46,
      task_id: null,
      job_id: recordOf(world).id,
      attempts: 1,
      error: { name: 'outcome_unknown', billed: 'unknown', retryable: false },
    });
    expect(world.ledger()).toMatchObject([
      { event: 'intent' },
      { event: 'outcome', exit: 46, billed: 'unknown' },
    ]);
  });

  test.each([
    ['another model', { model: 'seedance-2.0' }],
    ['another prompt', { prompt: 'A train' }],
    ['too old', { created_at: '2026-11-22T11:40:00Z' }],
    ['too new', { created_at: '2026-11-22T12:30:00Z' }],
  ])('offers no task of %s', async (_what, more) => {
    const { world } = await withGateway({ create: lostReply, list: listed(onList(more)) });
    expect(await world.video('A boat')).toBe(46);
    expect(world.err()).not.toContain(taskId(7));
    expect(failureOf(world).hint).toMatch(/look at your usage.*alltoken tasks forget job_/);
  });

  test.each([
    ['was half an hour slow when it was sent, and is right now', '2026-11-22T12:30:01Z', 1_860_000],
    ['is half an hour slow since', '2026-11-22T12:00:01Z', -1_740_000],
  ])('offers the task where the clock %s', async (_what, createdAt, byWall) => {
    const machine = { processSpace: 'host_boot_1' };
    const list = listed(onList({ created_at: createdAt }));
    const { gateway, world } = await withGateway({ create: lostReply, list }, machine);
    expect(await world.video('A boat')).toBe(46);
    const sentAt = Date.parse('2026-11-22T12:00:00Z');
    const later = laterProcess(world, gateway, {
      ...machine,
      now: () => sentAt + byWall,
      // A minute has passed.
      bootedAt: Date.parse('2026-11-22T00:00:00Z') + byWall - 60_000,
    });
    expect(await later.tasks('resume', recordOf(world).id)).toBe(46);
    expect(failureOf(later).hint).toContain(`--adopt ${taskId(7)}`);
    expect(gateway.to('create')).toHaveLength(1);
  });

  test('offers no task that the journal knows, and all others that fit', async () => {
    const { world } = await withGateway({
      create: inTurn(created(), lostReply),
      list: listed(
        onList({ id: taskId(1) }),
        onList(),
        onList({ id: taskId(8), prompt: 'A boat', created_at: undefined }),
      ),
    });
    expect(await world.video('A boat', '--async')).toBe(0);
    expect(await world.video('A boat')).toBe(46);
    const { line, hint } = failureOf(world);
    expect(line).toContain(taskId(7));
    expect(line).toContain(taskId(8));
    expect(line).not.toContain(taskId(1));
    expect(hint).toContain(`--adopt ${taskId(7)}`);
  });

  test.each<[string, Reply]>([
    ['an error', envelope(500, 'internal')],
    ['a page', whole(200, 'text/html', '<html></html>')],
    ['another shape', whole(200, 'application/json', '{"videos":[]}')],
  ])('only warns when the list is %s', async (_what, list) => {
    const { world } = await withGateway({ create: lostReply, list });
    expect(await world.video('A boat', '--json')).toBe(46);
    expect(errorOf(world)).toMatchObject({ name: 'outcome_unknown' });
    expect(world.json().warnings).toEqual([expect.stringContaining("the gateway's list of tasks")]);
  });

  test('is finished by tasks resume --adopt, which buys nothing', async () => {
    const { gateway, world } = await withGateway({ create: lostReply, list: listed(onList()) });
    expect(await world.video('A boat', '-o', 'boat.mp4')).toBe(46);
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', recordOf(world).id, '--adopt', taskId(7)), later.err()).toBe(
      0,
    );
    expect(later.out()).toBe(`${world.home}/boat.mp4\n`);
    expect(bytesOf(world, 'boat.mp4').equals(film())).toBe(true);
    expect(gateway.to('create')).toHaveLength(1);
    expect(recordOf(world)).toMatchObject({ state: 'done', task_id: taskId(7) });
  });

  test('is offered again by every resume, which sends nothing that is paid', async () => {
    const { gateway, world } = await withGateway({ create: lostReply, list: listed(onList()) });
    await world.video('A boat');
    const { id } = recordOf(world);
    for (const argv of [[id], ['--all'], [id]]) {
      const later = laterProcess(world, gateway);
      expect(await later.tasks('resume', ...argv)).toBe(46);
      expect(failureOf(later).hint).toContain(`alltoken tasks resume ${id} --adopt ${taskId(7)}`);
    }
    expect(gateway.to('create')).toHaveLength(1);
    expect(filesIn(world)).toEqual([]);
  });

  test('can take the right task after a wrong one was named', async () => {
    const { gateway, world } = await withGateway({
      create: lostReply,
      poll: (response, request, count) =>
        request.path.endsWith(taskId(7))
          ? completed()(response, request, count)
          : envelope(404, 'task_not_found')(response, request, count),
    });
    await world.video('A boat');
    const { id } = recordOf(world);
    expect(await laterProcess(world, gateway).tasks('resume', id, '--adopt', taskId(3))).toBe(24);
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', id, '--adopt', taskId(7)), later.err()).toBe(0);
  });

  test('lets the job be forgotten once one has looked', async () => {
    const { gateway, world } = await withGateway({ create: lostReply });
    await world.video('A boat');
    const { id } = recordOf(world);
    expect(await laterProcess(world, gateway).tasks('forget', id)).toBe(0);
    expect(await laterProcess(world, gateway).tasks('resume', '--all')).toBe(0);
  });
});
