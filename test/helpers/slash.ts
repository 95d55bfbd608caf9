/** What `alltoken slash --explain` makes of a message. */
import { expect } from 'vitest';
import { type FakeOptions, type FakeWorld, fakeDeps } from './fake-deps.ts';

export interface Explained {
  trigger: { phrase: string; command: string };
  argv: string[];
  flags: { name: string; value: string | null; from: 'message' | 'caller' }[];
  text: string;
  before: string;
  notes: string[];
}

export interface Refused {
  message: string;
  code: string;
  hint: string | null;
  exit: number;
}

/** `slash --explain …argv <message>` in a world of its own. */
export async function explain(
  message: string,
  argv: readonly string[] = [],
  world: FakeWorld = fakeDeps(),
): Promise<Explained> {
  const code = await world.run('slash', '--explain', ...argv, '--', message);
  expect(code, world.out() + world.err()).toBe(0);
  return world.json() as unknown as Explained;
}

/** The words of the command line that a message becomes, with bars between. */
export async function lineOf(
  message: string,
  argv: readonly string[] = [],
  world?: FakeWorld,
): Promise<string> {
  return (await explain(message, argv, world)).argv.join(' | ');
}

/** The failure of a message that must not run: exit 2, and nothing but the document on stdout. */
export async function refusal(
  message: string,
  argv: readonly string[] = [],
  options: FakeOptions | FakeWorld = {},
): Promise<Refused> {
  const world = 'run' in options ? options : fakeDeps(options);
  const code = await world.run('slash', '--explain', '--json', ...argv, '--', message);
  expect(code, world.out()).toBe(2);
  const { error } = world.json() as { error: Refused };
  expect(error.exit).toBe(2);
  return error;
}

export const seeds = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];

/** The same numbers for the same seed, everywhere: mulberry32. */
export function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Pieces of messages: commands, flags of all of them, and what else is written. */
export const triggers = [
  '/alltoken-chat',
  'alltoken image',
  '$alltoken-video',
  'alltoken_search',
  'use alltoken web search',
  'draw with alltoken',
  'ask alltoken with model gpt-5.4',
  'generate an image via alltoken',
  'make a video on alltoken',
  'find with alltoken',
  'what alltoken models are available',
  'how much did that cost',
  'alltoken cost',
  'never',
];
export const flags = [
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
  '--kind',
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
  '--api-key',
  'sk-abcdefgh1',
  '(--json)',
  '\u200b--json',
  '－－json',
  '-ox.png',
];
export const rest = [
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
  '```',
  '\n> ',
  '„',
  '«',
  '»',
  '「',
  '」',
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
