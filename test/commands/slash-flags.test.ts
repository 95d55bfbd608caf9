import { describe, expect, test } from 'vitest';
import { events } from '../helpers/ask.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { explain, refusal } from '../helpers/slash.ts';

/** Message, words of the command line. */
const lines: [string, string[]][] = [
  [
    '/alltoken-image a cat --size=1024x1536 --out cat.png',
    ['image', '--size=1024x1536', '--out=cat.png', '--', 'a cat'],
  ],
  [
    '/alltoken-image --quality high -n 2 a cat',
    ['image', '--quality=high', '--count=2', '--', 'a cat'],
  ],
  ['/alltoken-image a cat --json in a hat', ['image', '--json', '--', 'a cat in a hat']],
  ['a cat --size=auto /alltoken-image --json', ['image', '--size=auto', '--json', '--', 'a cat']],
  ['draw a cat --size=auto with alltoken', ['image', '--size=auto', '--', 'a cat']],
  ['--json a cat /alltoken-image of a dog', ['image', '--', 'of a dog']],
  ['/alltoken-chat --thinking why', ['chat', '--thinking', '--', 'why']],
  ['/alltoken-chat --thinking 500 why', ['chat', '--thinking=500', '--', 'why']],
  ['/alltoken-chat --stop "" why', ['chat', '--stop=', '--', 'why']],
  [
    '/alltoken-chat -s "be brief" --stop=‘the end’ why',
    ['chat', '--system=be brief', '--stop=the end', '--', 'why'],
  ],
  [
    '/alltoken-chat --no-stream gpt-5.4 what is --it --json',
    ['chat', '--no-stream', '--json', '--', 'gpt-5.4', 'what is --it'],
  ],
  [
    'ask alltoken with model gpt-5.4: claude-4\nwhy',
    ['chat', '--model=gpt-5.4', '--', 'claude-4\nwhy'],
  ],
  ['/alltoken-models --type image', ['models', '--type=image']],
  ['what alltoken models are available? --type video', ['models', '--type=video']],
  ['/alltoken-cost --since 7d --by day', ['cost', '--since=7d', '--by=day']],
  ['/alltoken-cost gpt-5.4 19  12', ['cost', '--', 'gpt-5.4', '19', '12']],
  ['/alltoken-video --seed -5 a boat', ['video', '--seed=-5', '--', 'a boat']],
  ['/alltoken-image --help', ['image', '--help']],
];

const quoted: [string, string[]][] = [
  ['/alltoken-chat "--json --model x"', ['chat', '--', '--json --model x']],
  ['/alltoken-chat “why --json”', ['chat', '--', 'why --json']],
  ['/alltoken-chat say "--json" twice', ['chat', '--', 'say', '"--json" twice']],
  ["/alltoken-image a cat's 'big hat'", ['image', '--', "a cat's 'big hat'"]],
  ['/alltoken-image "a cat --json', ['image', '--json', '--', '"a cat']],
  ['/alltoken-image --out="my cat.png" a cat', ['image', '--out=my cat.png', '--', 'a cat']],
  ['/alltoken-image -- --json --size=auto', ['image', '--', '--json --size=auto']],
  ['/alltoken-image a cat -- --json', ['image', '--', 'a cat --json']],
  [
    '/alltoken-chat "gpt-5.4 is out, what changed?"',
    ['chat', '--', 'gpt-5.4 is out, what changed?'],
  ],
  ['/alltoken-image "a cat"\t--json', ['image', '--json', '--', 'a cat']],
];

describe('flags in a message', () => {
  test.each(lines)('%j', async (message, argv) => {
    expect((await explain(message)).argv).toEqual(argv);
  });

  test.each(quoted)('and its quotes: %j', async (message, argv) => {
    expect((await explain(message)).argv).toEqual(argv);
  });

  test.each([
    ['a cat\n--size=auto\nin a hat', 'a cat\nin a hat'],
    ['one\n\n two --json', 'one\n\n two'],
    ['a  b\tc', 'a  b\tc'],
    ['a cat --json\n\nin a hat', 'a cat\n\nin a hat'],
  ])('leave the white space of %j', async (text, kept) => {
    expect((await explain(`/alltoken-image ${text}`)).text).toBe(kept);
  });

  test.each([
    ['/alltoken-image a cat --siez=auto', 'unknown_flag', '--size'],
    ['/alltoken-image a cat —size=auto', 'unknown_flag', '--size'],
    ['/alltoken-image a cat –size auto', 'unknown_flag', '--size'],
    ['/alltoken-image a cat -size auto', 'unknown_flag', '--size'],
    ['/alltoken-image a cat -n4', 'unknown_flag', '-n, --count'],
    ['/alltoken-image a cat --quiet.', 'unknown_flag', '--quiet'],
    ['/alltoken-image a cat --size', 'missing_value', '--size <size>'],
    ['/alltoken-image --size --json a cat', 'missing_value', '--size <size>'],
    ['/alltoken-image --out -- a cat', 'missing_value', '--out <path>'],
    ['/alltoken-image --json=yes a cat', 'unexpected_value', null],
    ['/alltoken-image --size=huge a cat', 'invalid_argument', null],
    ['/alltoken-models --type=song', 'invalid_argument', null],
    ['/alltoken-chat --base-url http://127.0.0.1:9/v1 hi', 'flag_refused', 'outside'],
    ['/alltoken-chat hi --base-url=http://127.0.0.1:9/v1', 'flag_refused', null],
    ['/alltoken-video --callback-url=https://example.com a', 'flag_refused', null],
    ['/alltoken-video --param callback_url="x" a', 'flag_refused', null],
    ['/alltoken-chat --explain hi', 'flag_refused', null],
    ['/alltoken-chat --allow-paths hi', 'flag_refused', null],
    ['/alltoken-chat --quiet -', 'no_text', null],
  ])('%j is refused: %s', async (message, code, hint) => {
    const refused = await refusal(message);
    expect(refused.code).toBe(code);
    if (hint !== null) expect(refused.hint).toContain(hint);
  });

  test('of other programs are text, with a note', async () => {
    const { text, notes } = await explain('/alltoken-chat what does git rebase --autosquash do');
    expect(text).toBe('what does git rebase --autosquash do');
    expect(notes).toEqual([expect.stringContaining('--autosquash')]);
  });
});

describe('flags outside the message', () => {
  test('go to the command', async () => {
    const { argv, flags } = await explain('/alltoken-image a cat --json', [
      '-g',
      'sandbox',
      '--max-cost',
      '0.05',
      '--timeout=30',
      '--no-color',
    ]);
    expect(argv).toEqual([
      'image',
      '--max-cost=0.05',
      '--gateway=sandbox',
      '--timeout=30',
      '--no-color',
      '--json',
      '--',
      'a cat',
    ]);
    expect(flags.map(({ from }) => from)).toEqual([...Array(4).fill('caller'), 'message']);
  });

  test.each([
    [['-g', 'sandbox'], '-g alltoken'],
    [['--max-cost', '0.01'], '--max-cost=100'],
    [['--timeout', '5'], '--timeout 600'],
    [['-q'], '--quiet'],
  ])('%j cannot be set again by %j', async (argv, flag) => {
    expect((await refusal(`/alltoken-chat hi ${flag}`, argv)).code).toBe('flag_fixed');
  });

  test('leave the message free to add a tag', async () => {
    const { argv } = await explain('/alltoken-chat hi --tag two', ['--tag', 'one']);
    expect(argv).toEqual(['chat', '--tag=one', '--tag=two', '--', 'hi']);
  });

  test('about money say nothing to a command that buys nothing', async () => {
    const { argv, notes } = await explain('/alltoken-cost --tag ci', ['--tag', 'x', '--dry-run']);
    expect(argv).toEqual(['cost', '--tag=ci']);
    expect(notes).toHaveLength(2);
  });

  test('--jsonl needs a command that has it', async () => {
    const world = fakeDeps();
    expect(await world.run('slash', '--jsonl', '/alltoken-models')).toBe(2);
    expect(events(world)).toMatchObject([{ type: 'error', error: { code: 'unsupported' } }]);
    expect((await explain('/alltoken-chat hi', ['--jsonl'])).argv).toContain('--jsonl');
  });
});
