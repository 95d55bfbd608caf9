import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { play } from '../helpers/gateways.ts';
import { recordOf } from '../helpers/video-world.ts';

const answers = {
  'POST /api/v1/videos/generations': 'video-created.json',
  'GET /api/v1/videos/generations/tsk-v1': 'video-done.json',
  'GET /storage/film.mp4': '@film',
};
const fast = 'bytedance/doubao-seedance-2.0-fast';
const still = 'https://x.example/a.png';
const film = 'https://x.example/a.mp4';

describe('a price by the second', () => {
  test.each([
    ['the usual one', [], '0.6'],
    ['longer, and larger', ['--duration', '15', '--resolution', '720p'], '3'],
    ['the fast model', ['-m', fast], '0.5'],
    ['the fast model, larger', ['-m', fast, '--resolution', '720p'], '0.8'],
    ['under its bare name', ['-m', 'doubao-seedance-2.0', '--duration', '4'], '0.48'],
    ['from pictures, which are free', ['--first-frame', still], '0.6'],
    [
      'with the duration of the input video that it starts from',
      ['--reference', film, '--param', 'input_video_duration=3'],
      '0.96',
    ],
  ])('%s', async (_what, argv, amount) => {
    const { run, world, server } = await play('tokenhub', answers);
    expect(await run('video', '-g', 'tokenhub', ...argv, '--dry-run', '--json', 'Go')).toBe(0);
    expect(world.json()).toMatchObject({ verdict: { fits: true, bound: amount, open: null } });
    expect(server.requests).toEqual([]);
  });

  test.each([
    [
      'a film of unknown length to start from',
      ['--reference', film],
      '0.6',
      'the duration of the input video',
    ],
    ['a size that has no price', ['--resolution', '1080p'], null, 'is not known in advance'],
    ['a model that has no price', ['-m', 'kwaivgi/kling-2'], null, 'is not known in advance'],
    [
      'another model of the family',
      ['-m', 'bytedance/doubao-seedance-2.0-pro'],
      null,
      'is not known in advance',
    ],
    [
      'more films than lengths',
      [
        '--param',
        'video_urls=["https://a.example/1.mp4","https://a.example/2.mp4"]',
        '--param',
        'video_durations=[15]',
      ],
      '2.4',
      'the duration of the input video',
    ],
    ['a length that the model chooses', ['--duration', '-1'], null, 'is not known in advance'],
  ])('is open with %s', async (_what, argv, bound, open) => {
    const { run, world } = await play('tokenhub', answers);
    expect(await run('video', '-g', 'tokenhub', ...argv, '--dry-run', '--json', 'Go')).toBe(0);
    expect(world.json()).toMatchObject({ verdict: { bound, open: expect.stringContaining(open) } });
  });

  test('counts the films that it starts from, the larger of two words on them', async () => {
    const { run, world } = await play('tokenhub', answers);
    const films = ['--param', 'video_durations=[15,15]', '--param', 'input_video_duration=1'];
    expect(await run('video', '-g', 'tokenhub', ...films, '--dry-run', '--json', 'Go')).toBe(0);
    expect(world.json()).toMatchObject({ verdict: { bound: '4.2', open: null } });
  });

  test('is told before it is bought, and is what the books say', async () => {
    const { run, world } = await play('tokenhub', answers);
    expect(await run('video', '-g', 'tokenhub', '-o', 'a.mp4', '--json', 'Go'), world.err()).toBe(
      0,
    );
    const cost = { amount: '0.6', currency: 'USD', source: 'catalog' };
    expect(world.err().split('\n')[0]).toBe(
      'this video costs $0.6 by the price list of 2026-11-22',
    );
    expect(world.json().cost).toEqual(cost);
    expect(world.ledger()).toMatchObject([{ gateway: 'tokenhub' }, { cost }]);
    expect(recordOf(world)).toMatchObject({ cost, estimate: '0.6' });
  });

  test('of a film that failed is not in the books', async () => {
    const failed = { ...answers, 'GET /api/v1/videos/generations/tsk-v1': 'video-failed.json' };
    const { run, world } = await play('tokenhub', failed);
    expect(await run('video', '-g', 'tokenhub', '-o', 'a.mp4', '--json', 'Go')).toBe(44);
    expect(world.json()).toMatchObject({ cost: { amount: null, source: 'unknown' } });
  });

  test('of a lost order counts once, however often it is taken up', async () => {
    const lost = {
      'POST /api/v1/videos/generations': (response: ServerResponse) => void response.destroy(),
    };
    const before = await play('tokenhub', lost);
    before.world.write('config.json', JSON.stringify({ budget: { day: '5' } }));
    expect(await before.run('video', '-g', 'tokenhub', 'Go')).toBe(46);
    const spent = async (): Promise<unknown> => {
      const { run, world } = before.later();
      expect(await run('budget', '--json'), world.err()).toBe(0);
      return world.json().caps;
    };
    const first = await spent();
    expect(first).toContainEqual(expect.objectContaining({ name: 'budget.day', spent: '0.6' }));
    for (let times = 0; times < 3; times += 1)
      expect(await before.later().run('tasks', 'resume', '--all')).toBe(46);
    expect(await spent()).toEqual(first);
  });

  test('stands against --max-cost: 27, and nothing is sent', async () => {
    const { run, world, server } = await play('tokenhub', answers);
    expect(await run('video', '-g', 'tokenhub', '--max-cost', '0.59', 'Go')).toBe(27);
    expect(server.requests).toEqual([]);
    expect(world.err()).toContain('nothing was sent [budget');
    const enough = await play('tokenhub', answers);
    expect(
      await enough.run('video', '-g', 'tokenhub', '--max-cost', '0.6', '-o', 'a.mp4', 'Go'),
    ).toBe(0);
  });

  test('is none at a gateway that tells none, and --max-cost says so', async () => {
    const { run, world, server } = await play('altllm', {});
    expect(await run('video', '-g', 'altllm', '--max-cost', '5', 'Go')).toBe(27);
    expect(server.requests).toEqual([]);
    expect(world.err()).toContain('--max-cost cannot be enforced');
  });
});
