import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { files as realFiles } from '../../../src/system/files.ts';
import { fatefulFiles, type Operation, systemError } from '../../helpers/image-faults.ts';
import { type InitPlace, initPlace } from '../../helpers/init.ts';

const argv = ['a', '--template', 'python'];

/** The changes that an init makes to the disk. */
async function changesOf(words: readonly string[], prepare: (place: InitPlace) => void) {
  const place = initPlace();
  prepare(place);
  const operations: Operation[] = [];
  const files = fatefulFiles((operation) => {
    if (operation.writes) operations.push(operation);
    return 'usual';
  });
  expect(await place.init(words, { files })).toMatchObject({ code: 0 });
  return { operations, texts: place.texts() };
}

/** The same init, killed before its nth change. */
async function killed(place: InitPlace, words: readonly string[], at: number): Promise<void> {
  let count = 0;
  let die = (): void => {};
  const dead = new Promise<void>((resolve) => {
    die = resolve;
  });
  const files = fatefulFiles((operation) => {
    if (!operation.writes) return 'usual';
    count += 1;
    if (count !== at) return 'usual';
    die();
    return 'dies before';
  });
  await Promise.race([dead, place.init(words, { files })]);
}

describe('killed before any change', () => {
  test('a new directory is there whole, or not at all', async () => {
    const { operations, texts } = await changesOf(argv, () => {});
    expect(operations.length).toBeGreaterThan(15);
    for (const at of operations.keys()) {
      const place = initPlace();
      await killed(place, argv, at + 1);
      if (existsSync(join(place.here, 'a'))) {
        expect(place.texts()).toEqual(texts);
        continue;
      }
      // What is left has no name that a person would use, and is in nobody's way.
      expect(readdirSync(place.here).filter((name) => !name.startsWith('.'))).toEqual([]);
      expect(await place.init(argv)).toMatchObject({ code: 0 });
    }
  });

  test('in an empty directory each file is whole, and --merge adds the rest', async () => {
    const empty = (place: InitPlace): void => place.write('a/.git/HEAD', '');
    const { operations, texts } = await changesOf(argv, empty);
    for (const at of operations.keys()) {
      const place = initPlace();
      empty(place);
      await killed(place, argv, at + 1);
      for (const [name, text] of Object.entries(place.texts()))
        if (!name.includes('.alltoken-init-')) expect(text).toBe(texts[name]);
      expect(await place.init([...argv, '--merge'])).toMatchObject({ code: 0 });
      expect(place.texts()).toMatchObject(texts);
    }
  });
});

describe('a disk that fails', () => {
  test.each(['ENOSPC', 'EROFS', 'EIO'])(
    'with %s at any change: 50, and nothing is left',
    async (code) => {
      const { operations } = await changesOf(argv, () => {});
      for (const at of operations.keys()) {
        const place = initPlace();
        let count = 0;
        const files = fatefulFiles((operation) => {
          if (!operation.mayFail || !operation.writes || operation.name === 'removeTree')
            return 'usual';
          count += 1;
          return count > at ? { code } : 'usual';
        });
        const ran = await place.init([...argv, '--json'], { files });
        if (ran.code === 0) continue;
        expect(ran.code).toBe(50);
        expect(ran.json().error).toMatchObject({
          name: 'local_io',
          code,
          message: expect.stringContaining(`cannot create ${place.here}/a: `),
          hint: expect.stringMatching(/alltoken init a --template python$/),
        });
        expect(readdirSync(place.here)).toEqual([]);
      }
    },
  );

  test('in a directory that is there, the hint is --merge', async () => {
    const place = initPlace();
    place.write('a/.git/HEAD', '');
    const files = fatefulFiles(({ label }) =>
      label === 'link agent.py' ? { code: 'ENOSPC' } : 'usual',
    );
    const { code, err } = await place.init(argv, { files });
    expect(code).toBe(50);
    expect(err).toContain(`cannot write ${place.here}/a/agent.py: no space left on device`);
    expect(err).toMatch(/hint: .*alltoken init a --template python --merge\n$/);
    expect(readdirSync(join(place.here, 'a'))).not.toContain('agent.py');
  });

  test('where nobody may write, the setting of a known sandbox comes first', async () => {
    const place = initPlace();
    const files = fatefulFiles(({ name }) =>
      name === 'makeDirectory' ? { code: 'EROFS' } : 'usual',
    );
    const { code, err } = await place.init(argv, { files, env: { CODEX_SANDBOX: 'seatbelt' } });
    expect(code).toBe(50);
    expect(err).toMatch(/hint: set sandbox_workspace_write\.writable_roots = \["[^"]+"\] in /);
  });

  test('a directory that cannot be looked at: 50', async () => {
    const place = initPlace();
    const files = { ...realFiles, list: async () => Promise.reject(systemError('EACCES')) };
    const { code, err } = await place.init([], { files, templatesDirectory: '/nowhere' });
    expect(code).toBe(50);
    expect(err).toContain(`cannot look at ${place.here}: permission denied (EACCES)`);
  });

  test('a name that is too long: 50', async () => {
    const { code, err } = await initPlace().init(['x'.repeat(300)]);
    expect(code).toBe(50);
    expect(err).toContain('code=ENAMETOOLONG');
  });
});

test('what another program makes meanwhile is not replaced', async () => {
  const place = initPlace();
  const files = {
    ...realFiles,
    async syncDirectory(path: string) {
      await realFiles.syncDirectory(path);
    },
    async openToWrite(...words: Parameters<typeof realFiles.openToWrite>) {
      place.write('a/README.md', 'mine');
      return realFiles.openToWrite(...words);
    },
  };
  const fresh = await place.init(argv, { files });
  expect(fresh.code).toBe(50);
  expect(fresh.err).toContain('code=output_exists');
  expect(place.texts()).toEqual({ 'a/README.md': 'mine' });
});

test('Ctrl-C while it writes leaves nothing', async () => {
  const place = initPlace();
  let stop = (): void => {};
  const files = fatefulFiles(({ label }) => {
    if (label === 'openToWrite agent.py') stop();
    return 'usual';
  });
  const running = place.init(argv, {
    files,
    onStart: (world) => {
      stop = () => world.signal('SIGINT');
    },
  });
  expect(await running).toMatchObject({ code: 130, out: '' });
  expect(readdirSync(place.here)).toEqual([]);
});
