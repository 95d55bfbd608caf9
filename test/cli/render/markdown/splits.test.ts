/** However an answer is cut on its way, the same bytes are printed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TerminalText } from '../../../../src/cli/render/sanitize.ts';
import { printed, unstyled } from '../../../helpers/markdown.ts';
import { runs } from '../../../helpers/share.ts';

/** What markdown is made of, and what it is not made for. */
const parts = fc.oneof(
  fc.constantFrom(
    ...[
      '*',
      '**',
      '***',
      '_',
      '__',
      '~~',
      '`',
      '``',
      '```',
      '~~~',
      '\n',
      '\n\n',
      ' ',
      '    ',
      '\t',
    ],
    ...[
      '# ',
      '## ',
      ' #',
      '- ',
      '* ',
      '1. ',
      '10) ',
      '> ',
      '>',
      '[ ] ',
      '- [x] ',
      '---',
      '===',
      '***\n',
    ],
    ...['|', '| a | b |\n', '|---|:-:|\n', '| **x** | `y` |\n', '```js\n', 'code();\n'],
    ...[
      '[',
      ']',
      '](',
      '](http://a.example/b_(c))',
      '[text](',
      '![alt](x.png)',
      '[a](a)',
      ')',
      '"title"',
    ],
    ...[
      '<',
      '<https://a.example>',
      '<br>',
      '&amp;',
      '&#27;',
      '&#x202e;',
      '&nope;',
      '&',
      '\\',
      '\\*',
      '!',
    ],
    ...[
      'word',
      'another',
      'x'.repeat(90),
      '中文字，',
      '「',
      '한국어',
      '👩‍👩‍👧',
      '\ud83d',
      '\udc4d',
      'e\u0301',
      '\u200d',
      '\u00a0',
    ],
    'https://a.example/an/address/that/is/longer/than/a/line?of=80&columns=or_so#anchor_of_it',
  ),
  fc.string({ maxLength: 6, unit: 'binary' }),
);
const answer = fc.array(parts, { maxLength: 50 }).map((list) => list.join(''));
const look = fc.record({ columns: fc.constantFrom(10, 20, 40, 80, 100), colour: fc.boolean() });

const controls =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test('the bytes do not depend on the pieces', () => {
  fc.assert(
    fc.property(answer, look, fc.array(fc.integer({ min: 1, max: 30 })), (text, how, lengths) => {
      const clean = new TerminalText().clean(text);
      const whole = printed([clean], how);
      expect(printed([...clean], how)).toBe(whole);
      expect(printed(cut(clean, lengths), how)).toBe(whole);
    }),
    { numRuns: runs(1500) },
  );
});

test.each([
  ['code that does not end', '``'],
  ['an address that does not end', '[text](http://a.example/'],
])('%s is cut at no half of a character', (_what, begin) => {
  for (const columns of [10, 40, 80])
    for (let length = 0; length < 2 * columns; length += 1) {
      const text = `${begin}${'x'.repeat(length)}${'\u{20000}'.repeat(columns)}`;
      expect(printed([...text], { columns })).toBe(printed([text], { columns }));
    }
});

test('nothing moves the cursor, and no control character is printed', () => {
  fc.assert(
    fc.property(answer, look, (text, how) => {
      const shown = printed([new TerminalText().clean(text)], how);
      expect(unstyled(shown)).not.toMatch(controls);
    }),
    { numRuns: runs(1500) },
  );
});

test('styles are closed at the end of every line', () => {
  fc.assert(
    fc.property(answer, look, (text, how) => {
      for (const line of printed([new TerminalText().clean(text)], how).split('\n')) {
        let open = new Set<number>();
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the styles begin with one
        for (const [, codes = ''] of line.matchAll(/\u001b\[([\d;]*)m/g))
          for (const code of codes.split(';').map(Number)) {
            if (code === 0) open = new Set();
            else if (code === 39) open = new Set([...open].filter((one) => one < 30));
            else if (code >= 22 && code <= 29) open.delete(code === 22 ? 1 : code - 20);
            else open.add(code);
          }
        expect([...open]).toEqual([]);
      }
    }),
    { numRuns: runs(500) },
  );
});

/** In pieces of these lengths, over and over; no character is cut in two. */
function cut(text: string, lengths: readonly number[]): string[] {
  const characters = [...text];
  const pieces: string[] = [];
  for (let at = 0; characters.length > 0; at += 1)
    pieces.push(characters.splice(0, lengths[at % lengths.length] ?? 7).join(''));
  return pieces;
}
