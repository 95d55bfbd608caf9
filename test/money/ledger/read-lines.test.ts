import { describe, expect, test } from 'vitest';
import { linesFromEnd } from '../../../src/money/ledger/last-call.ts';
import { type LineBatch, readLines } from '../../../src/money/ledger/read-lines.ts';

/** A file of these bytes whose array is used again by each read, as the real one's. */
function fileOf(content: string | Uint8Array) {
  const bytes = Buffer.from(content);
  const shared = Buffer.alloc(2 * 1024 * 1024);
  const reads: number[] = [];
  return {
    reads,
    size: bytes.length,
    read(offset: number, length: number) {
      reads.push(length);
      shared.fill(0x23);
      return shared.subarray(0, bytes.copy(shared, 0, offset, offset + length));
    },
    close: async () => {},
  };
}

function all(content: string | Uint8Array, from = 0) {
  const batches: LineBatch[] = [...readLines(fileOf(content), from)];
  return {
    lines: batches.flatMap(({ lines }) => lines),
    end: batches.at(-1)?.end,
    rest: batches
      .map(({ rest }) => rest)
      .join('|')
      .replace(/^\|*/, ''),
    tooLong: batches.reduce((sum, { tooLong }) => sum + tooLong, 0),
  };
}

const many = Array.from({ length: 3000 }, (_, i) => `${i} wörd 中文 😀 ${'x'.repeat(i % 97)}`);
const megabyte = 1024 * 1024;

describe('lines of a file', () => {
  test('come whole, whatever characters stand where a step ends', () => {
    const text = `${many.join('\n')}\n`;
    expect(all(text)).toEqual({
      lines: many,
      end: Buffer.byteLength(text),
      rest: '',
      tooLong: 0,
    });
  });

  test('leave the torn one apart, and end before it', () => {
    expect(all('one\ntwo\nthr')).toEqual({
      lines: ['one', 'two'],
      end: 8,
      rest: 'thr',
      tooLong: 0,
    });
    expect(all('thr')).toEqual({ lines: [], end: 0, rest: 'thr', tooLong: 0 });
  });

  test('of an empty file are none', () => {
    expect(all('')).toEqual({ lines: [], end: 0, rest: '', tooLong: 0 });
  });

  test('can be read from where the last reading ended', () => {
    const text = 'one\ntwo\nthree\n';
    expect(all(text, all('one\ntwo\nthr').end).lines).toEqual(['three']);
    expect(all(text, text.length)).toMatchObject({ lines: [], end: text.length });
  });

  test('of up to a megabyte are taken, longer ones are skipped and counted', () => {
    const long = 'y'.repeat(megabyte - 2);
    expect(all(`a\n${long}\nb\n`)).toMatchObject({ lines: ['a', long, 'b'], tooLong: 0 });
    const tooLong = 'z'.repeat(megabyte * 2 + 5);
    expect(all(`a\n${tooLong}\nb\n${tooLong}`)).toMatchObject({
      lines: ['a', 'b'],
      rest: '',
      tooLong: 2,
    });
  });

  test('are never more in memory than a megabyte', () => {
    const file = fileOf(`${'z'.repeat(megabyte * 3)}\nb\n`);
    for (const _ of readLines(file, 0));
    expect(Math.max(...file.reads)).toBeLessThanOrEqual(megabyte);
  });
});

describe('lines from the end', () => {
  const fromEnd = (content: string): string[] => [...linesFromEnd(fileOf(content))];

  test('come whole, the last one first', () => {
    const long = Array.from({ length: 5 }, () => many).flat();
    expect(fromEnd(`${long.join('\n')}\n`)).toEqual(long.reverse());
  });

  test('include a torn one', () => expect(fromEnd('one\ntw')).toEqual(['tw', 'one']));

  test('of an empty file are none', () => expect(fromEnd('')).toEqual([]));

  test('leave out what is too long to be ours', () => {
    const tooLong = 'z'.repeat(megabyte * 2);
    expect(fromEnd(`a\n${tooLong}\nb\n`)).toEqual(['b', 'a']);
    expect(fromEnd(`${tooLong}\nb\n`)).toEqual(['b']);
    expect(fromEnd(`a\n${tooLong}`)).toEqual(['a']);
  });

  test('are not read further than wanted', () => {
    const file = fileOf(`${many.join('\n')}\n`.repeat(20));
    for (const line of linesFromEnd(file)) if (line !== '') break;
    expect(file.reads).toHaveLength(1);
  });
});
