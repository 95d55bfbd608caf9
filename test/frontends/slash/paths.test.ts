import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import { explain, lineOf, refusal } from '../../helpers/slash.ts';

/** A working directory with ways out of it. */
function world(): FakeWorld {
  const made = fakeDeps();
  made.write('in.txt', 'mine');
  mkdirSync(`${made.home}/folder`);
  symlinkSync('/etc', `${made.home}/out`);
  symlinkSync('/nowhere/file', `${made.home}/dangling`);
  symlinkSync('circle', `${made.home}/circle`);
  return made;
}

const outside: [command: string, flag: string][] = [
  ['image', '--out=/elsewhere/x.png'],
  ['image', '--out ../x.png'],
  ['image', '-o "../x y.png"'],
  ['image', '--out folder/../../x.png'],
  ['image', '--out out/x.png'],
  ['image', '--out=out/none/x.png'],
  ['image', '--image /etc/passwd'],
  ['image', '--image https://x/../../../etc/passwd'],
  ['image', '--mask=out/passwd'],
  ['chat', '-f /etc/passwd'],
  ['chat', '--file=out/passwd'],
  ['chat', '-f data:x/../../../../etc/passwd'],
  ['chat', '--schema ../x.json'],
  ['search', '--schema=https:/../../x.json'],
  ['video', '--first-frame /etc/passwd'],
  ['video', '--reference=../x.mp4'],
  ['video', '--last-frame-out=/elsewhere/x.png'],
];

const inside: [command: string, flag: string, word: string][] = [
  ['image', '--out=x.png', '--out=x.png'],
  ['image', '--out folder/new/x.png', '--out=folder/new/x.png'],
  ['image', '-o -', '--out=-'],
  ['chat', '-f in.txt', '--file=in.txt'],
  ['chat', '-f https://example.com/../a.png', '--file=https://example.com/../a.png'],
  ['video', '--first-frame https://e.com/a.png', '--first-frame=https://e.com/a.png'],
  ['chat', '--system "not a @file"', '--system=not a @file'],
];

describe('files that a message names', () => {
  test.each(outside)('%s %s needs --allow-paths', async (command, flag) => {
    const message = `/alltoken-${command} ${flag} hello`;
    const { code, hint } = await refusal(message, [], world());
    expect(code).toBe('path_outside');
    expect(hint).toContain('--allow-paths');
    expect((await explain(message, ['--allow-paths'], world())).argv).toHaveLength(4);
  });

  test.each(inside)('%s %s is allowed', async (command, flag, word) => {
    const words = await lineOf(`/alltoken-${command} ${flag} hello`, [], world());
    expect(words).toBe(`${command} | ${word} | -- | hello`);
  });

  test.each(['dangling', 'dangling/x.png', 'circle', 'circle/x.png'])(
    'a link to nowhere does not lead out: %s',
    async (path) => {
      const refused = await refusal(`/alltoken-image --out ${path} hello`, [], world());
      expect(refused.code).toBe('path_outside');
      expect(refused.message).toContain('broken or circular link');
      expect(refused.hint).toContain('--allow-paths');
    },
  );

  test('nothing is inside the root of the disk', async () => {
    const made = world();
    const atRoot = { ...made.deps, workingDirectory: '/' };
    const message = '/alltoken-image --out=tmp/x.png --json hello';
    expect(await run(['slash', '--explain', message], atRoot)).toBe(2);
    const { error } = made.json() as { error: { code: string; hint: string } };
    expect(error.code).toBe('path_outside');
    expect(error.hint).toMatch(/separate directory, or .*--allow-paths/);
    expect(await run(['slash', '--explain', '--allow-paths', message], atRoot)).toBe(0);
  });

  test.each(['-s @in.txt', '--system=@/etc/passwd', '--system "@in.txt"'])(
    'no file is read for %s',
    async (flag) => {
      const reads: string[] = [];
      const read = async (path: string): Promise<Uint8Array> => {
        reads.push(path);
        return new Uint8Array();
      };
      const made = fakeDeps({ files: { read } });
      expect((await refusal(`/alltoken-chat ${flag} hi`, [], made)).code).toBe('file_refused');
      expect(reads).toEqual([]);
    },
  );

  test.each([
    ['chat -f -', 'no_stdin'],
    ['image --image=-', 'bad_flag'],
    ['video --last-frame-out -', 'bad_flag'],
  ])('standard input is none: %s', async (words, code) => {
    expect((await refusal(`/alltoken-${words} hi`)).code).toBe(code);
  });

  test.each(['pics/..', '..', './..', 'pics/../..'])('no dot is taken off %s', async (path) => {
    const { argv } = await explain(`/alltoken-image a --out=${path}`, ['--allow-paths'], world());
    expect(argv).toContain(`--out=${path}`);
    if (path === 'pics/..') return;
    const { code } = await refusal(`/alltoken-image a --out=${path}`, [], world());
    expect(code).toBe('path_outside');
  });

  test('text that begins with @ or - is text', async () => {
    expect((await explain('/alltoken-chat @in.txt')).argv).toEqual(['chat', '--', '@in.txt']);
    expect((await explain('/alltoken-chat "- one"')).argv).toEqual(['chat', '--', '- one']);
  });
});
