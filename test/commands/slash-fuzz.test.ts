import { symlinkSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import { type Explained, explain } from '../helpers/slash.ts';

const seeds = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];
const MESSAGES = 60;

/** The same numbers for the same seed, everywhere: mulberry32. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const triggers = [
  '/alltoken-chat',
  'alltoken image',
  '$alltoken-video',
  'alltoken_search',
  'use alltoken web search',
  'draw',
  'with alltoken',
  'ask alltoken',
  'ask gpt-5.4 via alltoken',
  'what alltoken models are available',
  'how much did that cost',
  'alltoken cost',
];
const flags = [
  '--json',
  '--jsonl',
  '-q',
  '--out',
  '--out=x.png',
  '--out=../x.png',
  '-o',
  '--size',
  '--size=auto',
  '-f',
  '--file=in.txt',
  '--file=/etc/passwd',
  '-s',
  '--system=@in.txt',
  '--model',
  '-m',
  '--thinking',
  '--param',
  '--param=a=1',
  '--stop="a b"',
  '--tag',
  '--max-cost',
  '--type',
  '--since',
  '--no-stream',
  '--base-url',
  '--base-url=http://127.0.0.1:9',
  '--callback-url=http://127.0.0.1:9',
  '--allow-paths',
  '--help',
  '--',
  '-',
  '—json',
  '--jsom',
];
const rest = [
  'a cat',
  'gpt-5.4-mini',
  'why',
  '5',
  '"',
  "'",
  '“',
  '”',
  '‘',
  '’',
  '`',
  "what's",
  '$(touch pwned)',
  '`id`',
  '; rm -rf /',
  '&& ls',
  '> out',
  '*',
  '{a,b}',
  '@in.txt',
  'link/passwd',
  '../up',
  '\n',
  '\r\n',
  '\t',
  '\u00a0',
  '猫',
  '🐈',
  '\u202e',
  '\u0000',
  '.',
  ',',
  '(',
  ')',
  '=',
  '\\',
];

function compose(next: (below: number) => number): string {
  const pools = [triggers, flags, rest, rest];
  const pick = (from: readonly string[]): string => from[next(from.length)] ?? '';
  let message = next(4) === 0 ? '' : pick(triggers);
  for (let count = next(9); count >= 0; count -= 1) {
    const pool = pools[next(pools.length)] ?? rest;
    message += (next(5) === 0 ? '' : ' ') + pick(pool);
  }
  return next(12) === 0 ? `"${message}"` : message;
}

/** Every word of the message that could be a flag on its own: not in quotes, as far as a reader can tell. */
function words(message: string): string[] {
  return message.split(/\s+/);
}

function expectHonest(message: string, { argv, flags: found, text }: Explained): void {
  const end = argv.indexOf('--');
  const before = end === -1 ? argv.slice(1) : argv.slice(1, end);
  // The author wrote each flag, as a word of its own or in a phrase that names a model.
  for (const { name, value } of found) {
    const short = { '--quiet': '-q', '--out': '-o', '--file': '-f', '--system': '-s' }[name];
    const other = name === '--model' ? '-m' : (short ?? name);
    const isWritten = words(message).some((word) =>
      [name, other, `${name}=`].some((form) =>
        form.endsWith('=') ? word.replace(/^["'“‘`]/, '').startsWith(form) : trimmed(word) === form,
      ),
    );
    const isNamed = name === '--model' && value === 'gpt-5.4';
    expect(isWritten || isNamed, `${name} of ${JSON.stringify(message)}`).toBe(true);
    if (value !== null) expect(message.replace(/["'“”‘’]/g, '')).toContain(bare(value));
  }
  expect(before).toHaveLength(found.length);
  expect(before.every((word) => word.startsWith('--'))).toBe(true);
  const none = ['--base-url', '--callback-url', '--allow-paths'];
  expect(found.filter(({ name }) => none.includes(name))).toEqual([]);
  // The text is what was written: all of it where no flag was taken out.
  const pieces = text.split(/\s+/).filter((piece) => piece !== '');
  expect(isSubsequence(pieces, message), JSON.stringify([message, text])).toBe(true);
  if (found.length === 0 && !words(message).includes('--')) expect(message).toContain(text);
  expect(
    argv
      .slice(end === -1 ? argv.length : end + 1)
      .join(' ')
      .split(/\s+/)
      .join(' '),
  ).toBe(end === -1 ? '' : text.split(/\s+/).join(' '));
}

/** Of a message that was quoted as a whole, the first and the last word carry the marks. */
function trimmed(word: string): string {
  return word.replace(/^["`]/, '').replace(/["`]$/, '');
}

function bare(value: string): string {
  return value.replace(/["'“”‘’]/g, '');
}

function isSubsequence(pieces: readonly string[], message: string): boolean {
  let from = 0;
  return pieces.every((piece) => {
    const at = message.indexOf(piece, from);
    from = at + piece.length;
    return at !== -1;
  });
}

/** A world that notes what is read, and fails when a program or the network is asked for. */
function watched(): { world: FakeWorld; reads: string[]; ran: unknown[] } {
  const reads: string[] = [];
  const ran: unknown[] = [];
  const world = fakeDeps({
    files: {
      read: async (path) => {
        reads.push(path);
        throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      },
    },
    runCommand: (command) => {
      ran.push(command);
      return { exitCode: 1, stdout: '', stderr: '' };
    },
  });
  symlinkSync('/etc', `${world.home}/link`);
  return { world, reads, ran };
}

/** Anything but a command, and none of the marks that would end the quote. */
function junk(next: (below: number) => number): string {
  const pool = [...flags, ...rest].filter((fragment) => !/["'“”‘’]/.test(fragment));
  return Array.from({ length: 1 + next(8) }, () => pool[next(pool.length)]).join(' ');
}

describe('any message', () => {
  test.each(seeds)('adds no flag, reads no file and reaches no shell (seed %i)', async (seed) => {
    const next = generator(seed);
    let understood = 0;
    for (let count = 0; count < MESSAGES; count += 1) {
      const message = compose(next);
      const { world, reads, ran } = watched();
      const code = await world.run('slash', '--explain', '--', message);
      const hint = JSON.stringify(message);
      expect([0, 2], `${hint} ${world.err()}`).toContain(code);
      expect([reads, ran], hint).toEqual([[], []]);
      if (code === 2) continue;
      understood += 1;
      const explained = world.json() as unknown as Explained;
      expectHonest(message, explained);
      for (const { name, value } of explained.flags)
        if (['--out', '--file'].includes(name) && value !== null)
          expect(relative(world.home, resolve(world.home, value)), hint).not.toMatch(/^\.\./);
    }
    expect(understood).toBeGreaterThan(MESSAGES / 10);
  });

  test.each(seeds)('has no flag in quotes, nor after -- (seed %i)', async (seed) => {
    const next = generator(seed);
    for (let count = 0; count < MESSAGES / 4; count += 1) {
      const words = junk(next);
      const [open, close] = [...(['""', "''", '“”', '‘’'][next(4)] ?? '')];
      const quoted = await explain(`/alltoken-chat "x" ${open}${words}${close}, y`);
      expect([quoted.flags, quoted.text]).toEqual([[], `"x" ${open}${words}${close}, y`]);
      const alone = await explain(`/alltoken-image ${open}x${words}${close}`);
      expect(alone.argv).toEqual(['image', '--', `x${words}`]);
      const ended = await explain(`/alltoken-image -- x ${words}`);
      expect(ended.argv).toEqual(['image', '--', `x ${words}`.trim()]);
    }
  });
});
