import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openJournal } from '../../../src/jobs/journal.ts';
import { tasksDocumentSchema } from '../../../src/schemas/media.ts';
import { envelope, lostReply, type Reply, whole } from '../../helpers/ask.ts';
import { film, filmReply, task, taskId } from '../../helpers/video-gateway.ts';
import {
  document,
  failureOf,
  filesIn,
  journalOf,
  laterProcess,
  recordOf,
  withGateway,
} from '../../helpers/video-world.ts';

const id = taskId();

describe('tasks forget', () => {
  test('takes a saved one out of the journal; the film stays', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '-o', 'a.mp4');
    const asked = gateway.requests.length;
    const later = laterProcess(world, gateway, { env: { ALLTOKEN_API_KEY: '' } });
    expect(await later.tasks('forget', id)).toBe(0);
    expect(later.out()).toBe(`${id}\n`);
    expect(readdirSync(join(world.home, 'tasks'))).toEqual([]);
    expect(filesIn(world)).toEqual(['a.mp4']);
    expect(gateway.requests).toHaveLength(asked);
  });

  test.each<[string, Reply]>([
    ['failed', task('failed')],
    ['expired', envelope(410, 'result_expired')],
  ])('and one that %s', async (_what, poll) => {
    const { gateway, world } = await withGateway({ poll });
    await world.video('A boat');
    expect(await laterProcess(world, gateway).tasks('forget', id)).toBe(0);
    expect(journalOf(world)).toEqual([]);
  });

  test('and one whose id never came', async () => {
    const { gateway, world } = await withGateway({ create: lostReply });
    await world.video('A boat');
    expect(await laterProcess(world, gateway).tasks('forget', recordOf(world).id)).toBe(0);
    expect(journalOf(world)).toEqual([]);
  });

  test('but keeps one that can still be had, unless it is forced', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('forget', id)).toBe(2);
    expect(failureOf(later).hint).toContain(`alltoken tasks resume ${id}`);
    expect(journalOf(world)).toHaveLength(1);
    expect(await laterProcess(world, gateway).tasks('forget', id, '--force')).toBe(0);
    expect(journalOf(world)).toEqual([]);
  });

  test('leaves no part of a film that nobody wants any more', async () => {
    const { gateway, world } = await withGateway({
      file: (response, request, count) =>
        (count === 1 ? filmReply(film(), { cutAfter: 20_000 }) : whole(200, 'text/html', '<html>'))(
          response,
          request,
          count,
        ),
    });
    expect(await world.video('A boat')).toBe(41);
    expect(filesIn(world)).toEqual([expect.stringMatching(/\.part$/)]);
    expect(await laterProcess(world, gateway).tasks('forget', id, '--force')).toBe(0);
    expect(filesIn(world)).toEqual([]);
  });

  test('--finished takes all that are over, and no other', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat');
    await world.video('A boat', '--async');
    await world.video('A boat');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('forget', '--finished', '--json')).toBe(0);
    const { tasks } = document(later, tasksDocumentSchema) as { tasks: { task_id: string }[] };
    expect(tasks.map(({ task_id }) => task_id).sort()).toEqual([taskId(1), taskId(3)]);
    expect(journalOf(world)).toMatchObject([{ task_id: taskId(2) }]);
  });

  test('--finished takes those whose sandbox has ended, but for one that is waited for', async () => {
    const { gateway, world } = await withGateway();
    for (let count = 0; count < 3; count += 1) await world.video('A boat', '--async');
    const [ended, held, kept] = journalOf(world);
    for (const record of [ended, held])
      writeFileSync(
        join(world.home, 'tasks', `${record?.id}.json`),
        JSON.stringify({ ...record, ephemeral: true }),
      );
    const holder = await openJournal(join(world.home, 'tasks'), world.deps).open(String(held?.id));
    const later = laterProcess(world, gateway, { running: { 4711: 'this' } });
    expect(await later.tasks('forget', '--finished'), later.err()).toBe(0);
    expect(later.out()).toBe(`${ended?.task_id}\n`);
    expect(journalOf(world).map(({ id }) => id)).toEqual([held?.id, kept?.id]);
    if (holder !== null && 'release' in holder) await holder.release();
  });

  test('takes several, or none when one of them may not go', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat');
    await world.video('A boat', '--async');
    expect(await laterProcess(world, gateway).tasks('forget', taskId(1), taskId(2))).toBe(2);
    expect(await laterProcess(world, gateway).tasks('forget', taskId(1), 'job_123456789abc')).toBe(
      24,
    );
    expect(journalOf(world)).toHaveLength(2);
    const later = laterProcess(world, gateway);
    expect(await later.tasks('forget', taskId(1), taskId(2), taskId(1), '--force')).toBe(0);
    expect(journalOf(world)).toEqual([]);
  });

  test.each([
    ['nothing', []],
    ['both', [id, '--finished']],
  ])('refuses %s', async (_what, argv) => {
    const { world } = await withGateway();
    expect(await world.tasks('forget', ...argv)).toBe(2);
    expect(existsSync(join(world.home, 'tasks'))).toBe(false);
  });
});
