import { expect, test } from 'vitest';
import { hashOf, hashText, LineIndex, lineStates } from '../../src/batch/line-index.ts';

test('a million lines are found again, each with its state', () => {
  const index = new LineIndex();
  const count = 100_000;
  for (let number = 1; number <= count; number += 1)
    expect(index.add(number, hashOf(`id-${number}`), hashOf('x'), lineStates.unread)).toBe(null);
  for (let number = 1; number <= count; number += 997) {
    expect(index.find(`id-${number}`)).toBe(number);
    index.setState(number, lineStates.done);
  }
  expect(index.find('id-0')).toBe(null);
  expect(index.count(lineStates.done)).toBe(Math.ceil(count / 997));
});

test('two ids with the same hash are told apart once they are known', () => {
  const index = new LineIndex();
  const hash = hashOf('a');
  expect(index.add(1, hash, hash, lineStates.unread)).toBe(null);
  expect(index.add(2, hash, hash, lineStates.unread)).toBe(1);
  index.share('a', 1, 'b', 2);
  expect([index.find('a'), index.find('b')]).toEqual([1, 2]);
});

test('a hash is 16 digits, and its halves are whole numbers', () => {
  for (const text of ['', 'a', 'line']) expect(hashText(hashOf(text))).toMatch(/^[0-9a-f]{16}$/);
  expect(hashText(hashOf('abc'))).toBe('a9993e364706816a');
});
