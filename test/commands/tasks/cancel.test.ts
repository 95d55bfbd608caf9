import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tasksDocumentSchema } from '../../../src/schemas/media.ts';
import { envelope, lostReply, type Reply } from '../../helpers/ask.ts';
import { completed, task, taskId } from '../../helpers/video-gateway.ts';
import {
  document,
  failureOf,
  filesIn,
  laterProcess,
  recordOf,
  withGateway,
} from '../../helpers/video-world.ts';

const id = taskId();

describe('tasks cancel', () => {
  test('cancels a running one, and remembers it', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('cancel', recordOf(world).id), later.err()).toBe(0);
    expect(later.out()).toBe('cancelled\n');
    expect(gateway.to('cancel')[0]?.path).toBe(`/v1/videos/generations/${id}/cancel`);
    expect(recordOf(world)).toMatchObject({ state: 'ended', status: 'cancelled' });
    const again = laterProcess(world, gateway);
    expect(await again.tasks('resume', id)).toBe(44);
    expect(gateway.to('poll')).toEqual([]);
  });

  test('--json keeps to the schema', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('cancel', id, '--json')).toBe(0);
    expect(document(later, tasksDocumentSchema)).toMatchObject({
      command: 'tasks cancel',
      tasks: [{ task_id: id, status: 'cancelled', state: 'ended' }],
    });
  });

  test('that comes too late says how it ended, and the film can be had', async () => {
    const { gateway, world } = await withGateway({ cancel: envelope(409, 'already_finished') });
    await world.video('A boat', '--async', '-o', 'a.mp4');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('cancel', id)).toBe(0);
    expect(later.out()).toBe('succeeded\n');
    expect(later.err()).toContain('had already ended');
    const again = laterProcess(world, gateway);
    expect(await again.tasks('resume', id), again.err()).toBe(0);
    expect(filesIn(world)).toEqual(['a.mp4']);
  });

  test.each<[string, Reply, RegExp]>([
    ['is only being cancelled', task('cancelling'), /cancelling/],
    ['was completed meanwhile', completed(), /succeeded/],
  ])('of one that %s does not throw the film away', async (_what, cancel, word) => {
    const { gateway, world } = await withGateway({ cancel });
    await world.video('A boat', '--async', '-o', 'a.mp4');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('cancel', id)).toBe(0);
    expect(later.out()).toMatch(word);
    const again = laterProcess(world, gateway);
    expect(await again.tasks('resume', id), again.err()).toBe(0);
    expect(filesIn(world)).toEqual(['a.mp4']);
  });

  test('of one that the gateway does not know says 24, in the journal or not', async () => {
    const { gateway, world } = await withGateway({ cancel: envelope(404, 'task_not_found') });
    expect(await world.tasks('cancel', taskId(9))).toBe(24);
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('cancel', id)).toBe(24);
    expect(recordOf(world)).toMatchObject({ state: 'submitted' });
  });

  test('of an old one that the gateway does not know says how to remove it', async () => {
    const { gateway, world } = await withGateway({ cancel: envelope(404, 'task_not_found') });
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway, {
      now: () => world.clock.now() + 3_600_000,
    });
    expect(await later.tasks('cancel', id)).toBe(24);
    expect(failureOf(later).hint).toContain(`alltoken tasks forget ${id}`);
    expect(await later.tasks('forget', id)).toBe(0);
  });

  test('of one that is not in the journal asks the gateway', async () => {
    const { world } = await withGateway();
    expect(await world.tasks('cancel', taskId(9))).toBe(0);
    expect(world.out()).toBe('cancelled\n');
  });

  test('of a picture says that it goes on', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    const path = join(world.home, 'tasks', `${recordOf(world).id}.json`);
    writeFileSync(path, JSON.stringify({ ...recordOf(world), kind: 'image' }));
    const later = laterProcess(world, gateway);
    expect(await later.tasks('cancel', id)).toBe(2);
    expect(failureOf(later).line).toContain('cannot be cancelled');
    expect(gateway.to('cancel')).toEqual([]);
  });

  test('of a picture that is not in the journal says 24, and asks nobody', async () => {
    const { gateway, world } = await withGateway();
    expect(await world.tasks('cancel', 'igen_0123456789abcdef01234567')).toBe(24);
    expect(failureOf(world).line).toContain('no task igen_0123456789abcdef01234567 in the journal');
    expect(failureOf(world).hint).toBe('hint: alltoken tasks');
    expect(gateway.requests).toEqual([]);
  });

  test.each<[string, Reply]>([
    ['succeeded', completed()],
    ['failed', task('failed')],
  ])('of one that %s says so, and asks nobody: its gateway may be gone', async (word, poll) => {
    const { gateway, world } = await withGateway({ poll });
    await world.video('A boat');
    const later = laterProcess(world, gateway, { env: { ALLTOKEN_API_KEY: '' } });
    expect(await later.tasks('cancel', id), later.err()).toBe(0);
    expect([later.out(), later.err()]).toEqual([`${word}\n`, `${id} had already ended\n`]);
    const json = laterProcess(world, gateway);
    expect(await json.tasks('cancel', id, '--json')).toBe(0);
    expect(document(json, tasksDocumentSchema)).toMatchObject({ tasks: [{ status: word }] });
    expect(gateway.to('cancel')).toEqual([]);
  });

  test('of one whose id never came says so', async () => {
    const { gateway, world } = await withGateway({ create: lostReply });
    await world.video('A boat');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('cancel', recordOf(world).id)).toBe(2);
    expect(later.err()).toContain('the gateway has named no task');
    expect(gateway.to('cancel')).toEqual([]);
  });

  test('of what is no id at all asks nobody', async () => {
    const { gateway, world } = await withGateway();
    expect(await world.tasks('cancel', 'job_123456789abc')).toBe(24);
    expect(gateway.requests).toEqual([]);
  });

  test('at a gateway without videos is a usage error', async () => {
    const { world } = await withGateway({}, { env: { TOKENHUB_API_KEY: 'th-0123456789abcdef' } });
    expect(await world.tasks('cancel', '-g', 'tokenhub', taskId())).toBe(2);
    expect(world.err()).toContain('TokenHub');
  });
});
