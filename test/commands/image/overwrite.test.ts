import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FakeWorld } from '../../helpers/fake-deps.ts';
import { type Drawn, expectFailed, imageWorld, runIn } from '../../helpers/image.ts';
import { type ImageReply, type Script, startImageGateway } from '../../helpers/image-gateway.ts';
import { completed, inline, picture } from '../../helpers/image-replies.ts';

/** `-o cat.png` in a home that `prepare` has seen. */
async function drawCat(
  prepare: (world: FakeWorld, path: string) => void,
  argv: readonly string[] = [],
  script: Script = {},
): Promise<Drawn & { path: string }> {
  const gateway = await startImageGateway(script);
  const world = imageWorld(gateway);
  const path = join(world.home, 'cat.png');
  prepare(world, path);
  const code = await runIn(world, 'image', '--json', '-o', 'cat.png', ...argv, 'A cat');
  return { code, world, gateway, path };
}

const refusal = { exit: 50, name: 'local_io', billed: 'no' } as const;

describe('a name that is taken is refused before anything is bought', () => {
  const taken: [string, (world: FakeWorld, path: string) => void][] = [
    ['a file', (world) => void world.write('cat.png', 'mine')],
    ['an empty file', (world) => void world.write('cat.png', '')],
    ['a link to a file', (world, path) => symlinkSync(world.write('other', 'mine'), path)],
    ['a link to nowhere', (world, path) => symlinkSync(join(world.home, 'nowhere'), path)],
    ['a link to itself', (_world, path) => symlinkSync(path, path)],
  ];
  test.each(taken)('%s', async (_name, prepare) => {
    const drawn = await drawCat(prepare);
    expectFailed(drawn, refusal);
    expect(drawn.gateway.requests).toEqual([]);
    expect(lstatSync(drawn.path)).toBeDefined();
  });

  test('the hint names -o, and only then --force', async () => {
    const drawn = await drawCat((world) => void world.write('cat.png', 'mine'));
    expectFailed(drawn, { ...refusal, code: 'output_exists', hint: /-o.*--force/ });
  });
});

describe('image --force', () => {
  test.skipIf(process.platform === 'win32')(
    'replaces no pipe, whether it was there before or came meanwhile',
    async () => {
      const makePipe = (path: string) => void execFileSync('mkfifo', [path]);
      const before = await drawCat((_world, path) => makePipe(path), ['--force']);
      expectFailed(before, { ...refusal, code: 'output_exists' });
      expect(before.gateway.requests).toEqual([]);
      let path = '';
      const takePath = (_world: FakeWorld, at: string): void => {
        path = at;
      };
      const poll: ImageReply = (response, ...rest) => {
        makePipe(path);
        completed(inline(picture()))(response, ...rest);
      };
      const meanwhile = await drawCat(takePath, ['--force'], { poll });
      expectFailed(meanwhile, { ...refusal, code: 'output_exists', billed: 'yes', hint: /-o/ });
      for (const drawn of [before, meanwhile]) expect(lstatSync(drawn.path).isFIFO()).toBe(true);
    },
  );

  test('replaces a file, and a read-only one too', async () => {
    const { code, world, path } = await drawCat(
      (_world, at) => writeFileSync(at, 'mine', { mode: 0o400 }),
      ['--force'],
    );
    expect(code, world.err()).toBe(0);
    expect(readFileSync(path).equals(picture())).toBe(true);
  });

  test('replaces a link, and leaves what it leads to', async () => {
    const { code, world, path } = await drawCat(
      (home, at) => symlinkSync(home.write('other', 'mine'), at),
      ['--force'],
    );
    expect(code, world.err()).toBe(0);
    expect(lstatSync(path).isSymbolicLink()).toBe(false);
    expect(readFileSync(path).equals(picture())).toBe(true);
    expect(readFileSync(join(world.home, 'other'), 'utf8')).toBe('mine');
  });

  test('replaces a link to nowhere', async () => {
    const { code, world, path } = await drawCat(
      (home, at) => symlinkSync(join(home.home, 'nowhere'), at),
      ['--force'],
    );
    expect(code, world.err()).toBe(0);
    expect(readFileSync(path).equals(picture())).toBe(true);
    expect(existsSync(join(world.home, 'nowhere'))).toBe(false);
  });

  test('does not need a file to be there', async () => {
    const { code, path } = await drawCat(() => {}, ['--force']);
    expect(code).toBe(0);
    expect(readFileSync(path).equals(picture())).toBe(true);
  });
});

describe('a directory of that name', () => {
  test('takes the file under a name of its own', async () => {
    const { code, world, path } = await drawCat((_world, at) => mkdirSync(at));
    expect(code, world.err()).toBe(0);
    expect(world.json().files).toMatchObject([
      { path: expect.stringMatching(new RegExp(`^${path}/alltoken-image-`)) },
    ]);
  });

  test('takes it through a link as well, with or without --force', async () => {
    for (const argv of [[], ['--force']]) {
      const { code, world, path } = await drawCat((home, at) => {
        mkdirSync(join(home.home, 'there'));
        symlinkSync('there', at);
      }, argv);
      expect(code, world.err()).toBe(0);
      expect(readlinkSync(path)).toBe('there');
    }
  });
});
