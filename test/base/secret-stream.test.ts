import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formsOfAll, SecretStream, withoutSecret } from '../../src/base/redact.ts';
import { addSecret, withoutSecrets } from '../../src/base/secrets.ts';

const key = 'sk-at-0123456789abcdef';
const stream = (): SecretStream => new SecretStream(formsOfAll([key]));

describe('a secret in a stream', () => {
  it('is found wherever it is cut, and all else stays', () => {
    const words = fc.array(fc.constantFrom(key, 's', 'sk-', 'sk-at-01', ' ', 'x', '\u200b', '🦜'));
    fc.assert(
      fc.property(words, fc.array(fc.nat(60)), (parts, cuts) => {
        const text = parts.join('');
        const shown = stream();
        const places = [...new Set(cuts)].sort((a, b) => a - b);
        let from = 0;
        let out = '';
        for (const at of [...places, text.length]) {
          out += shown.push(text.slice(from, Math.max(from, at)));
          from = Math.max(from, at);
        }
        out += shown.rest();
        expect(out.replaceAll('\u200b', '')).not.toContain(key);
        // At most its first three characters are shown before it is known.
        const seen = (one: string): string => one.replaceAll('\u200b', '');
        const expected = seen(text).split(key).join('***');
        expect(seen(out).replace(/(s|sk|sk-)\*\*\*/g, '***').length).toBeLessThanOrEqual(
          expected.length,
        );
        if (!seen(text).includes(key)) expect(out).toBe(text);
      }),
    );
  });

  it('holds back nothing of ordinary text, not even what begins like it', () => {
    for (const word of ['Yes', 'task', ' risk-', 'sk', 'a\n', '🦜'])
      expect(stream().push(word)).toBe(word);
  });

  it('waits only while it may be one', () => {
    const shown = stream();
    expect(shown.push('the key sk-at-')).toBe('the key ');
    expect(shown.push('0123')).toBe('');
    expect(shown.push(' no')).toBe('sk-at-0123 no');
  });

  it('takes out the rest where its begin was shown', () => {
    const shown = stream();
    expect(shown.push('s')).toBe('s');
    expect(shown.push('k-')).toBe('k-');
    expect(shown.push(`${key.slice(3)}!`)).toBe('***!');
  });

  it('bounds what waits', () => {
    const shown = stream();
    let out = '';
    for (let count = 0; count < 100; count += 1)
      out += shown.push(count === 0 ? 'sk-at' : '\u200b'.repeat(100));
    expect(out.length).toBeGreaterThan(4000);
  });

  it('costs little', () => {
    const shown = stream();
    const started = performance.now();
    let length = 0;
    for (let count = 0; count < 200_000; count += 1) length += shown.push(' some words').length;
    expect(length).toBe(2_200_000);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('a secret with what nobody sees in it', () => {
  it.each([
    '\u200b',
    '\u00ad',
    '\ufeff',
    '\u202e',
    '\u0007',
    '\u001b[0m',
    '\u2060\ufe0f',
    '\ufff9',
    '\u3164',
    '\uffa0',
    '\u2028',
    '\u2800',
    '\u{e0100}',
    '\u{e0020}',
    '\u{1d173}',
    '\u{1bca0}',
  ])('%j', (unseen) => {
    const odd = key.slice(0, 7) + unseen + key.slice(7);
    expect(withoutSecret(`a ${odd} b${unseen}`, key)).toBe(`a *** b${unseen}`);
  });

  it('is all that Unicode ignores by default, and all controls and formats but line ends, tabs and what is drawn', () => {
    const ignored = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
    const isDrawn = /[\t\n\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2]/;
    for (let code = 0; code < 0x110000; code += 1) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const unseen = String.fromCodePoint(code);
      if (!ignored.test(unseen) || isDrawn.test(unseen)) continue;
      expect(withoutSecret([...key].join(unseen), key), code.toString(16)).toBe('***');
    }
  });

  it('is found where a piece ends within such a character', () => {
    const shown = stream();
    let out = '';
    for (const unit of [...key].join('\u{e0100}').split('')) out += shown.push(unit);
    expect(out + shown.rest()).toMatch(/^[^a]{3,12}\*\*\*$/u);
  });

  it('is gone from any JSON, names included', () => {
    const secrets = new Set([key]);
    const value = { [key]: [1, `x${key}`, null], other: { a: true } };
    expect(withoutSecrets(value, secrets)).toEqual({
      '***': [1, 'x***', null],
      other: { a: true },
    });
    const clean = { a: ['b'] };
    expect(withoutSecrets(clean, secrets)).toBe(clean);
  });
});

it('the last keys are known, and none that is short', () => {
  const secrets = new Set<string>();
  addSecret('short', secrets);
  for (let count = 0; count < 40; count += 1) addSecret(`a-key-of-some-length-${count}`, secrets);
  expect(secrets.size).toBe(16);
  expect(secrets).toContain('a-key-of-some-length-39');
});
