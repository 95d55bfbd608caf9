import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { draw, laterWorld, namesIn, records, resume, runIn } from '../../helpers/image.ts';
import { completed, inline, picture, state } from '../../helpers/image-replies.ts';

describe('image -o -', () => {
  const argv = ['-o', '-', 'A cat'];

  test('prints the picture, byte for byte, and keeps no file', async () => {
    const { code, world } = await draw({}, argv);
    expect(code, world.err()).toBe(0);
    expect(Buffer.from(world.out(), 'latin1').equals(picture())).toBe(true);
    expect(namesIn(world.home)).toEqual([]);
    expect(readdirSync(join(world.home, 'tasks')).every((name) => name.endsWith('.json'))).toBe(
      true,
    );
    expect(records(world)).toMatchObject([{ state: 'done' }]);
  });

  test('prints a large one whole', async () => {
    const large = picture(3_000_001);
    const { world } = await draw({ poll: completed(inline(large)) }, argv);
    expect(Buffer.from(world.out(), 'latin1').equals(large)).toBe(true);
  });

  test.each(['ENOSPC', 'EIO'])(
    'stdout fails with %s: 50, and the picture can be had',
    async (code) => {
      const drawn = await draw({}, argv, { stdoutError: { code, at: 1 } });
      expect(drawn.code).toBe(50);
      expect(records(drawn.world)).toMatchObject([{ state: 'received' }]);
      const later = await resume(drawn.world, drawn.gateway);
      expect(later.code, later.world.err()).toBe(0);
      expect(existsSync(later.world.out().trim())).toBe(true);
    },
  );

  test('the reader goes away: 141, and the picture can be had', async () => {
    const drawn = await draw({}, argv, { stdoutError: { code: 'EPIPE', at: 1 } });
    expect(drawn.code).toBe(141);
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(0);
    expect(drawn.gateway.to('create')).toHaveLength(1);
  });

  test('no picture comes: nothing is printed', async () => {
    const drawn = await draw({ poll: state('failed') }, argv);
    expect(drawn.code).toBe(44);
    expect(drawn.world.out()).toBe('');
  });

  test('a result that is none prints nothing', async () => {
    const drawn = await draw({ poll: completed({ b64_json: 'AAAA' }) }, argv);
    expect(drawn.code).toBe(41);
    expect(drawn.world.out()).toBe('');
  });
});

describe('stdout that fails after the file is saved', () => {
  test.each(['ENOSPC', 'EPIPE'])('%s: the file is there and the job is done', async (code) => {
    const drawn = await draw({}, ['-o', 'cat.png', 'A cat'], { stdoutError: { code, at: 1 } });
    expect(drawn.code).toBe(code === 'EPIPE' ? 141 : 50);
    expect(existsSync(join(drawn.world.home, 'cat.png'))).toBe(true);
    expect(records(drawn.world)).toMatchObject([{ state: 'done' }]);
  });

  const codes = [
    ['ENOSPC', 50, 'local_io'],
    ['EPIPE', 141, 'sigpipe'],
  ] as const;

  test.each(
    codes.flatMap((failure) => [[], ['--json'], ['-v']].map((more) => [more, ...failure] as const)),
  )('-q %j, %s: says where the file is, and what shows it', async (more, code, exit, name) => {
    const argv = ['-q', ...more, '-o', 'cat.png', 'A cat'];
    const drawn = await draw({}, argv, { stdoutError: { code, at: 1 } });
    expect(drawn.code).toBe(exit);
    const [record] = records(drawn.world);
    const lines = drawn.world.err().trim().split('\n').slice(-2);
    expect(lines[0]).toContain(
      `; saved: ${join(drawn.world.home, 'cat.png')} [${name} code=${code}]`,
    );
    expect(lines[1]).toBe(
      `hint: the result is saved; show where: alltoken tasks show ${record?.task_id}`,
    );
  });

  test.each(
    codes.flatMap((failure) =>
      [['-o', '-'], ['--async'], ['--async', '--json']].map((more) => [more, ...failure] as const),
    ),
  )('-q %j, %s: names the command that brings the image', async (more, code, exit) => {
    const drawn = await draw({}, ['-q', ...more, 'A cat'], { stdoutError: { code, at: 1 } });
    expect(drawn.code).toBe(exit);
    const [record] = records(drawn.world);
    expect(drawn.world.err()).toMatch(/^alltoken: .*\nhint: .*\n$/);
    expect(drawn.world.err()).toContain(`alltoken tasks resume ${record?.task_id}\n`);
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(0);
  });

  test('--jsonl that nobody reads from the start buys nothing', async () => {
    const drawn = await draw({}, ['--jsonl', 'A cat'], { stdoutError: { code: 'ENOSPC', at: 1 } });
    expect(drawn.code).toBe(50);
    expect(drawn.gateway.to('create')).toHaveLength(0);
    expect(drawn.world.err()).toMatch(/hint: free disk space, then run the same command again\n$/);
  });

  test.each([[['tasks']], [['tasks', '--json']], [['tasks', 'resume', '--all']]])(
    '%j was never billed',
    async (argv) => {
      const drawn = await draw({}, ['--async', 'A cat']);
      const world = laterWorld(drawn.world, drawn.gateway, {
        stdoutError: { code: 'ENOSPC', at: 1 },
      });
      expect(await runIn(world, ...argv)).toBe(50);
      expect(world.err()).toMatch(/hint: free disk space, then run the same command again\n$/);
      expect(world.err()).not.toContain('billed');
    },
  );
});
