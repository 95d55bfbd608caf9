import { describe, expect, test } from 'vitest';
import { pruneToolResults } from '../../src/agent/prune.ts';
import type { ChatMessage } from '../../src/agent/types.ts';

const result = (id: number, length: number): ChatMessage[] => [
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: `c${id}`, type: 'function', function: { name: 'look', arguments: '{}' } }],
  },
  { role: 'tool', tool_call_id: `c${id}`, content: 'x'.repeat(length) },
];
const history: ChatMessage[] = [
  { role: 'user', content: 'Look' },
  ...[1, 2, 3, 4].flatMap((id) => result(id, 1000)),
];
const about = { model: 'm', step: 1 };
const lengths = (messages: readonly ChatMessage[]): number[] =>
  messages.flatMap(({ role, content }) => (role === 'tool' ? [String(content).length] : []));

describe('pruneToolResults', () => {
  test('leaves the oldest results out until the rest fits, and says so in their place', () => {
    const prune = pruneToolResults({ keep: 1, above: 0.5 });
    const pruned = prune(history, { ...about, contextWindow: 1500 });
    expect(lengths(pruned).map((length) => length === 1000)).toEqual([false, false, true, true]);
    expect(pruned[2]).toMatchObject({
      role: 'tool',
      tool_call_id: 'c1',
      content: expect.stringContaining('1000 characters'),
    });
    // The history is not ours to change.
    expect(lengths(history)).toEqual([1000, 1000, 1000, 1000]);
  });

  test('keeps the newest whatever they take', () => {
    const pruned = pruneToolResults({ keep: 3, above: 0 })(history, { ...about, contextWindow: 1 });
    expect(lengths(pruned).filter((length) => length === 1000)).toHaveLength(3);
  });

  test('leaves everything where there is room, and where the window is not known', () => {
    for (const contextWindow of [100_000, null])
      expect(pruneToolResults()(history, { ...about, contextWindow })).toEqual(history);
  });

  test('makes no result longer', () => {
    const short = result(1, 3);
    expect(pruneToolResults({ keep: 0, above: 0 })(short, { ...about, contextWindow: 1 })).toEqual(
      short,
    );
  });

  test.each([{ keep: -1 }, { keep: 0.5 }, { above: 2 }, { above: Number.NaN }])(
    '%o is a mistake',
    (options) => {
      expect(() => pruneToolResults(options)).toThrow(
        expect.objectContaining({ code: 'bad_option' }),
      );
    },
  );
});
