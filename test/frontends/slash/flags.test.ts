import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { explain, refusal } from '../../helpers/slash.ts';

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
  ['a --size=auto /alltoken-image --json b', ['image', '--json', '--', 'b']],
  ['draw with alltoken --size=auto a cat', ['image', '--size=auto', '--', 'a cat']],
  ['--json a cat /alltoken-image of a dog', ['image', '--', 'of a dog']],
  ['Draw with alltoken a cat --quality=high.', ['image', '--quality=high', '--', 'a cat']],
  ['/alltoken-video a boat --ratio 9:16!', ['video', '--ratio=9:16', '--', 'a boat']],
  [
    '/alltoken-image a cat --quality=high, please',
    ['image', '--quality=high', '--', 'a cat please'],
  ],
  ['/alltoken-chat --stop=. -s Short! why', ['chat', '--stop=.', '--system=Short!', '--', 'why']],
  ['/alltoken-chat --thinking why', ['chat', '--thinking', '--', 'why']],
  ['/alltoken-chat --thinking 500 why', ['chat', '--thinking=500', '--', 'why']],
  ['/alltoken-chat --stop "" why', ['chat', '--stop=', '--', 'why']],
  [
    '/alltoken-chat -s "be brief" --stop=‘the end’ why',
    ['chat', '--system=be brief', '--stop=the end', '--', 'why'],
  ],
  [
    '/alltoken-chat --no-stream gpt-5.4 what is --it really so --json',
    ['chat', '--no-stream', '--json', '--', 'gpt-5.4', 'what is --it really so'],
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

/** Where the text is prose, which may speak of flags. */
const prose: [string, string[]][] = [
  ['/alltoken-chat What does -c mean in bash?', ['What', 'does -c mean in bash?']],
  ['/alltoken-chat what does rm -f do', ['what', 'does rm -f do']],
  ['/alltoken-chat explain git push --force origin', ['explain', 'git push --force origin']],
  ['/alltoken-search why --json and --strict it', ['why --json and --strict it']],
  ['/alltoken-chat why -- because', ['why', '-- because']],
  ['/alltoken-chat What does --model mean?', ['What', 'does --model mean?']],
  ['/alltoken-chat Is it --force?', ['Is', 'it --force?']],
  ['/alltoken-chat why -q', ['why', '-q']],
];

const ended: [string, string[]][] = [
  ['/alltoken-chat -q why', ['chat', '--quiet', '--', 'why']],
  [
    '/alltoken-chat -q --max-tokens 9 why is --it really so --stop "a b" --json',
    ['chat', '--quiet', '--max-tokens=9', '--stop=a b', '--json', '--', 'why', 'is --it really so'],
  ],
  ['/alltoken-search --json -- why --quiet', ['search', '--json', '--', 'why --quiet']],
  ['/alltoken-image -- --json --size=auto', ['image', '--', '--json --size=auto']],
  ['/alltoken-image --json -- --size=auto', ['image', '--json', '--', '--size=auto']],
  ['/alltoken-image a cat -- --json', ['image', '--json', '--', 'a cat --']],
  [
    '/alltoken-image a couple -- hand in hand --size=1536x1024',
    ['image', '--size=1536x1024', '--', 'a couple -- hand in hand'],
  ],
];

describe('flags in a message', () => {
  test.each(lines)('%j', async (message, argv) => {
    expect((await explain(message)).argv).toEqual(argv);
  });

  test.each(prose)('are text within prose: %j', async (message, words) => {
    const { argv, flags } = await explain(message);
    expect(flags).toEqual([]);
    expect(argv.slice(1)).toEqual(['--', ...words]);
  });

  test.each(ended)('stand at the ends: %j', async (message, argv) => {
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
    ['/alltoken-image a cat -ocat.png', 'unknown_flag', '-o, --out'],
    ['/alltoken-chat -mgpt-5.4 why', 'unknown_flag', '-m, --model'],
    ['/alltoken-image a cat (--quality=high)', 'unknown_flag', '--quality'],
    ['/alltoken-image a cat [--size=auto]', 'unknown_flag', '--size'],
    ...[...'‐‑‒–—―⸺−﹣－⁃'].map((dash): [string, string, string] => [
      `/alltoken-image a cat ${dash}${dash}size=auto`,
      'unknown_flag',
      '--size',
    ]),
    ...['\u200b--', '-\u200d-', '--\u2060', '\u00ad--'].map((dashes): [string, string, string] => [
      `/alltoken-image a cat ${dashes}json`,
      'unknown_flag',
      '--json',
    ]),
    ['/alltoken-chat —json why', 'unknown_flag', '--json'],
    ['/alltoken-chat --api-key sk-abcdefgh1 hi', 'unknown_flag', 'in quotes'],
    ['/alltoken-chat --api_key=sk-abcdefgh1 hi', 'unknown_flag', null],
    ['/alltoken-chat -–api-key sk-abcdefgh1 hi', 'unknown_flag', null],
    ['/alltoken-chat —api-key sk-abcdefgh1 hi', 'unknown_flag', null],
    ['/alltoken-chat hi --api-key sk-abcdefgh1', 'unknown_flag', null],
    ['/alltoken-search hi --api-key=sk-abcdefgh1?', 'unknown_flag', null],
    ['/alltoken-chat hi --api-key sk-abcdefgh1? --json', 'unknown_flag', null],
    ['/alltoken-chat --json --api-key sk-abcdefgh1', 'unknown_flag', null],
    ['/alltoken-image a cat --api-key sk-abcdefgh1 in a hat', 'unknown_flag', null],
    ['/alltoken-chat why is it --jsom', 'unknown_flag', '--json'],
    ['/alltoken-chat why is it --jsom --quiet', 'unknown_flag', '--json'],
    ['/alltoken-chat why --max-tokens', 'missing_value', '--max-tokens <count>'],
    ['/alltoken-chat hi --base-url http://127.0.0.1:9/v1', 'flag_refused', null],
    ['/alltoken-image a cat --quiet.', 'unknown_flag', '--quiet'],
    ['/alltoken-image a cat --size', 'missing_value', '--size <size>'],
    ['/alltoken-image --size --json a cat', 'missing_value', '--size <size>'],
    ['/alltoken-image --out -- a cat', 'missing_value', '--out <path>'],
    ['/alltoken-image --json=yes a cat', 'unexpected_value', null],
    ['/alltoken-image --size=huge a cat', 'invalid_argument', null],
    ['/alltoken-models --type=song', 'invalid_argument', null],
    ['/alltoken-chat --base-url http://127.0.0.1:9/v1 hi', 'flag_refused', 'outside'],
    ['/alltoken-chat hi --base-url=http://127.0.0.1:9/v1', 'flag_refused', null],
    ['/alltoken-chat --param "my_webhook=1" hi', 'flag_refused', null],
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

  test('that are refused keep what was given with them', async () => {
    const { message } = await refusal('/alltoken-chat --api-key=sk-abcdefgh1 hi');
    expect(message).toBe('--api-key is not a flag of this command');
  });

  test.each([
    ['/alltoken-image a cat --json --jsonl', 'conflicting_option'],
    ['/alltoken-cost --csv --json', 'conflicting_option'],
    ['/alltoken-video --async --wait=5 a boat', 'conflicting_option'],
    ['/alltoken-models --health --type=image', 'conflicting_option'],
  ])('%j say two things', async (message, code) => {
    const world = fakeDeps();
    expect(await world.run('slash', '--explain', message)).toBe(2);
    expect(world.out() + world.err()).toContain(code);
  });
});
