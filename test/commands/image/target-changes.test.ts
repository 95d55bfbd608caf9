import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FakeWorld } from '../../helpers/fake-deps.ts';
import {
  type Drawn,
  expectFailed,
  expectOneFile,
  imageWorld,
  resume,
  runIn,
} from '../../helpers/image.ts';
import { type Script, startImageGateway } from '../../helpers/image-gateway.ts';
import { completed, inline, picture, processing, taskId } from '../../helpers/image-replies.ts';

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

describe('what happens to the target while the picture is made', () => {
  /** Done by somebody else while the task is processing. */
  const meanwhile = (act: () => void): Script => ({
    poll: [
      (response, request, count) => {
        act();
        return processing()(response, request, count);
      },
      completed(inline(picture())),
    ],
  });

  async function changed(
    act: (path: string) => void,
    argv: readonly string[] = [],
  ): Promise<Drawn & { path: string }> {
    const at = { path: '' };
    const script = meanwhile(() => act(at.path));
    return drawCat(
      (_world, path) => {
        at.path = path;
      },
      argv,
      script,
    );
  }

  test('a name that is taken meanwhile is not overwritten; the result waits', async () => {
    const drawn = await changed((path) => writeFileSync(path, 'theirs'));
    expectFailed(drawn, {
      exit: 50,
      name: 'local_io',
      code: 'output_exists',
      message: /saved in .*\.body/,
      hint: /tasks resume igen_\S+ -o.*tasks resume igen_\S+ --force/,
      billed: 'yes',
    });
    expect(readFileSync(drawn.path, 'utf8')).toBe('theirs');
    const later = await resume(drawn.world, drawn.gateway, [taskId, '-o', `${drawn.path}.2`]);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
    expect(readFileSync(drawn.path, 'utf8')).toBe('theirs');
    expect(drawn.gateway.to('create')).toHaveLength(1);
    expect(drawn.gateway.to('poll')).toHaveLength(2);
  });

  test('the same, and resumed with --force: the result replaces it', async () => {
    const drawn = await changed((path) => writeFileSync(path, 'theirs'));
    const later = await resume(drawn.world, drawn.gateway, [taskId, '--force']);
    expect(later.code, later.world.err()).toBe(0);
    expect(expectOneFile(later.world)).toBe(drawn.path);
  });

  test('with --force a name that is taken meanwhile is replaced', async () => {
    const drawn = await changed((path) => writeFileSync(path, 'theirs'), ['--force']);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(readFileSync(drawn.path).equals(picture())).toBe(true);
  });

  test('a directory that takes the name is not replaced, not even with --force', async () => {
    for (const argv of [[], ['--force']]) {
      const drawn = await changed((path) => mkdirSync(path), argv);
      expectFailed(drawn, { exit: 50, name: 'local_io', message: /\.body/, billed: 'yes' });
      const later = await resume(drawn.world, drawn.gateway, [taskId, '-o', `${drawn.path}.2`]);
      expect(later.code, later.world.err()).toBe(0);
      expectOneFile(later.world);
    }
  });

  test('a directory that goes away costs nothing that is paid for', async () => {
    const gateway = await startImageGateway();
    const world = imageWorld(gateway);
    const folder = join(world.home, 'out');
    mkdirSync(folder);
    gateway.script = meanwhile(() => rmSync(folder, { recursive: true }));
    const code = await runIn(world, 'image', '--json', '-o', 'out/cat.png', 'A cat');
    expectFailed(
      { code, world, gateway },
      {
        exit: 50,
        name: 'local_io',
        code: 'ENOENT',
        message: /no such file or directory.*saved in/,
        hint: /tasks resume igen_\S+ -o/,
        billed: 'yes',
      },
    );
    mkdirSync(folder);
    const later = await resume(world, gateway);
    expect(later.code, later.world.err()).toBe(0);
    expect(expectOneFile(later.world)).toBe(join(folder, 'cat.png'));
    expect(gateway.to('create')).toHaveLength(1);
    expect(gateway.to('poll')).toHaveLength(2);
  });
});
