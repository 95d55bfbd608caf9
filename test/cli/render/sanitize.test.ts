import { describe, expect, test } from 'vitest';
import { cleanForTerminal, TerminalText } from '../../../src/cli/render/sanitize.ts';

/** What is left of these pieces of one stream. */
function clean(...pieces: string[]): string {
  const terminal = new TerminalText();
  return pieces.map((piece) => terminal.clean(piece)).join('');
}

const sequences: [name: string, sequence: string][] = [
  ['colour', '\u001b[31m'],
  ['colour with parameters', '\u001b[38;2;255;0;0m'],
  ['private mode', '\u001b[?1049h'],
  ['clear screen', '\u001b[2J'],
  ['cursor up', '\u001b[A'],
  ['intermediate bytes', '\u001b[4 q'],
  ['8-bit CSI', '\u009b31m'],
  ['title, BEL', '\u001b]0;owned\u0007'],
  ['title, ST', '\u001b]0;owned\u001b\\'],
  ['title, 8-bit', '\u009d0;owned\u009c'],
  ['clipboard', '\u001b]52;c;cm0gLXJmIC8=\u0007'],
  ['link', '\u001b]8;;https://evil.example\u001b\\'],
  ['title with an emoji', '\u001b]0;👋\u0007'],
  ['DCS', '\u001bPq#0;2;0;0;0\u001b\\'],
  ['8-bit DCS', '\u0090+q544e\u009c'],
  ['APC', '\u001b_Gf=100;AAAA\u001b\\'],
  ['PM', '\u001b^secret\u001b\\'],
  ['SOS', '\u001bXhidden\u001b\\'],
  ['8-bit SOS, PM, APC', '\u0098a\u009c\u009eb\u009c\u009fc\u009c'],
  ['reset', '\u001bc'],
  ['save cursor', '\u001b7'],
  ['character set', '\u001b(0'],
  ['alignment test', '\u001b#8'],
  ['twice ESC', '\u001b\u001b[31m'],
  ['a sequence that breaks off for another', '\u001b[3\u001b[31m'],
  ['a title that breaks off for a colour', '\u001b]0;x\u001b[31m'],
  ['BEL', '\u0007'],
  ['backspaces', '\b\b\b'],
  ['carriage return', '\r'],
  ['vertical tab, form feed', '\u000b\u000c'],
  ['NUL and DEL', '\u0000\u007f'],
  ['shift out, shift in', '\u000e\u000f'],
  ['NEL and other C1', '\u0085\u0084\u008d'],
  ['stray ST', '\u009c'],
  ['bidi embeddings and overrides', '\u202a\u202b\u202c\u202d\u202e'],
  ['bidi isolates', '\u2066\u2067\u2068\u2069'],
];

describe('a control sequence', () => {
  test.each(sequences)('leaves nothing behind: %s', (_, sequence) => {
    expect(clean(`before${sequence}after`)).toBe('beforeafter');
    expect(cleanForTerminal(`${sequence}after`)).toBe('after');
    expect(cleanForTerminal(`before${sequence}`)).toBe('before');
  });

  test.each(sequences)('leaves nothing behind however it is cut: %s', (_, sequence) => {
    const text = `before${sequence}after`;
    for (let a = 0; a <= text.length; a += 1)
      for (let b = a; b <= text.length; b += 1)
        expect(clean(text.slice(0, a), text.slice(a, b), text.slice(b))).toBe('beforeafter');
    expect(clean(...text.split(''))).toBe('beforeafter');
  });

  test('next to another leaves nothing dangerous behind', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    const dangerous = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
    const parts = [
      ...sequences.map(([, sequence]) => sequence),
      '\u001b',
      '\u001b[',
      '\u001b]',
      'x',
    ];
    const left = parts.flatMap((a) =>
      parts.flatMap((b) => [clean(a, b, 'text'), clean(a + b + a, 'text')]),
    );
    expect(left.filter((text) => dangerous.test(text))).toEqual([]);
  });
});

describe('text', () => {
  test.each([
    'plain',
    'lines\nand\ttabs\n\n',
    'Grüße, 你好, مرحبا, שלום',
    '👋🏽 👩‍👩‍👧‍👦 🇩🇪 ❤️ é',
    'marks of direction \u200e\u200f\u061c are no overrides',
    '[31m and ]0;title and \\ are text',
    'no-break\u00a0space and \u2028 line separator',
    '`code` <b>html</b> $x^2$',
    '',
  ])('stays as it is: %j', (text) => {
    expect(cleanForTerminal(text)).toBe(text);
    expect(clean(...text.split(''))).toBe(text);
    expect(cleanForTerminal(`\u001b[1m${text}`)).toBe(text);
  });

  test('loses at most its line to a string that never ends', () => {
    for (const open of ['\u001b]0;', '\u001bP', '\u001b_', '\u009d', '\u0090', '\u001bX'])
      expect(clean(`a${open}lost`, 'lost\nkept\n', 'kept')).toBe('a\nkept\nkept');
  });

  test('loses at most its line to a CSI that never ends', () => {
    expect(clean('a\u001b[', '1;2;3', '\nkept')).toBe('a\nkept');
  });

  test('loses at most one character to a stray ESC', () => {
    expect(clean('a\u001b', '\nkept')).toBe('a\nkept');
    expect(clean('a\u001b', 'bkept')).toMatch(/^ab?kept$/);
    expect(clean('kept\u001b')).toBe('kept');
  });

  test.each(['\u001b', '\u001b[', '\u001b[1', '\u001b]x\u001b', '\u009b'])(
    'keeps its characters whole after %j',
    (begin) => {
      const left = clean(begin, '👋é你');
      expect(Buffer.from(left).toString()).toBe(left);
    },
  );

  test('of many megabytes is cleaned in linear time', () => {
    const text = `${'x'.repeat(1000)}\u001b[31m\n`.repeat(5000);
    expect(cleanForTerminal(text)).toBe(`${'x'.repeat(1000)}\n`.repeat(5000));
    expect(cleanForTerminal(`\u001b]${'x'.repeat(5_000_000)}\nkept`)).toBe('\nkept');
  });
});
