/** Where a batch may write: a plain file, under whatever name. What cannot be one is refused before anything is written. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openBatch, someLines } from '../../helpers/batch.ts';

describe.skipIf(process.platform === 'win32')('-o', () => {
  test.each([
    [
      'a pipe',
      'EFTYPE',
      'choose another name with -o',
      (path: string) => execFileSync('mkfifo', [path]),
    ],
    ['a directory', 'EISDIR', '-o out.jsonl/in.results.jsonl', (path: string) => mkdirSync(path)],
    ['a link to nowhere', 'ENOENT', 'mkdir -p', (path: string) => symlinkSync('gone/x', path)],
    [
      'a link to a device',
      'EFTYPE',
      'choose another name with -o',
      (path: string) => symlinkSync('/dev/null', path),
    ],
  ])('%s is refused, and nothing is left beside it', async (_name, code, hint, make) => {
    const world = await openBatch();
    world.input(...someLines(2));
    make(join(world.home, 'out.jsonl'));
    const before = readdirSync(world.home);
    const ran = await world.batch('--json');
    const { error } = JSON.parse(ran.out);
    expect([ran.code, error.code, error.hint]).toEqual([50, code, expect.stringContaining(hint)]);
    expect(readdirSync(world.home)).toEqual(before);
    expect(world.chats()).toEqual([]);
  });

  test.each([
    ['newdir/', 50, 'EISDIR', /^mkdir -p \S*newdir, then: -o newdir\/in\.results\.jsonl$/],
    ['there/', 50, 'EISDIR', /^-o there\/in\.results\.jsonl$/],
    ['there', 50, 'EISDIR', /^-o there\/in\.results\.jsonl$/],
    ['-', 2, 'bad_flag', /^-o results\.jsonl, then: cat results\.jsonl$/],
    ['/dev/stdout', 2, 'bad_flag', /^-o in\.results\.jsonl, then: cat in\.results\.jsonl$/],
    ['/proc/self/fd/1', 2, 'bad_flag', /^-o in\.results\.jsonl, then: cat/],
  ])('%s names no file: refused with a name that does', async (out, code, slug, hint) => {
    const world = await openBatch();
    world.input(...someLines(2));
    mkdirSync(join(world.home, 'there'));
    const before = readdirSync(world.home, { recursive: true });
    const ran = await world.batch('-o', out, '--json');
    const { error } = JSON.parse(ran.out);
    expect([ran.code, error.code, error.hint]).toEqual([code, slug, expect.stringMatching(hint)]);
    expect(readdirSync(world.home, { recursive: true })).toEqual(before);
    expect(world.chats()).toEqual([]);
  });

  test('in a directory that is not there says how to make it', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    const ran = await world.batch('-o', 'no/out.jsonl');
    expect([ran.code, ran.err]).toEqual([50, expect.stringContaining('mkdir -p')]);
  });

  test('a link stays one, and both names are the same batch', async () => {
    const world = await openBatch();
    world.input(...someLines(3));
    writeFileSync(join(world.home, 'real.jsonl'), '');
    symlinkSync('real.jsonl', join(world.home, 'out.jsonl'));
    expect((await world.batch('--limit', '2')).code).toBe(0);
    expect(existsSync(join(world.home, 'real.jsonl.state'))).toBe(true);
    expect((await world.batch('-o', 'real.jsonl', '--in-order')).code).toBe(0);
    expect(world.chats()).toHaveLength(3);
    expect(lstatSync(join(world.home, 'out.jsonl')).isSymbolicLink()).toBe(true);
    expect(world.lines().map(({ alltoken }) => alltoken.line)).toEqual([1, 2, 3]);
  });

  test('without its state says so, and so does a state that is none', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    await world.batch('--limit', '1');
    const state = join(world.home, 'out.jsonl.state');
    const other =
      /^restore .*out\.jsonl\.state from a copy, or take the lines that have a result out of the input, and give the rest to another batch, or begin another batch, and pay for all lines again, with -o$/;
    for (const [text, code, hint] of [
      ['', 'no_state', other],
      ['nothing', 'bad_state', other],
      [
        '{"v":2,"flags":{}}',
        'bad_state',
        /^go on with this batch: npm install .*@latest, or begin/,
      ],
    ] as const) {
      writeFileSync(state, text);
      const ran = await world.batch('--json');
      const { error } = JSON.parse(ran.out);
      expect([ran.code, error.code, error.hint]).toEqual([50, code, expect.stringMatching(hint)]);
      expect(error.hint).not.toMatch(/remove|delete/);
    }
    expect(world.chats()).toHaveLength(1);
  });

  test('a link to the input is the input: 2', async () => {
    const world = await openBatch();
    world.input(...someLines(2));
    symlinkSync('in.jsonl', join(world.home, 'out.jsonl'));
    const ran = await world.batch('--json');
    expect([ran.code, JSON.parse(ran.out).error.code]).toEqual([2, 'output_is_input']);
  });
});
