import { describe, expect, test } from 'vitest';
import { tasksDocumentSchema } from '../../../src/schemas/media.ts';
import { envelope, lostReply, whole } from '../../helpers/ask.ts';
import { completed, task, taskId } from '../../helpers/video-gateway.ts';
import { document, laterProcess, recordOf, withGateway } from '../../helpers/video-world.ts';

const id = taskId();

describe('tasks show', () => {
  test('tells what became of a saved one, and asks nobody', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat in the rain', '-o', 'a.mp4');
    const before = gateway.requests.length;
    const later = laterProcess(world, gateway);
    expect(await later.tasks('show', id)).toBe(0);
    for (const text of [
      id,
      recordOf(world).id,
      'A boat in the rain',
      'seedance-1.5-pro',
      `${world.home}/a.mp4 (40000 bytes)`,
    ])
      expect(later.out()).toContain(text);
    expect(later.out()).not.toContain('next:');
    expect(gateway.requests).toHaveLength(before);
  });

  test('asks how a running one is, and says how to come back to it', async () => {
    const { gateway, world } = await withGateway({ poll: task('processing') });
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('show', id)).toBe(0);
    expect(later.out()).toMatch(/status: +running/);
    expect(later.out()).toContain(`alltoken tasks resume ${id}`);
    expect(recordOf(world)).toMatchObject({ state: 'submitted', status: 'queued' });
  });

  test('--json tells the address of a film that is ready, by the schema', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('show', id, '--json')).toBe(0);
    expect(document(later, tasksDocumentSchema)).toMatchObject({
      command: 'tasks show',
      tasks: [
        { task_id: id, status: 'succeeded', urls: [{ url: expect.stringContaining('film.mp4') }] },
      ],
    });
  });

  test('does without the gateway, with a warning, or --local', async () => {
    const { gateway, world } = await withGateway({ poll: envelope(500, 'internal') });
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('show', id)).toBe(0);
    expect(later.err()).toContain('warning: the gateway was no help');
    expect(later.out()).toMatch(/status: +queued/);
    const asked = gateway.requests.length;
    const local = laterProcess(world, gateway);
    expect(await local.tasks('show', id, '--local')).toBe(0);
    expect(gateway.requests).toHaveLength(asked);
    expect(local.err()).toBe('');
  });

  test('tells why one failed', async () => {
    const { gateway, world } = await withGateway({
      poll: task('failed', { error: { code: 'upstream_error', message: 'it fell over' } }),
    });
    await world.video('A boat');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('show', id)).toBe(0);
    expect(later.out()).toContain('it fell over');
  });

  test('finds one by the beginning of either id', async () => {
    const { gateway, world } = await withGateway({ create: lostReply });
    await world.video('A boat');
    const { id: job } = recordOf(world);
    for (const name of [job, job.slice(0, 10)]) {
      const later = laterProcess(world, gateway);
      expect(await later.tasks('show', name)).toBe(0);
      expect(later.out()).toContain(job);
    }
  });

  test('asks the gateway for one that is not in the journal', async () => {
    const { gateway, world } = await withGateway({ poll: completed() });
    expect(await world.tasks('show', taskId(9)), world.err()).toBe(0);
    expect(gateway.to('poll')[0]?.path).toContain(taskId(9));
    expect(world.out()).toContain(taskId(9));
  });

  test('says 24 when nobody knows it', async () => {
    const { world } = await withGateway({ poll: envelope(404, 'task_not_found') });
    expect(await world.tasks('show', taskId(9))).toBe(24);
    expect(await world.tasks('show', 'job_123456789abc', '--local')).toBe(24);
  });

  test('shows no control characters of the gateway on a terminal', async () => {
    const { gateway, world } = await withGateway({
      poll: whole(
        200,
        'application/json',
        JSON.stringify({ id, status: 'odd\u001b[31m', model: '\u001b]0;x\u0007m' }),
      ),
    });
    const seen = laterProcess(world, gateway, { stdoutIsTerminal: true });
    expect(await seen.tasks('show', id)).toBe(0);
    expect(seen.out()).not.toContain('\u001b');
    expect(seen.out()).not.toContain('\u0007');
  });
});
