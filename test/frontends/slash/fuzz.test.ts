import { symlinkSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';
import { type Explained, flags, generator, rest, seeds, triggers } from '../../helpers/slash.ts';

const MESSAGES = 60;

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

/** Every word of the message, with its place; of one that was quoted as a whole, the ends carry the marks. */
function words(message: string): { word: string; at: number }[] {
  return [...message.matchAll(/[\S\ufeff]+/g)].map(({ 0: word, index }) => ({
    word: word.replace(/^["`]/, '').replace(/["`]$/, ''),
    at: index,
  }));
}

const shorts: Readonly<Record<string, string>> = {
  '--quiet': '-q',
  '--out': '-o',
  '--file': '-f',
  '--system': '-s',
  '--model': '-m',
};

function expectHonest(message: string, explained: Explained): void {
  const { argv, flags: found, text, trigger, before } = explained;
  const hint = JSON.stringify([message, text]);
  const end = argv.indexOf('--');
  const head = end === -1 ? argv.slice(1) : argv.slice(1, end);
  // The author wrote each flag as a word of its own behind the command, or in a phrase that names a model.
  const behind = message.indexOf(trigger.phrase.split(' ').at(-1) ?? '');
  for (const { name, value } of found) {
    const isWritten = words(message).some(
      ({ word, at }) =>
        at >= behind && (word === name || word === shorts[name] || word.startsWith(`${name}=`)),
    );
    const isNamed = name === '--model' && value === 'gpt-5.4';
    expect(isWritten || isNamed, `${name} of ${hint}`).toBe(true);
    if (value !== null) expect(message).toContain(value);
  }
  expect(head).toHaveLength(found.length);
  expect(head.every((word) => word.startsWith('--'))).toBe(true);
  const none = ['--base-url', '--callback-url', '--allow-paths', '--mcp', '--tools-approve'];
  expect(found.filter(({ name }) => none.includes(name))).toEqual([]);
  // Prose is one piece of the message; elsewhere flags may have been cut out of it.
  const isProse = ['chat', 'search'].includes(argv[0] ?? '');
  if (isProse || found.length === 0) expect(message, hint).toContain(text);
  expect(isSubsequence(wordsOf(text), message), hint).toBe(true);
  expect(message, hint).toContain(before);
  const given = argv.slice(head.length + 2).join(' ');
  // `cost` is given numbers and an id, each without its quotes.
  const shown = argv[0] === 'cost' ? withoutMarks : (all: string): string => all;
  expect(wordsOf(shown(given)), hint).toEqual(wordsOf(shown(text)));
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function withoutMarks(text: string): string {
  return text.replace(/["'“”‘’„«»「」`]/g, '');
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

  test.each(seeds)('of any characters ends in 0 or 2 (seed %i)', async (seed) => {
    const next = generator(seed);
    for (let count = 0; count < MESSAGES; count += 1) {
      const junk = Array.from({ length: 1 + next(40) }, () =>
        String.fromCharCode(next(next(3) === 0 ? 0x1_0000 : 0x80)),
      ).join('');
      const message = next(2) === 0 ? `/alltoken-image ${junk}` : `${junk} alltoken chat ${junk}`;
      const { world } = watched();
      const code = await world.run('slash', '--explain', '--', message);
      expect([0, 2], `${JSON.stringify(message)} ${world.err()}`).toContain(code);
      if (code === 0) expectHonest(message, world.json() as unknown as Explained);
    }
  });
});
