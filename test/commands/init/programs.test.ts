import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { initPlace } from '../../helpers/init.ts';

const python = ['a', '--template', 'python', '--json'];

describe('git', () => {
  test('begins a repository before the directory has its name', async () => {
    const place = initPlace();
    const seen: boolean[] = [];
    const { json, commands } = await place.init(python, {
      runs: (line) => {
        seen.push(
          existsSync(join(place.here, 'a')),
          line.startsWith(`git init --quiet ${place.here}/.`),
        );
        return {};
      },
    });
    expect(json()).toMatchObject({ git: 'initialized', notes: [] });
    expect(commands).toHaveLength(1);
    expect(seen).toEqual([false, true]);
  });

  test('does not begin one inside a work tree, also behind a link', async () => {
    const place = initPlace();
    place.write('.git/HEAD', '');
    const { json, err, commands } = await place.init(['one/two', '--template', 'python', '--json']);
    expect(json()).toMatchObject({ git: 'inside' });
    expect(commands).toEqual([]);
    expect(err).toContain('no git init: the directory is inside a repository\n');
  });

  test.each(['GIT_DIR', 'GIT_WORK_TREE'])('nor where %s names another one', async (name) => {
    const { json, commands } = await initPlace().init(python, { env: { [name]: '/elsewhere' } });
    expect(json()).toMatchObject({ git: 'inside' });
    expect(commands).toEqual([]);
  });

  test('--no-git says nothing of it', async () => {
    const { json, commands, err } = await initPlace().init([...python, '--no-git']);
    expect(json()).toMatchObject({ git: 'off', notes: [] });
    expect(commands).toEqual([]);
    expect(err).not.toContain('git');
  });

  test.each([
    [null, 'not_found', 'git was not found'],
    [127, 'not_found', 'git was not found'],
    [128, 'failed', 'git init failed; the project is whole without it'],
  ])('that ends with %s costs the repository, not the project', async (exitCode, git, words) => {
    const place = initPlace();
    const { code, json, err } = await place.init(python, { runs: () => ({ exitCode }) });
    expect(code).toBe(0);
    expect(json()).toMatchObject({ git, notes: [expect.stringContaining(words)] });
    expect(err).toContain(words);
    expect(existsSync(join(place.here, 'a/agent.py'))).toBe(true);
  });
});

describe('npm', () => {
  test('is only named without --install, and with --no-install', async () => {
    for (const flags of [[], ['--no-install'], ['--install', '--no-install']]) {
      const { err, commands, json } = await initPlace().init(['a', '--no-git', '--json', ...flags]);
      expect(commands).toEqual([]);
      expect(json()).toMatchObject({ installed: false, next: ['npm install', expect.any(String)] });
      expect(err).toContain('next: cd a && npm install && ALLTOKEN_GATEWAY=sandbox npm start\n');
    }
  });

  test('installs into the project with --install', async () => {
    const place = initPlace();
    const { code, json, commands } = await place.init(['a', '--no-git', '--install', '--json']);
    expect(code).toBe(0);
    expect(commands).toEqual([`npm install --no-audit --no-fund --prefix ${place.here}/a`]);
    expect(json()).toMatchObject({ installed: true, next: ['ALLTOKEN_GATEWAY=sandbox npm start'] });
  });

  test('has nothing to install for python', async () => {
    const { commands, json } = await initPlace().init([...python, '--no-git', '--install']);
    expect(commands).toEqual([]);
    expect(json()).toMatchObject({ ok: true, installed: false });
  });

  test.each([
    [
      1,
      'npm error code E404\nnpm error 404 Not Found\n',
      'install_failed',
      'code E404 404 Not Found',
    ],
    [1, '', 'install_failed', 'it said nothing'],
    [null, '', 'no_npm', 'npm was not found'],
  ])('that fails (%s) is 50; the project stays', async (exitCode, stderr, slug, words) => {
    const place = initPlace();
    const ran = await place.init(['a', '--no-git', '--install', '--json'], {
      runs: () => ({ exitCode, stderr }),
    });
    expect(ran.code).toBe(50);
    expect(ran.json()).toMatchObject({
      ok: false,
      installed: false,
      directory: join(place.here, 'a'),
      error: {
        name: 'local_io',
        code: slug,
        billed: 'no',
        message: expect.stringContaining(words),
        hint: `npm install --prefix ${place.here}/a`,
      },
    });
    expect(existsSync(join(place.here, 'a/package.json'))).toBe(true);
  });
});

test('a message cannot run it, and there is no tool for it', async () => {
  const { fakeDeps } = await import('../../helpers/fake-deps.ts');
  const world = fakeDeps();
  mkdirSync(join(world.home, 'x'));
  expect(await world.run('slash', '/alltoken-init x --merge')).toBe(2);
  expect(await world.run('slash', 'run alltoken init x --merge')).toBe(2);
  expect(existsSync(join(world.home, 'x/package.json'))).toBe(false);
  const { toolInputs } = await import('../../../src/schemas/tools.ts');
  expect(Object.keys(toolInputs(45)).filter((name) => name.includes('init'))).toEqual([]);
});
