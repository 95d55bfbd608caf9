import { expect, test } from 'vitest';
import { ToolCalls } from '../../src/client/tool-calls.ts';
import { Unread } from '../../src/client/unread.ts';

/** To look at what has come with each piece would be 1 TB of it. */
const PIECES = 500_000;

test.each([
  ['without id and name', {}],
  ['each with id and name', { id: 'a', name: 'f' }],
])('arguments in many pieces are put together in linear time: %s', (_what, { id, name }: Named) => {
  const calls = new ToolCalls();
  const add = (text: string, more: Named = {}): void =>
    calls.addPieces(
      [{ index: 0, id: more.id, function: { name: more.name, arguments: text } }],
      new Unread(),
    );
  add('{"a":"', { id: 'a', name: 'f' });
  for (let left = PIECES; left > 0; left -= 1) add('        ', { id, name });
  add('"}');
  const [call] = calls.whole(true).calls;
  expect(call?.function.arguments).toBe(`{"a":"${' '.repeat(8 * PIECES)}"}`);
});

interface Named {
  id?: string | undefined;
  name?: string | undefined;
}

test('an empty object goes for what comes behind it, with spaces around it too', () => {
  for (const first of [['{}'], ['{', '}'], [' {}', '\n'], ['{}', '', ' ']]) {
    const calls = new ToolCalls();
    const add = (text: string): void =>
      calls.addPieces([{ index: 0, function: { name: 'f', arguments: text } }], new Unread());
    for (const text of [...first, '{"a"', ':1}']) add(text);
    expect(calls.list.map(({ text }) => text)).toEqual(['{"a":1}']);
  }
});
