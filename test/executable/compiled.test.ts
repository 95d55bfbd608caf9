import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Finished, runExecutable, temporaryFolder } from '../helpers/executable.ts';
import { isTurnOf } from '../helpers/share.ts';

const chat = ['chat', '-g', 'sandbox', '-q', 'Hello'];

/** With the cache, as users run it; other tests switch it off. */
function run(argv: readonly string[], home: string, env = {}): Promise<Finished> {
  return runExecutable(argv, { home, env: { ALLTOKEN_COMPILE_CACHE: '1', ...env } });
}

/** Files of compiled code, by their paths below the home. */
function compiled(home: string): string[] {
  const folder = join(home, 'cache/compiled');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

describe('compiled code', () => {
  test('goes to the directory that the environment names', async () => {
    const [home, folder] = [temporaryFolder(), temporaryFolder()];
    expect((await run(chat, home, { ALLTOKEN_COMPILE_CACHE: folder })).code).toBe(0);
    expect(compiled(home)).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('is kept by a run that went well, for this user only, and used by the next', async () => {
    const home = temporaryFolder();
    const first = await run(chat, home);
    const files = compiled(home);
    expect(files.map((path) => path.split('/').slice(-2).join('/'))).toEqual(
      expect.arrayContaining(['chat/main.cjs', 'chat/chat.cjs']),
    );
    expect(files.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);
    const before = files.map((path) => statSync(path).mtimeMs);
    const second = await run(chat, home);
    expect(second).toEqual(first);
    expect(compiled(home).map((path) => statSync(path).mtimeMs)).toEqual(before);
  });

  test.runIf(process.platform === 'linux')(
    'is left out below a directory that takes none',
    async () => {
      const [home] = [temporaryFolder()];
      const env = { ALLTOKEN_COMPILE_CACHE: '/proc/alltoken/compiled' };
      expect((await run(chat, home, env)).code).toBe(0);
    },
  );

  test('is not kept by a run that failed, nor where it is switched off', async () => {
    const home = temporaryFolder();
    expect((await run(['chat', '--temperature', 'hot', 'Hello'], home)).code).toBe(2);
    expect((await run(chat, home, { ALLTOKEN_COMPILE_CACHE: '0' })).code).toBe(0);
    expect((await run(chat, home, { NODE_DISABLE_COMPILE_CACHE: '1' })).code).toBe(0);
    expect(compiled(home)).toEqual([]);
  });

  test('that is damaged is not used', async () => {
    const home = temporaryFolder();
    const { stdout } = await run(chat, home);
    const files = compiled(home);
    const bytes = files.map((path) => readFileSync(path));
    // Bytes that are still there may be any; V8 itself would crash on some of them.
    const damages: ((whole: Buffer, at: number) => Buffer)[] = [
      (whole) => whole.subarray(0, whole.length / 2),
      () => Buffer.alloc(0),
      () => Buffer.from('not compiled code'),
      (whole, at) => flipped(whole, at),
      (whole, at) => flipped(whole, at * 7919),
      (whole, at) => flipped(whole, whole.length - 1 - at),
    ];
    for (const damage of damages.filter((_, index) => isTurnOf(index, 3))) {
      for (const [index, path] of files.entries())
        writeFileSync(path, damage(bytes[index] ?? Buffer.alloc(0), 100 + index));
      expect(await run(chat, home)).toMatchObject({ code: 0, signal: null, stdout });
    }
  });

  test('is left out where it cannot be written', async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, 'cache'));
    // Not even root can make a directory where a file is.
    writeFileSync(join(home, 'cache/compiled'), 'a file');
    chmodSync(join(home, 'cache/compiled'), 0o400);
    expect((await run(chat, home)).code).toBe(0);
    expect((await run(chat, '/dev/null/home', { ALLTOKEN_HOME: '/dev/null/home' })).code).toBe(0);
  });

  test('of earlier builds goes, but for the last few', async () => {
    const home = temporaryFolder();
    const folder = join(home, 'cache/compiled');
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
      mkdirSync(join(folder, name), { recursive: true });
    await run(chat, home);
    expect(readdirSync(folder)).toHaveLength(4);
  });
});

function flipped(whole: Buffer, at: number): Buffer {
  const copy = Buffer.from(whole);
  const place = at % copy.length;
  copy[place] = (copy[place] ?? 0) ^ 0x10;
  return copy;
}
