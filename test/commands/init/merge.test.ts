import { mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { initPlace } from '../../helpers/init.ts';

const python = ['--template', 'python'];

describe('a directory that is not empty', () => {
  test('is 2, names --merge, and stays as it is', async () => {
    const place = initPlace();
    place.write('a/notes.md', 'mine');
    const { code, err } = await place.init(['a', ...python, '--no-git']);
    expect(code).toBe(2);
    expect(err).toContain(`${place.here}/a is not empty [usage code=not_empty]`);
    expect(err).toContain('alltoken init a --template python --no-git --merge\n');
    expect(place.texts()).toEqual({ 'a/notes.md': 'mine' });
  });

  test('that has only a repository counts as empty', async () => {
    const place = initPlace();
    place.write('a/.git/HEAD', 'ref: refs/heads/main\n');
    const { code, json, commands } = await place.init(['a', ...python, '--json']);
    expect(code).toBe(0);
    expect(json()).toMatchObject({ git: 'exists' });
    expect(commands).toEqual([]);
  });
});

describe('--merge', () => {
  test('adds what is missing, and says what it kept', async () => {
    const place = initPlace();
    place.write('a/agent.py', 'mine');
    place.write('a/README.md', '');
    const { code, err, json } = await place.init(['a', ...python, '--merge', '--json']);
    expect(code).toBe(0);
    expect(err).toContain(`3 files created in ${place.here}/a\n`);
    expect(err).toContain('kept as they were: README.md, agent.py\n');
    const files = json().files as { path: string; action: string }[];
    expect(files.filter(({ action }) => action === 'kept').map(({ path }) => path)).toEqual([
      'README.md',
      'agent.py',
    ]);
    expect(place.read('a/agent.py')).toBe('mine');
    expect(place.read('a/README.md')).toBe('');
    expect(place.read('a/test_agent.py')).toContain('import agent');
  });

  test('a second time keeps everything', async () => {
    const place = initPlace();
    await place.init(['a', '--merge']);
    const before = place.texts();
    const { code, err } = await place.init(['a', '--merge']);
    expect(code).toBe(0);
    expect(err).toContain('0 files created');
    expect(place.texts()).toEqual(before);
  });

  test('makes a new directory, too', async () => {
    const place = initPlace();
    expect(await place.init(['a', ...python, '--merge'])).toMatchObject({ code: 0 });
    expect(Object.keys(place.texts())).toHaveLength(5);
  });

  test('a package.json that was there says what it lacks, and is not touched', async () => {
    const place = initPlace();
    const mine = '{"name":"mine","scripts":{"test":"mocha"},"dependencies":{"zod":"^3.0.0"}}';
    place.write('a/package.json', mine);
    const { code, json, err, commands } = await place.init(['a', '--merge', '--install', '--json']);
    expect(code).toBe(0);
    expect(place.read('a/package.json')).toBe(mine);
    expect(commands.filter((line) => line.startsWith('npm'))).toEqual([]);
    expect(json()).toMatchObject({ installed: false, name: 'a' });
    expect(json().next).toEqual([
      expect.stringMatching(
        /^npm pkg set type=module 'scripts\.start=tsx src\/headless\.ts' .*scripts\.types=/,
      ),
      expect.stringMatching(/^npm install '?alltoken-cli@file:\S+ '?openai@\^\d\S*$/),
      expect.stringMatching(/^npm install --save-dev .*typescript@/),
      'ALLTOKEN_GATEWAY=sandbox npm start',
    ]);
    expect((json().next as string[])[0]).not.toContain('scripts.test');
    expect(err).toContain('warning: package.json was there before and is kept');
  });

  test('one that starts something else keeps its script, and the template has its own line', async () => {
    const place = initPlace();
    await place.init(['a']);
    const { json } = await place.init(['a', '--template', 'tui', '--merge', '--json']);
    const next = json().next as string[];
    expect(next[0]).toMatch(/^npm install .*ink@/);
    expect(next.at(-1)).toBe('ALLTOKEN_GATEWAY=sandbox npx tsx src/cli.tsx');
  });

  test('one that lacks nothing is not mentioned, and npm install runs', async () => {
    const place = initPlace();
    await place.init(['a']);
    const { err, commands } = await place.init(['a', '--merge', '--install']);
    expect(err).not.toContain('warning');
    expect(commands.at(-1)).toBe(`npm install --no-audit --no-fund --prefix ${place.here}/a`);
  });

  test.each(['no JSON', '[]', 'null', '{"scripts":7,"dependencies":[]}'])(
    'a package.json like %s lacks everything',
    async (text) => {
      const place = initPlace();
      place.write('a/package.json', text);
      const { code, json } = await place.init(['a', '--merge', '--json']);
      expect(code).toBe(0);
      expect(json().next).toHaveLength(4);
      expect(place.read('a/package.json')).toBe(text);
    },
  );
});

describe('what is in the way', () => {
  const link = (place: { here: string }, name: string, to: string): void => {
    mkdirSync(join(place.here, 'a'), { recursive: true });
    symlinkSync(to, join(place.here, name));
  };

  test('a file of that name: 50', async () => {
    const place = initPlace();
    place.write('a', 'mine');
    for (const path of ['a', 'a/b']) {
      const { code, err } = await place.init([path, '--merge']);
      expect(code).toBe(50);
      expect(err).toContain('[local_io code=');
    }
    expect(place.texts()).toEqual({ a: 'mine' });
  });

  test('a link to nowhere: 50, and nothing is made at its end', async () => {
    const place = initPlace();
    symlinkSync(join(place.here, 'gone'), join(place.here, 'a'));
    const { code, err } = await place.init(['a']);
    expect(code).toBe(50);
    expect(err).toContain('it is a link to nowhere');
    expect(place.texts()).toEqual({});
  });

  test('a link to an empty directory is that directory', async () => {
    const place = initPlace();
    mkdirSync(join(place.here, 'real'));
    symlinkSync('real', join(place.here, 'a'));
    expect(await place.init(['a', ...python])).toMatchObject({ code: 0 });
    expect(place.read('real/agent.py')).toContain('AllToken');
    expect(readlinkSync(join(place.here, 'a'))).toBe('real');
  });

  test.each([
    ['a file for a folder', (place) => place.write('a/src', 'mine'), 'it is not a directory'],
    ['a folder for a file', (place) => place.write('a/README.md/x', ''), 'it is a directory'],
    ['a folder that is elsewhere', (place) => link(place, 'a/src', '/tmp'), 'it is a link out of'],
    [
      'a folder that is nowhere',
      (place) => link(place, 'a/src', 'gone'),
      'it is a link to nowhere',
    ],
  ] as [string, (place: ReturnType<typeof initPlace>) => void, string][])(
    '%s: 50, before anything is written',
    async (_what, make, words) => {
      const place = initPlace();
      make(place);
      const before = place.texts();
      const { code, err } = await place.init(['a', '--merge']);
      expect(code).toBe(50);
      expect(err).toContain(words);
      expect(err).toContain('code=in_the_way');
      expect(place.texts()).toEqual(before);
    },
  );

  test('a link for a file is kept, also one to nowhere', async () => {
    const place = initPlace();
    link(place, 'a/agent.py', 'gone');
    const { code, err } = await place.init(['a', ...python, '--merge']);
    expect(code).toBe(0);
    expect(err).toContain('kept as they were: agent.py');
    expect(readlinkSync(join(place.here, 'a/agent.py'))).toBe('gone');
  });
});
