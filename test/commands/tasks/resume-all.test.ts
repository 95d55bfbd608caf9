import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tasksDocumentSchema } from '../../../src/schemas/media.ts';
import { files as realFiles } from '../../../src/system/files.ts';
import { envelope, type Reply } from '../../helpers/ask.ts';
import { completed, filmReply, task, taskId } from '../../helpers/video-gateway.ts';
import {
  document,
  errorOf,
  filesIn,
  fullAfter,
  journalOf,
  laterProcess,
  untilAsked,
  type VideoWorld,
  withGateway,
} from '../../helpers/video-world.ts';

/** As many videos as polls were bought; the nth task answers with the nth poll. Then `resume --all`, in another process. */
async function resumeAll(
  polls: readonly Reply[],
): Promise<{ code: number; later: VideoWorld; world: VideoWorld }> {
  const { gateway, world } = await withGateway({
    poll: (response, request, count) => {
      const nth = polls.findIndex((_, index) => request.path.endsWith(taskId(index + 1)));
      return polls[nth]?.(response, request, count);
    },
    file: filmReply(),
  });
  for (const index of polls.keys())
    expect(await world.video('A boat', '--async', '-o', `${index + 1}.mp4`)).toBe(0);
  const later = laterProcess(world, gateway);
  const code = await later.tasks('resume', '--all', '--json');
  expect(gateway.to('create')).toHaveLength(polls.length);
  expect(document(later, tasksDocumentSchema).tasks).toHaveLength(polls.length);
  return { code, later, world };
}

const failed = task('failed', { error: { code: 'x', message: 'it fell over' } });
const gone = envelope(410, 'result_expired');

describe('tasks resume --all', () => {
  test('saves them all', async () => {
    const { code, later, world } = await resumeAll([completed(), completed(), completed()]);
    expect(code, later.err()).toBe(0);
    expect(filesIn(world)).toEqual(['1.mp4', '2.mp4', '3.mp4']);
    expect(later.json().files).toHaveLength(3);
    expect(journalOf(world).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  test('prints the path of each', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async', '-o', '1.mp4');
    await world.video('A boat', '--async', '-o', '2.mp4');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', '--all')).toBe(0);
    expect(later.out().split('\n').sort()).toEqual([
      '',
      `${world.home}/1.mp4`,
      `${world.home}/2.mp4`,
    ]);
  });

  test.each<[string, Reply[], number]>([
    ['some come', [completed(), failed, completed()], 40],
    ['one comes first', [failed, completed()], 40],
    ['all fail in the same way', [failed, failed], 44],
    ['all fail, each in its way', [failed, gone], 40],
    ['the only one fails', [gone], 43],
  ])('ends with one code when %s', async (_what, polls, exit) => {
    const { code, later } = await resumeAll(polls);
    expect(code, later.err()).toBe(exit);
    expect(errorOf(later)).toMatchObject({ exit });
  });

  test.each(['one', 'two'])(
    'ends with 50 when the disk of %s is full, though the other came',
    async (full) => {
      const { gateway, world } = await withGateway();
      for (const directory of ['one', 'two']) {
        mkdirSync(join(world.home, directory));
        await world.video('A boat', '--async', '-o', `${directory}/a.mp4`);
      }
      const files = fullAfter(realFiles, new RegExp(`/${full}/`), 20_000);
      const later = laterProcess(world, gateway, { files });
      expect(await later.tasks('resume', '--all', '--json'), later.err()).toBe(50);
      expect(later.json().files).toHaveLength(1);
    },
  );

  test('says in each task what went wrong', async () => {
    const { later } = await resumeAll([completed(), failed]);
    const tasks = later.json().tasks as { task_id: string; error: unknown; files: unknown[] }[];
    expect(tasks.find(({ task_id }) => task_id === taskId(1))).toMatchObject({ error: null });
    expect(tasks.find(({ task_id }) => task_id === taskId(2))).toMatchObject({
      error: { exit: 44, message: 'the task failed: it fell over' },
      files: [],
    });
  });

  test('has nothing to do in a new home, or when all is done', async () => {
    const { gateway, world } = await withGateway();
    expect(await world.tasks('resume', '--all')).toBe(0);
    expect(world.err()).toBe('nothing to resume\n');
    expect(world.out()).toBe('');
    await world.video('A boat');
    const later = laterProcess(world, gateway, { env: { ALLTOKEN_API_KEY: '' } });
    expect(await later.tasks('resume', '--all', '--json')).toBe(0);
    expect(document(later, tasksDocumentSchema).tasks).toEqual([]);
  });

  test('waits for several at a time', async () => {
    const waiting = new Set<string>();
    let together = 0;
    const poll: Reply = async (response, request, count) => {
      waiting.add(request.path);
      together = Math.max(together, waiting.size);
      // Nobody is answered before all have asked.
      await expect.poll(() => together, { interval: 5 }).toBeGreaterThanOrEqual(3);
      return completed()(response, request, count);
    };
    const { code } = await resumeAll([poll, poll, poll]);
    expect(code).toBe(0);
  });

  test('stops them all at Ctrl-C, and they can be resumed', async () => {
    const { gateway, world } = await withGateway({
      poll: (response, request, count) =>
        gateway.to('poll').length > 2 ? completed()(response, request, count) : undefined,
    });
    await world.video('A boat', '--async');
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    const run = later.tasks('resume', '--all', '--json');
    await untilAsked(gateway, 'poll', 2);
    later.signal('SIGINT');
    expect(await run).toBe(130);
    expect(journalOf(world).map(({ state }) => state)).toEqual(['submitted', 'submitted']);
    const again = laterProcess(world, gateway, { processId: 4713 });
    expect(await again.tasks('resume', '--all'), again.err()).toBe(0);
  });

  test('goes on with the others when one has no key any more', async () => {
    const { gateway, world } = await withGateway();
    const ours = { kind: 'alltoken', base_url: gateway.baseUrl, api_key_env: 'OURS_KEY' };
    world.write('config.json', JSON.stringify({ gateways: { ours } }));
    await world.video('A boat', '--async');
    const buyer = laterProcess(world, gateway, {
      env: { OURS_KEY: 'sk-at-ours-0123456789', ALLTOKEN_BASE_URL: '' },
    });
    expect(await buyer.video('-g', 'ours', 'A boat', '--async'), buyer.err()).toBe(0);
    const later = laterProcess(world, gateway, { processId: 4714 });
    expect(await later.tasks('resume', '--all', '--json')).toBe(40);
    const tasks = later.json().tasks as { gateway: string; error: unknown }[];
    expect(tasks.find(({ gateway: name }) => name === 'ours')?.error).toMatchObject({ exit: 20 });
    expect(later.json().files).toHaveLength(1);
  });
});
