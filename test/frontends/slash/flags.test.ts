import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { explain, lineOf, refusal } from '../../helpers/slash.ts';

/** Message, words of the command line. */
const lines: [message: string, words: string][] = [
  [
    '/alltoken-image a cat --size=1024x1536 --out cat.png',
    'image | --size=1024x1536 | --out=cat.png | -- | a cat',
  ],
  ['/alltoken-image --quality high -n 2 a cat', 'image | --quality=high | --count=2 | -- | a cat'],
  ['/alltoken-image a cat --json in a hat', 'image | --json | -- | a cat in a hat'],
  ['a --size=auto /alltoken-image --json b', 'image | --json | -- | b'],
  ['draw with alltoken --size=auto a cat', 'image | --size=auto | -- | a cat'],
  ['--json a cat /alltoken-image of a dog', 'image | -- | of a dog'],
  ['Draw with alltoken a cat --quality=high.', 'image | --quality=high | -- | a cat'],
  ['/alltoken-video a boat --ratio 9:16!', 'video | --ratio=9:16 | -- | a boat'],
  ['/alltoken-image a cat --quality=high, please', 'image | --quality=high | -- | a cat please'],
  ['/alltoken-chat --stop=. -s Short! why', 'chat | --stop=. | --system=Short! | -- | why'],
  ['/alltoken-chat --thinking why', 'chat | --thinking | -- | why'],
  ['/alltoken-chat --thinking 500 why', 'chat | --thinking=500 | -- | why'],
  ['/alltoken-chat --stop "" why', 'chat | --stop= | -- | why'],
  [
    '/alltoken-chat -s "be brief" --stop=‘the end’ why',
    'chat | --system=be brief | --stop=the end | -- | why',
  ],
  [
    '/alltoken-chat --no-stream gpt-5.4 what is --it really so --json',
    'chat | --no-stream | --json | -- | gpt-5.4 | what is --it really so',
  ],
  ['ask alltoken with model gpt-5.4: claude-4\nwhy', 'chat | --model=gpt-5.4 | -- | claude-4\nwhy'],
  ['/alltoken-models --kind image', 'models | --kind=image'],
  ['what alltoken models are available? --kind video', 'models | --kind=video'],
  ['/alltoken-cost --since 7d --by day', 'cost | --since=7d | --by=day'],
  ['/alltoken-cost gpt-5.4 19  12', 'cost | -- | gpt-5.4 | 19 | 12'],
  ['/alltoken-video --seed -5 a boat', 'video | --seed=-5 | -- | a boat'],
  ['/alltoken-image --help', 'image | --help'],
  // Prose, which may mention flags.
  ['/alltoken-chat What does -c mean in bash?', 'chat | -- | What | does -c mean in bash?'],
  ['/alltoken-chat what does rm -f do', 'chat | -- | what | does rm -f do'],
  [
    '/alltoken-chat explain git push --force origin',
    'chat | -- | explain | git push --force origin',
  ],
  ['/alltoken-search why --json and --strict it', 'search | -- | why --json and --strict it'],
  ['/alltoken-chat why -- because', 'chat | -- | why | -- because'],
  ['/alltoken-chat What does --model mean?', 'chat | -- | What | does --model mean?'],
  ['/alltoken-chat Is it --force?', 'chat | -- | Is | it --force?'],
  ['/alltoken-chat why -q', 'chat | -- | why | -q'],
  // At the ends.
  ['/alltoken-chat -q why', 'chat | --quiet | -- | why'],
  [
    '/alltoken-chat -q --max-tokens 9 why is --it really so --stop "a b" --json',
    'chat | --quiet | --max-tokens=9 | --stop=a b | --json | -- | why | is --it really so',
  ],
  ['/alltoken-search --json -- why --quiet', 'search | --json | -- | why --quiet'],
  ['/alltoken-image -- --json --size=auto', 'image | -- | --json --size=auto'],
  ['/alltoken-image --json -- --size=auto', 'image | --json | -- | --size=auto'],
  ['/alltoken-image a cat -- --json', 'image | --json | -- | a cat --'],
  [
    '/alltoken-image a couple -- hand in hand --size=1536x1024',
    'image | --size=1536x1024 | -- | a couple -- hand in hand',
  ],
];

const unknown: [words: string, near?: string][] = [
  ['image a cat --siez=auto', '--size'],
  ['image a cat —size=auto', '--size'],
  ['image a cat –size auto', '--size'],
  ['image a cat -size auto', '--size'],
  ['image a cat -n4', '-n, --count'],
  ['image a cat -ocat.png', '-o, --out'],
  ['chat -mgpt-5.4 why', '-m, --model'],
  ['image a cat (--quality=high)', '--quality'],
  ['image a cat [--size=auto]', '--size'],
  ['image a cat --quiet.', '--quiet'],
  ...[...'‐‑‒–—―⸺−﹣－⁃'].map((dash): [string, string] => [
    `image a ${dash}${dash}size=1`,
    '--size',
  ]),
  ...['\u200b--', '-\u200d-', '--\u2060', '\u00ad--'].map((dashes): [string, string] => [
    `image a cat ${dashes}json`,
    '--json',
  ]),
  ['chat —json why', '--json'],
  ['chat why is it --jsom', '--json'],
  ['chat why is it --jsom --quiet', '--json'],
  ['chat --api-key sk-abcdefgh1 hi'],
  ['chat --api_key=sk-abcdefgh1 hi'],
  ['chat -–api-key sk-abcdefgh1 hi'],
  ['chat —api-key sk-abcdefgh1 hi'],
  ['chat hi --api-key sk-abcdefgh1'],
  ['search hi --api-key=sk-abcdefgh1?'],
  ['chat hi --api-key sk-abcdefgh1? --json'],
  ['chat --json --api-key sk-abcdefgh1'],
  ['image a cat --api-key sk-abcdefgh1 in a hat'],
];

describe('flags in a message', () => {
  test.each(lines)('%j', async (message, words) => {
    expect(await lineOf(message)).toBe(words);
  });

  test.each([
    ['a cat\n--size=auto\nin a hat', 'a cat\nin a hat'],
    ['one\n\n two --json', 'one\n\n two'],
    ['a  b\tc', 'a  b\tc'],
    ['a cat --json\n\nin a hat', 'a cat\n\nin a hat'],
  ])('leave the white space of %j', async (text, kept) => {
    expect((await explain(`/alltoken-image ${text}`)).text).toBe(kept);
  });

  test.each(unknown)('%j is not a flag', async (words, near) => {
    const { code, hint } = await refusal(`/alltoken-${words}`);
    expect(code).toBe('unknown_flag');
    expect(hint).toContain(near ?? 'in quotes');
  });

  test.each([
    ['missing_value', 'chat why --max-tokens', '--max-tokens <count>'],
    ['missing_value', 'image a cat --size', '--size <size>'],
    ['missing_value', 'image --size --json a cat', '--size <size>'],
    ['missing_value', 'image --out -- a cat', '--out <path>'],
    ['unexpected_value', 'image --json=yes a cat'],
    ['invalid_argument', 'image --size=huge a cat'],
    ['invalid_argument', 'models --kind=song'],
    ['flag_refused', 'chat --base-url http://127.0.0.1:9/v1 hi', 'outside'],
    ['flag_refused', 'chat hi --base-url=http://127.0.0.1:9/v1'],
    ['flag_refused', 'chat hi --base-url http://127.0.0.1:9/v1'],
    ['flag_refused', 'chat --param "my_webhook=1" hi'],
    ['flag_refused', 'video --callback-url=https://example.com a'],
    ['flag_refused', 'video --param callback_url="x" a'],
    ['flag_refused', 'chat --mcp files hi'],
    ['flag_refused', 'chat hi --mcp=files'],
    ['flag_refused', 'chat --tools-approve auto --tool web_search hi'],
    ['flag_refused', 'chat --explain hi'],
    ['flag_refused', 'chat --allow-paths hi'],
    ['no_text', 'chat --quiet -'],
    ['conflicting_option', 'image a cat --json --jsonl'],
    ['conflicting_option', 'cost --csv --json'],
    ['conflicting_option', 'video --async --wait=5 a boat'],
    ['conflicting_option', 'models --health --kind=image'],
  ])('%s: %j', async (code, words, hint = '') => {
    const world = fakeDeps();
    expect(await world.run('slash', '--explain', `/alltoken-${words}`)).toBe(2);
    expect(world.out() + world.err()).toContain(code);
    expect(world.out() + world.err()).toContain(hint);
  });

  test('that are refused do not show their value', async () => {
    const { message } = await refusal('/alltoken-chat --api-key=sk-abcdefgh1 hi');
    expect(message).toBe('--api-key is not a flag of this command');
  });
});

test('J3: a flag of one value that is given twice is refused, --image is passed on', async () => {
  const twice = '/alltoken-image a cat --image=a.png --mask=a.png --mask=b.png';
  expect((await refusal(twice)).code).toBe('bad_flag');
  const { argv } = await explain('/alltoken-image a cat --image=a.png --image=b.png');
  expect(argv).toEqual(['image', '--image=a.png', '--image=b.png', '--', 'a cat']);
});
