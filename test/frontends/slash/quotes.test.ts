import { describe, expect, test } from 'vitest';
import { explain, lineOf, refusal } from '../../helpers/slash.ts';

const pairs = `"" '' “” ‘’ „“ „” ‚‘ «» »« ‹› ›‹ 「」 『』 \`\``.split(' ');

const quoted: [message: string, words: string][] = [
  ['/alltoken-chat "--json --model x"', 'chat | -- | --json --model x'],
  ['/alltoken-chat “why --json”', 'chat | -- | why --json'],
  ['/alltoken-chat say "--json" twice', 'chat | -- | say | "--json" twice'],
  ["/alltoken-image a cat's 'big hat'", "image | -- | a cat's 'big hat'"],
  ['/alltoken-image "a cat --json', 'image | --json | -- | "a cat'],
  ['/alltoken-image --out="my cat.png" a cat', 'image | --out=my cat.png | -- | a cat'],
  ['/alltoken-chat "gpt-5.4 is out, what changed?"', 'chat | -- | gpt-5.4 is out, what changed?'],
  ['/alltoken-image "a cat"\t--json', 'image | --json | -- | a cat'],
  [
    '/alltoken-image --param extra={"a":"b c"} a cat',
    'image | --param=extra={"a":"b c"} | -- | a cat',
  ],
  ['/alltoken-image --param note="b c" a cat', 'image | --param=note="b c" | -- | a cat'],
  ['/alltoken-cost “gpt-5.4-nano” 19 12?', 'cost | -- | gpt-5.4-nano | 19 | 12'],
  ['/alltoken-models "claude-opus-4-7"?', 'models | -- | claude-opus-4-7'],
];

/** None of them holds a command, or a flag of `image`. */
const quotations = [
  '`alltoken video --size=auto`',
  '``alltoken video ` --size=auto``',
  '```alltoken video --size=auto```',
  '```sh\nalltoken video\n--size=auto\n```',
  '```\nalltoken video --size=auto',
  '> alltoken video --size=auto',
  '> alltoken video\n> --size=auto',
  '  >> --size=auto alltoken video',
  '(“alltoken video --size=auto”)',
  '["alltoken video", "--size=auto"]',
  '{"alltoken video":"--size=auto --json"}',
  'said:"alltoken video --size=auto"',
  "x='alltoken video --size=auto'",
  '说「alltoken video --size=auto」的',
  '« alltoken video --size=auto »',
];

describe('quotes in a message', () => {
  test.each(quoted)('%j', async (message, words) => {
    expect(await lineOf(message)).toBe(words);
  });

  test.each(pairs)('%s hold no flag and no command', async (pair) => {
    const [open = '', close = ''] = pair;
    for (const before of ['', '(', '[', '{', 'so:', 'x=']) {
      const text = `a ${before}${open}alltoken video --json${close} b`;
      expect(await lineOf(`/alltoken-image ${text}`)).toBe(`image | -- | ${text}`);
    }
    const out = await lineOf(`/alltoken-image --out=${open}a b.png${close} a cat`);
    expect(out).toBe('image | --out=a b.png | -- | a cat');
    expect(await lineOf(`/alltoken-image ${open}a cat${close}`)).toBe('image | -- | a cat');
  });

  test.each(quotations)('%j is a quotation', async (quotation) => {
    const text = `this:\n${quotation}`;
    expect((await explain(`/alltoken-image ${text}`)).argv).toEqual(['image', '--', text]);
    expect((await refusal(`look\n${quotation}`)).code).toBe('no_trigger');
  });

  test.each([
    ['a > b --json', 'a > b'],
    ['it`s a cat --json', 'it`s a cat'],
    ['the ``` cat --json', 'the ``` cat'],
    ['5" x 7" --json', '5" x 7"'],
    ['„a cat --json', '„a cat'],
    ['» a cat --json', '» a cat'],
  ])('%j quotes nothing', async (words, text) => {
    expect(await lineOf(`/alltoken-image ${words}`)).toBe(`image | --json | -- | ${text}`);
  });

  test.each([
    '"/alltoken-image a cat"',
    ' ‘alltoken image a cat’ ',
    '`alltoken image a cat`',
    '„alltoken image a cat“',
    '"/alltoken-image "a cat""',
  ])('%j is taken out of them once', async (message) => {
    expect((await explain(message)).text).toBe('a cat');
  });

  test('are not taken off two pairs, nor off what is no pair', async () => {
    expect((await refusal('"`alltoken image a cat`"')).code).toBe('no_trigger');
    expect((await refusal('"alltoken image" is no "thing"')).code).toBe('no_trigger');
  });
});
