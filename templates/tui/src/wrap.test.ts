import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { withoutLast, wrap } from './wrap.js';

const texts = [
  'The quick brown fox jumps over the lazy dog, and over it again.',
  '敏捷的棕色狐狸跳过了懒狗，然后又跳了一次。',
  'a mix of 狐狸 and 👩‍👩‍👧‍👦 families, with https://example.com/a/very/long/address/that/fits/nowhere',
  '    if (indented) {\n        stay(indented);\n    }\n',
];

test('no line is wider than the terminal, and nothing but spaces is lost', () => {
  for (const text of texts)
    for (const columns of [2, 7, 20, 80]) {
      const lines = wrap(text, columns);
      for (const line of lines) assert.ok(stringWidth(line) <= columns, `${columns}: ${line}`);
      assert.equal(lines.join('').replace(/\s/g, ''), text.replace(/\s/g, ''));
    }
});

test('a line that is complete stays as it is while the text grows', () => {
  for (const text of texts)
    for (let length = 1; length < text.length; length += 1) {
      const before = wrap(text.slice(0, length), 20).slice(0, -1);
      assert.deepEqual(wrap(text, 20).slice(0, before.length), before);
    }
});

test('a backspace takes one character, however many code points it has', () => {
  assert.equal(withoutLast('a👩‍👩‍👧‍👦'), 'a');
  assert.equal(withoutLast('e\u0301'), '');
  assert.equal(withoutLast('狐狸'), '狐');
  assert.equal(withoutLast(''), '');
});
