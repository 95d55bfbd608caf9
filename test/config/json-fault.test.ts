import { describe, expect, it } from 'vitest';
import { findJsonFault } from '../../src/config/json-fault.ts';

const sample =
  '{"a": [1, -0.5e+3, true, false, null, "x\\u00e9\\n"],\n "b": {"c": {}, "d": []}, "e": ""}';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('findJsonFault', () => {
  it.each([
    ['{"a":1,}', 1, 8, 'a key in double quotes, found }'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'a comma or the closing bracket, found "'],
    ['{\r\n // x\r\n}', 2, 2, 'found / (JSON has no comments)'],
    ["{'a':1}", 1, 2, "found ' (JSON strings have double quotes)"],
    ['{"a"', 1, 5, 'a colon, found the end of the file'],
    ['{"a":"x', 1, 6, 'an unterminated string'],
    ['{"a":1} x', 1, 9, 'the end of the file, found x'],
    ['[1,]', 1, 4, 'a value, found ]'],
    ['{"a":\u0007}', 1, 6, 'a value, found U+0007'],
    ['\n\n', 3, 1, 'a value, found the end of the file'],
  ])('%j', (text, line, column, words) => {
    const fault = findJsonFault(text);
    expect(fault).toMatchObject({ line, column });
    expect(fault?.reason).toContain(words);
  });

  it('finds a fault exactly where JSON.parse does', () => {
    const marks = [
      '"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '\\',
      '0',
      '-',
      'e',
      '.',
      ' ',
      '\n',
      '\u0001',
      't',
      'é',
    ];
    let bad = 0;
    for (let at = 0; at <= sample.length; at += 1) {
      const texts = [
        sample.slice(0, at),
        sample.slice(at),
        sample.slice(0, at) + sample.slice(at + 1),
      ];
      for (const mark of marks) {
        texts.push(
          sample.slice(0, at) + mark + sample.slice(at),
          sample.slice(0, at) + mark + sample.slice(at + 1),
        );
      }
      for (const text of texts) {
        if (!isJson(text)) bad += 1;
        expect(findJsonFault(text) === null, text).toBe(isJson(text));
      }
    }
    expect(bad).toBeGreaterThan(1000);
  });

  it('survives a file of brackets', () => {
    expect(findJsonFault('['.repeat(1_000_000))).toMatchObject({ line: 1, column: 1_000_001 });
    expect(findJsonFault(`"${'\\n'.repeat(500_000)}`)).toMatchObject({ line: 1, column: 1 });
  });
});
